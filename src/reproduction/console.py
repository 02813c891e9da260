"""What a run says on the screen: how far it is, how long it takes yet, and what failed with the reason."""

import difflib
import logging
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

SECONDS = {
    "train_glr": 12.0,
    "train_bp": 7.0,
    "calibrate_attack": 18.0,
    "attack_lbfgs": 8.0,
    "attack_victim": 10.0,
    "evaluate_corruptions": 3.0,
}
"""What one job of a rule takes, to weigh jobs that are left by; a job of any other rule counts as one second."""

NOISE = (
    "Select jobs to execute...",
    "Building DAG of jobs...",
    "Assuming unrestricted shared filesystem usage.",
    "Conda environments: ignored",
    "Config file",
    "Using shell:",
    "Rules claiming more threads",
    "RuleException:",
    "MissingRuleException:",
    "CalledProcessError in",
    "Cannot restore",
    "Shutting down",
    "Exiting because a job execution failed",
    "WorkflowError:\nAt least one job did not complete successfully.",
    "Terminating processes on user request",
    "Reasons:",
)
"""How words of Snakemake begin that are said in every run, or of a job whose failure `Console` tells."""

LINES = 5
"""How many of the last lines of a failed job's log are shown."""

BEGUN = 0.05
"""The share of the work that is done before the time left is told: the first jobs say little of the others."""

PAUSE = 10.0
"""Seconds between two lines of progress where there is no terminal."""


class Console(logging.Handler):
    """Follows Snakemake's log, whatever ``--quiet`` leaves of it.

    Parameters
    ----------
    stream : text stream
        Where to write.
    """

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        super().__init__()
        self.stream = stream
        self.begun = self.said = time.monotonic()
        self.left: dict[str, int] = {}
        self.rules: dict[int, str] = {}
        self.interrupted = False
        self.targets: list[str] = []
        """The names of all rules."""
        self.failed: dict[str, Mapping[str, Any]] = {}

    def attach(self, logger: logging.Logger) -> None:
        """Follow a logger, and leave out on its screen what is told here; its file keeps all."""
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(lambda record: not self._told(record))
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Take up what a record tells of the run."""
        known = vars(record)
        match getattr(known.get("event"), "value", None):
            case "run_info":
                self.left = {rule: count for rule, count in known["stats"].items() if rule != "total"}
                self.whole, self.done, self.begun = self._seconds(), 0, time.monotonic()
            case "job_info":
                self.rules[known["jobid"]] = known["rule_name"]
            case "job_finished":
                rule = self.rules.get(known["job_id"], "")
                if self.left.get(rule):
                    self.left[rule] -= 1
                    self.done += 1
                    self._show()
            case "job_error":
                self.failed[str(known["jobid"])] = known
            case _:
                words = str(record.msg)
                if words.startswith("Terminating processes on user request") and not self.interrupted:
                    self.interrupted = True
                    self.stream.write("\nStopping the jobs that run.\n")
                if unknown := re.search(r"No rule to produce (\S+)", words):
                    self.stream.write(self.nearest_targets(unknown[1]))

    def _told(self, record: logging.LogRecord) -> bool:
        """Return whether a record's words say what is said here, or nothing to a user."""
        event = getattr(vars(record).get("event"), "value", None)
        # A dry run counts its jobs twice.
        again = event == "run_info" and bool(self.left)
        known = again or event in ("job_started", "job_finished", "progress", "job_error")
        return known or str(record.msg).startswith(NOISE)

    def _seconds(self) -> float:
        return sum(count * SECONDS.get(rule, 1.0) for rule, count in self.left.items())

    def _show(self) -> None:
        now, jobs = time.monotonic(), self.done + sum(self.left.values())
        if not self.stream.isatty() and now - self.said < PAUSE and self.done < jobs:
            return
        self.said, left = now, self._seconds()
        done = self.whole - left
        rest = duration((now - self.begun) * left / done)
        estimated = left and done >= BEGUN * self.whole
        words = f"{self.done} of {jobs} jobs done" + (f", about {rest} left" if estimated else "")
        last = not self.stream.isatty() or self.done == jobs
        self.stream.write(f"\r\x1b[K{words}" if self.stream.isatty() else words)
        self.stream.write("\n" if last else "")
        self.stream.flush()

    def nearest_targets(self, target: str) -> str:
        """Return a sentence on a target that there is not, with those that it may mean."""
        near = difflib.get_close_matches(target, self.targets, n=3, cutoff=0.5)
        meant = f" (did you mean {', '.join(near)}?)" if near else ""
        return f"target: found {target!r}, but one that snakemake --list names, or a file, is needed{meant}.\n"

    def tell_end(self) -> None:
        """Say how a run ended that did not succeed: for each failed job its log, and the log's last lines."""
        for known in () if self.interrupted else self.failed.values():
            logs = [str(path) for path in known.get("log") or ()]
            names = " ".join(map(str, dict(known.get("wildcards") or {}).values()))
            self.stream.write(f"\n{known['rule_name']} {names}".rstrip() + f" failed: {', '.join(logs) or 'no log'}\n")
            for path in logs:
                self.stream.writelines(f"    {line}\n" for line in last_lines(Path(path)))
        words = "Interrupted" if self.interrupted else "The run has failed; what is done stays"
        self.stream.write(f"{words}; the same command goes on.\n")
        self.stream.flush()


def last_lines(path: Path) -> list[str]:
    """Return the last `LINES` lines of a log, none if there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:]
    except OSError:
        return []


def duration(seconds: float) -> str:
    """Return a duration in the two units that matter."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
