"""Strike a run at random moments, go on in the documented way, and compare every file with an undisturbed run's.

``python tests/reliability/kills.py --times 30 --strikes 3`` prints a Markdown table. The run is the smoke experiment;
with ``--configfile`` alone, without a file, it is the default one. Each run is struck so many times, by one fault after
another; with ``--strikes 1``, the default, once.
"""

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, mkdtemp
from typing import NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("Snakefile", "config", "envs", "profiles", "resources", "src", "workflow")
SECONDS = 3600

Command = Callable[[Path], list[str]]


class Fault(NamedTuple):
    """What is done to a running Snakemake: which signal goes where, and whether a copy of its folder goes on."""

    number: signal.Signals
    target: str
    copied: bool = False


FAULTS = {
    "SIGKILL of the process group": Fault(signal.SIGKILL, "group"),
    "SIGKILL of one job": Fault(signal.SIGKILL, "job"),
    "SIGKILL of the group; continued in a copy of the folder": Fault(signal.SIGKILL, "group", copied=True),
    "SIGKILL of Snakemake alone; continued while its jobs still run": Fault(signal.SIGKILL, "Snakemake"),
    "SIGTERM of the process group": Fault(signal.SIGTERM, "group"),
    "SIGINT of the process group (Ctrl-C)": Fault(signal.SIGINT, "group"),
}


def environment() -> dict[str, str]:
    """Return this process's environment, with this Python's programs before all others."""
    return os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def start(command: list[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen:
    """Start a command as the leader of a process group, with its words in the file `said` beside the folder."""
    # A shell that starts this in the background has it ignore Ctrl-C, which a process hands down.
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with folder.with_name("said").open("a") as said:
            return subprocess.Popen(
                command, cwd=folder, env=environment, process_group=0, stdout=said, stderr=subprocess.STDOUT
            )
    finally:
        signal.signal(signal.SIGINT, handler)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    """Run a command to its end, and return its exit status."""
    return start(command, folder, environment).wait(SECONDS)


def jobs(running: subprocess.Popen) -> list[psutil.Process]:
    """Return the processes that a Snakemake has started and that have started no other: jobs, not their shells."""
    try:
        started = psutil.Process(running.pid).children(recursive=True)
        return [process for process in started if not process.children()]
    except psutil.NoSuchProcess:
        return []


def strike(running: subprocess.Popen, fault: Fault, rng: Random) -> float | None:
    """Strike a running Snakemake, and return how many seconds it still took to end; None if it had ended before."""
    while running.poll() is None:
        try:
            struck = time.monotonic()
            if fault.target == "group":
                os.killpg(running.pid, fault.number)
            elif fault.target == "Snakemake":
                running.send_signal(fault.number)
            else:
                rng.choice(jobs(running)).send_signal(fault.number)
        except (IndexError, psutil.NoSuchProcess):
            time.sleep(0.01)
        else:
            running.wait(SECONDS)
            return time.monotonic() - struck
    return None


def go_on(command: Command, folder: Path, fault: Fault, environment: dict[str, str]) -> tuple[subprocess.Popen, Path]:
    """Unlock and start the command again, where a fault wants it in a copy; return what runs and its folder."""
    if fault.copied:
        copy = folder.with_name(f"{folder.name} elsewhere")
        shutil.copytree(folder, copy, symlinks=True)
        folder = copy
    unlocking = start([*command(folder), "--unlock"], folder, environment)
    return unlocking if unlocking.wait(SECONDS) else start(command(folder), folder, environment), folder


def trial(
    words: list[str], folder: Path, names: list[str], duration: float, rng: Random
) -> tuple[list[float], int, Path]:
    """Strike a run by faults in their order at random moments, going on after each, and let it end.

    Return how many seconds it took to end after each strike, its last exit status and its last folder. A run that ends
    before a moment is not struck any more.
    """
    variables, ends, before = environment(), [], 0.0
    running = start(words, folder, variables)
    for name, moment in zip(names, sorted(rng.uniform(0.0, duration) for _ in names), strict=True):
        time.sleep(moment - before)
        seconds, before = strike(running, FAULTS[name], rng), moment
        if seconds is None:
            break
        ends.append(seconds)
        running, folder = go_on(lambda _: words, folder, FAULTS[name], variables)
    return ends, running.wait(SECONDS), folder


def digests(results: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder but logs, benchmarks, the report and hidden files."""
    return {
        str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.name[0] != "." and not {"logs", "benchmarks", "report.html"} & set(path.parts)
    }


def copy_workflow(folder: Path) -> Path:
    """Copy what a run needs into a new folder."""
    folder.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy2(ROOT / name, folder)
    return folder


def main() -> None:
    """Strike as often as is asked for, by each fault in its turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30, help="how many strikes in all")
    parser.add_argument("--strikes", type=int, default=1, help="how many in each run")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and the jobs that are struck")
    parser.add_argument("--configfile", nargs="*", default=[str(ROOT / "config/smoke.yaml")], help="overlays")
    parser.add_argument("--target", nargs="*", default=[], help="what is made; by default, all")
    parser.add_argument("--cores", default="2")
    parser.add_argument("--faults", nargs="+", choices=FAULTS, default=list(FAULTS), metavar="FAULT")
    settings = parser.parse_args()

    overlays = ["--configfile", *(str(Path(path).resolve()) for path in settings.configfile)]
    words = ["snakemake", *settings.target, "--cores", settings.cores, *(overlays if settings.configfile else [])]
    rng, outcomes, slowest = Random(settings.seed), Counter(), Counter()
    with TemporaryDirectory() as temporary:
        folder = copy_workflow(Path(temporary) / "undisturbed" / "run")
        begun = time.monotonic()
        if run(words, folder, environment()):
            raise SystemExit(f"The undisturbed run failed:\n{folder.with_name('said').read_text()}")
        whole, duration = digests(folder / "results"), time.monotonic() - begun
        done = 0
        while done < settings.times:
            order = range(done, min(done + settings.strikes, settings.times))
            names = [settings.faults[number % len(settings.faults)] for number in order]
            folder = copy_workflow(Path(mkdtemp(dir=temporary)) / "run")
            ends, status, folder = trial(words, folder, names, duration, rng)
            made = digests(folder / "results")
            others = sorted(path for path in whole.keys() | made.keys() if whole.get(path) != made.get(path))
            outcome = "did not go on" if status else f"other: {', '.join(others)}" if others else "the same bytes"
            for name, seconds in zip(names, ends, strict=False):
                done += 1
                outcomes[name, outcome] += 1
                slowest[name, outcome] = max(slowest[name, outcome], seconds)
                print(f"{done}: {name}: {outcome}", file=sys.stderr, flush=True)
            if outcome == "the same bytes":
                shutil.rmtree(folder.parent, ignore_errors=True)
            else:
                print(folder.with_name("said").read_text(), file=sys.stderr)
    print(f"| fault, in a run of {duration:.0f} s | times | outcome | ended within |\n| --- | ---: | --- | ---: |")
    for (name, outcome), times in outcomes.items():
        print(f"| {name} | {times} | {outcome} | {slowest[name, outcome]:.1f} s |")


if __name__ == "__main__":
    main()
