"""Run the same experiment in other surroundings and on other BLAS kernels, and tell which files differ and by how much.

``python tests/reliability/surroundings.py`` prints a Markdown table, of the smoke experiment by default. The
kernels are those that OpenBLAS would choose on other x86-64 processors.
"""

import argparse
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from kills import ROOT, copy_workflow, digests, environment, run

SURROUNDINGS = {
    "again in the same folder, nothing to do": {},
    "--cores 1": {"cores": "1"},
    "--cores 8": {"cores": "8"},
    "another working directory": {"elsewhere": True},
    "locale POSIX without UTF-8": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "time zone Asia/Tokyo": {"TZ": "Asia/Tokyo"},
    "PYTHONHASHSEED=7": {"PYTHONHASHSEED": "7"},
    "umask 077": {"umask": 0o077},
    "another home, with a matplotlibrc": {"home": "axes.facecolor: red\nfont.size: 30\n"},
    "OMP_NUM_THREADS=2": {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    "OPENBLAS_CORETYPE=Prescott (SSE3)": {"OPENBLAS_CORETYPE": "Prescott"},
    "OPENBLAS_CORETYPE=Haswell (AVX2)": {"OPENBLAS_CORETYPE": "Haswell"},
    "OPENBLAS_CORETYPE=SkylakeX (AVX-512)": {"OPENBLAS_CORETYPE": "SkylakeX"},
}


@contextmanager
def umask(bits: int | None) -> Iterator[None]:
    """Set the umask for the time of a block."""
    usual = os.umask(0)
    os.umask(usual if bits is None else bits)
    try:
        yield
    finally:
        os.umask(usual)


def largest_difference(one: Path, other: Path) -> float | None:
    """Return by how much the accuracies of two runs differ at most; None where a run has none."""
    tables = [
        pd.concat([pd.read_csv(path) for path in sorted(results.rglob("evaluation/table*/*.csv"))] or [pd.DataFrame()])
        for results in (one, other)
    ]
    if tables[0].empty:
        return None
    return (tables[0]["accuracy"] - tables[1]["accuracy"]).abs().max()


def main() -> None:
    """Run in each of the surroundings and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--configfile", nargs="+", default=[str(ROOT / "config/smoke.yaml")], help="overlays")
    parser.add_argument("--target", nargs="*", default=[], help="what is made; by default, all")
    parser.add_argument("--only", nargs="+", default=[""], help="the surroundings whose names have one of these words")
    settings = parser.parse_args()
    overlays = ["--configfile", *(str(Path(path).resolve()) for path in settings.configfile)]
    chosen = {name: given for name, given in SURROUNDINGS.items() if any(word in name for word in settings.only)}

    with TemporaryDirectory() as temporary:
        usual = copy_workflow(Path(temporary) / "usual" / "run")
        words = ["snakemake", *settings.target, "--cores", "2", *overlays]
        if run(words, usual, environment()):
            raise SystemExit(f"The usual run failed:\n{usual.with_name('said').read_text()}")
        whole = digests(usual / "results")
        print(f"| environment | files of {len(whole)} that differ | largest difference of an accuracy |")
        print("| --- | --- | ---: |")
        for number, (name, surrounding) in enumerate(chosen.items()):
            given = dict(surrounding)
            folder = usual if not given else copy_workflow(Path(temporary) / str(number) / "run")
            words = ["snakemake", *settings.target, "--cores", given.pop("cores", "2"), *overlays]
            results = folder
            if given.pop("elsewhere", False):
                results = folder.with_name("it's elsewhere")
                (results / "resources").mkdir(parents=True)
                subprocess.run(["cp", "-a", f"{folder}/resources/.", results / "resources"], check=False)
                words += ["--snakefile", str(folder / "Snakefile"), "--directory", str(results)]
            if "home" in given:
                given["HOME"] = str(folder.with_name("home"))
                (Path(given["HOME"]) / ".config/matplotlib").mkdir(parents=True)
                (Path(given["HOME"]) / ".config/matplotlib/matplotlibrc").write_text(given.pop("home"))
            with umask(given.pop("umask", None)):
                if run(words, folder, environment() | given):
                    raise SystemExit(f"{name}: the run failed:\n{folder.with_name('said').read_text()}")
            made = digests(results / "results")
            others = sorted(path for path in whole.keys() | made.keys() if whole.get(path) != made.get(path))
            folders = ", ".join(sorted({str(Path(path).parent) for path in others}))
            difference = largest_difference(usual / "results", results / "results")
            said = "" if difference is None else f"{difference:.4f}"
            print(f"| {name} | {f'{len(others)} ({folders})' if others else 'none'} | {said} |", flush=True)


if __name__ == "__main__":
    main()
