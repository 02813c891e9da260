"""What a run costs by command: jobs, and their CPU seconds, of which how many are start and system time.

``python benchmarks/bench_rules.py`` runs the default experiment on two cores, into results/benchmarks/rules, which it
removes first; further words are Snakemake's, for example ``--configfile config/smoke.yaml`` or ``--cores 1``. Start is
what the command's ``--help`` takes, which imports what the command imports.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from common import ROOT, print_table, spend

RESULTS = "results/benchmarks/rules"
TRAP = "trap '{{ times; echo \"$BASH_EXECUTION_STRING\"; }} > $(mktemp -p {folder})' EXIT\n"
"""Bash reads it before each job, and so records the CPU seconds of the job's processes and its command."""


def seconds(text: str) -> float:
    """Return the seconds of 1m2.345s, as ``times`` of Bash prints them."""
    minutes, rest = text.rstrip("s").split("m")
    return 60 * int(minutes) + float(rest)


def recorded(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Return the user and system seconds of each job by the verb of its command."""
    jobs = defaultdict(list)
    for path in folder.iterdir():
        shell, children, command = path.read_text("utf-8").split("\n", 2)
        if verb := re.search(r"-m reproduction ([a-z-]+)", command):
            user, system = zip(*(map(seconds, line.split()) for line in (shell, children)), strict=True)
            jobs[verb[1]].append((sum(user), sum(system)))
    return jobs


def main() -> None:
    """Run, and print the table."""
    shutil.rmtree(ROOT / RESULTS, ignore_errors=True)
    words = sys.argv[1:] if "--cores" in sys.argv else ["--cores", "2", *sys.argv[1:]]
    with tempfile.TemporaryDirectory() as name:
        folder, trap = Path(name) / "jobs", Path(name) / "trap.sh"
        folder.mkdir()
        trap.write_text(TRAP.format(folder=folder), encoding="utf-8")
        begun = time.monotonic()
        subprocess.run(
            ["snakemake", *words, "--config", f"results={RESULTS}"],
            cwd=ROOT,
            env=os.environ | {"BASH_ENV": str(trap)},
            stdout=sys.stderr,
            check=True,
        )
        wall, usage = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        jobs = recorded(folder)
    costs = []
    for verb, times in jobs.items():
        start = min(spend([sys.executable, "-m", "reproduction", verb, "--help"])[0] for _ in range(3))
        user, system = map(sum, zip(*times, strict=True))
        costs.append((verb, len(times), user + system, start * len(times), system))
    whole, count = usage.ru_utime + usage.ru_stime, sum(map(len, jobs.values()))
    own, start, system = (sum(cost[place] for cost in costs) for place in (2, 3, 4))
    costs.append(("Snakemake itself", 0, whole - own, 0.0, usage.ru_stime - system))
    costs.sort(key=lambda cost: -cost[2])
    costs.append(("all", count, whole, start, usage.ru_stime))
    rows = [[verb, f"{n}", *(f"{cost:.1f}" for cost in spent), f"{spent[0] / whole:.0%}"] for verb, n, *spent in costs]
    print_table(["command", "jobs", "CPU seconds", "start", "system", "share"], rows)
    size = sum(path.stat().st_size for path in (ROOT / RESULTS).rglob("*") if path.is_file())
    print(f"\n{wall:.0f} s of wall by `snakemake {' '.join(words)}`; {size / 1e6:.0f} MB of results.")


if __name__ == "__main__":
    main()
