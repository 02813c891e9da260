"""What a replicate costs in core-seconds and bytes, from a finished run's folder, and what more replicates would cost.

``python benchmarks/cost_model.py results --cores 2``: every job that Snakemake timed, in seconds of wall, since its own
CPU seconds are those at its last look, up to half a minute before a job's end.
"""

import argparse
import re
from pathlib import Path

from common import print_table  # isort: skip

import pandas as pd

COUNTS = (1, 5, 10, 20, 100)
REPLICATE = re.compile(r"-((?:calibration)?\d+)[./]")


def timed(results: Path) -> pd.DataFrame:
    """Return rule, name, replicate, seconds and peak MB of every timed job."""
    rows = []
    for path in sorted(results.glob("benchmarks/*_*/*.tsv")):
        name, _, replicate = path.stem.rpartition("-") if "-" in path.stem else (path.stem, "", "calibration")
        once = pd.read_csv(path, sep="\t").iloc[0]
        rows.append((path.parent.name, name, replicate, once["s"], once["max_rss"]))
    return pd.DataFrame(rows, columns=["rule", "name", "replicate", "seconds", "mb"])


def sizes(results: Path) -> dict[str, tuple[float, float]]:
    """Return the MB of replicate 1, and those of what all replicates share, by folder."""
    found = {}
    for folder in ("data", "models", "attacks", "evaluation"):
        megabytes = {"1": 0.0, "": 0.0}
        for path in (results / folder).rglob("*.*"):
            replicate = REPLICATE.search(path.relative_to(results).as_posix())
            key = replicate[1] if replicate else ""
            megabytes[key] = megabytes.get(key, 0.0) + path.stat().st_size / 1e6
        found[folder] = megabytes["1"], megabytes[""]
    return found


def main() -> None:
    """Print the table of jobs, that of sizes, and the prediction."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--untimed", type=float, default=17, help="seconds a replicate in jobs without a benchmark")
    settings = parser.parse_args()
    jobs, stored = timed(settings.results), sizes(settings.results)
    jobs["reported"] = jobs["replicate"].str.fullmatch(r"\d+")
    means = jobs.groupby(["rule", "name"]).agg(n=("seconds", "size"), seconds=("seconds", "mean"), mb=("mb", "max"))
    rows = [[*key, str(int(r.n)), f"{r.seconds:.1f}", f"{r.mb:.0f}"] for key, r in means.iterrows()]
    print_table(["rule", "set or model", "jobs", "seconds a job", "peak MB"], rows, words=2)
    print_table(["folder", "MB a replicate", "MB shared"], [[k, *(f"{v:.1f}" for v in s)] for k, s in stored.items()])
    own = jobs[jobs["reported"]].groupby(["rule", "name"])["seconds"].mean().sum() + settings.untimed
    fixed = jobs[~jobs["reported"]]["seconds"].sum()
    megabytes, shared = (sum(column) for column in zip(*stored.values(), strict=True))
    predictions = [
        [
            str(count),
            f"{fixed + count * own:,.0f}",
            f"{(fixed + count * own) / settings.cores / 60:.1f}",
            f"{(shared + count * megabytes) / 1000:.1f}",
        ]
        for count in COUNTS
    ]
    print_table(["replicates", "job seconds", f"minutes on {settings.cores} cores", "GB"], predictions, words=0)


if __name__ == "__main__":
    main()
