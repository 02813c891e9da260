"""Messages of a run on the screen: progress, time left, and failed jobs with the reason."""

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
"""Seconds per job of a rule, for the time left; a job of any other rule counts as one second."""

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
"""First words of Snakemake's messages that come in every run, or that repeat what `Console` says."""

LINES = 5
"""Number of lines shown from the end of a failed job's log."""

BEGUN = 0.05
"""Share of the work after which the time left is shown: the first jobs say little about the others."""

PAUSE = 10.0
"""Seconds between two lines of progress if there is no terminal."""


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
        """Follow a logger, and hide from its screen what this class says; its file keeps everything."""
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(lambda record: not self._told(record))
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Update the state of the run from a record."""
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
                    self.stream.write("\nStopping the running jobs.\n")
                if unknown := re.search(r"No rule to produce (\S+)", words):
                    self.stream.write(self.nearest_targets(unknown[1]))

    def _told(self, record: logging.LogRecord) -> bool:
        """Return whether a record repeats what this class says, or is useless to a user."""
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
        """Return a sentence about an unknown target, with similar ones."""
        near = difflib.get_close_matches(target, self.targets, n=3, cutoff=0.5)
        meant = f" (did you mean {', '.join(near)}?)" if near else ""
        return f"target: found {target!r}, but a target of snakemake --list or a file is needed{meant}.\n"

    def tell_end(self) -> None:
        """Say how an unsuccessful run ended, with the log of each failed job and the log's last lines."""
        for known in () if self.interrupted else self.failed.values():
            logs = [str(path) for path in known.get("log") or ()]
            names = " ".join(map(str, dict(known.get("wildcards") or {}).values()))
            self.stream.write(f"\n{known['rule_name']} {names}".rstrip() + f" failed: {', '.join(logs) or 'no log'}\n")
            for path in logs:
                self.stream.writelines(f"    {line}\n" for line in last_lines(Path(path)))
        words = "Interrupted" if self.interrupted else "The run has failed"
        self.stream.write(f"{words}; finished jobs are kept, and the same command continues.\n")
        self.stream.flush()


def last_lines(path: Path) -> list[str]:
    """Return the last `LINES` lines of a log, or none if the file is missing."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:]
    except OSError:
        return []


def duration(seconds: float) -> str:
    """Return a duration in the two units that matter."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
