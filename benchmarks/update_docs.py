"""Run the benchmarks and put what they print between their marks in docs/: all but the league, or those named.

A name may go on with the benchmark's words: ``"bench_estimators training"`` has marks of its own.
"""

import subprocess
import sys
from pathlib import Path

from reproduction.report.markdown import replace_part

HERE = Path(__file__).resolve().parent
PAGES = {
    "bench_activity": "method.md",
    "bench_classifier": "classifier.md",
    "bench_verification": "reliability.md",
}


def main() -> None:
    """Run and replace, one benchmark after the other, so that what is done stays done."""
    short = sorted(path.stem for path in HERE.glob("bench_*.py") if path.stem != "bench_estimators")
    for name in sys.argv[1:] or short:
        script, *words = name.split()
        command = [sys.executable, HERE / f"{script}.py", *words]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        print(f"## {name}\n\n{output.stdout}", flush=True)
        page = HERE.parent / "docs" / PAGES.get(name, "performance.md")
        page.write_text(replace_part(page.read_text("utf-8"), name, f"\n{output.stdout}\n"), encoding="utf-8")


if __name__ == "__main__":
    main()
