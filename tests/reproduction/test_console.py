"""What a run says on the screen, from the records of Snakemake's log."""

import io
import logging

import pytest

from reproduction import console as module
from reproduction.console import Console


class Event:
    """An event of Snakemake's log, by its value."""

    def __init__(self, value):
        self.value = value


def record(event=None, message="", **known):
    made = logging.makeLogRecord({"msg": message, "levelno": logging.INFO, **known})
    if event:
        made.event = Event(event)
    return made


@pytest.fixture
def console(monkeypatch):
    """Return a console whose clock the test sets, on no terminal."""
    made = Console(io.StringIO())
    made.begun = made.said = 0.0
    monkeypatch.setattr(module.time, "monotonic", lambda: made.now)
    return made


def run(console, *rules, stats):
    console.now = 0.0
    console.emit(record("run_info", stats=stats | {"total": sum(stats.values())}))
    for index, (rule, now) in enumerate(rules):
        console.now = now
        console.emit(record("job_info", jobid=index, rule_name=rule))
        console.emit(record("job_finished", job_id=index))
    return console.stream.getvalue()


def test_time_left_weighs_jobs_by_their_rule(console):
    said = run(console, ("make_table", 5.0), ("train_glr", 24.0), stats={"train_glr": 3, "make_table": 1})
    # 13 of 37 weighted seconds took 24: the other 24 will take 44. The first job came too soon for a line.
    assert said == "2 of 4 jobs done, about 44 s left\n"


def test_the_time_left_is_not_guessed_from_the_first_jobs(console):
    said = run(console, ("make_table", 11.0), ("train_glr", 24.0), stats={"train_glr": 2, "make_table": 1})
    assert said.splitlines()[0] == "1 of 3 jobs done"


def test_the_last_job_is_always_told(console):
    assert run(console, ("make_table", 0.1), stats={"make_table": 1}) == "1 of 1 jobs done\n"


def test_a_failed_job_is_told_with_its_log_and_the_logs_end(console, tmp_path):
    log = tmp_path / "train.log"
    log.write_text("".join(f"line {number}\n" for number in range(9)) + "train-glr: diverged.\n")
    known = {
        "jobid": 3,
        "rule_name": "train_glr",
        "log": [str(log)],
        "wildcards": {"model": "glr_abs", "replicate": "1"},
    }
    console.emit(record("job_error", **known))
    console.emit(record("job_error", jobid=4, rule_name="figure1", log=[str(tmp_path / "absent.log")], wildcards=None))
    console.tell_end()
    said = console.stream.getvalue()
    assert f"train_glr glr_abs 1 failed: {log}\n" in said
    assert "    line 5\n    line 6\n    line 7\n    line 8\n    train-glr: diverged.\n" in said and "line 4" not in said
    assert f"figure1 failed: {tmp_path / 'absent.log'}\n" in said
    assert said.endswith("The run has failed; finished jobs are kept, and the same command continues.\n")


def test_an_interrupted_run_blames_no_job(console):
    console.emit(record(message="Terminating processes on user request, this might take some time."))
    console.emit(record("job_error", jobid=3, rule_name="train_glr", log=[], wildcards=None))
    console.tell_end()
    assert (
        console.stream.getvalue()
        == "\nStopping the running jobs.\nInterrupted; finished jobs are kept, and the same command continues.\n"
    )


def test_a_target_that_there_is_not_is_told_with_the_nearest(console):
    console.targets = ["table1", "table2", "figure1", "train_bp"]
    console.emit(record(message="MissingRuleException:\nNo rule to produce table3 (if you use input functions)."))
    said = console.stream.getvalue()
    assert said.startswith(
        "target: found 'table3', but a target of snakemake --list or a file is needed (did you mean table"
    )
    assert "table1" in said and "table2" in said and "train_bp" not in said


def test_a_dry_run_counts_its_jobs_once():
    logger, screen = logging.Logger("test"), logging.StreamHandler(io.StringIO())
    logger.addHandler(screen)
    Console(io.StringIO()).attach(logger)
    for message in ("Job stats:", "Job stats:"):
        logger.handle(record("run_info", message, stats={"train_bp": 1, "total": 1}))
    assert screen.stream.getvalue() == "Job stats:\n"


def test_the_screen_is_spared_what_is_told_here_and_a_file_keeps_it(tmp_path):
    logger = logging.Logger("test")
    screen, file = logging.StreamHandler(io.StringIO()), logging.FileHandler(tmp_path / "log")
    logger.addHandler(screen)
    logger.addHandler(file)
    Console(io.StringIO()).attach(logger)
    for one in (
        record("job_error", "Error in rule", jobid=1),
        record(message="RuleException:"),
        record(message="Job stats:"),
    ):
        logger.handle(one)
    assert screen.stream.getvalue() == "Job stats:\n"
    assert (tmp_path / "log").read_text() == "Error in rule\nRuleException:\nJob stats:\n"
