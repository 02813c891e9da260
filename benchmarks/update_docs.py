"""Run the benchmarks and put what they print between their markers in docs/performance.md: all, or those named."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs/performance.md"


def main() -> None:
    """Run and replace, one benchmark after the other, so that what is done stays done."""
    for name in sys.argv[1:] or sorted(path.stem for path in HERE.glob("bench_*.py")):
        output = subprocess.run([sys.executable, HERE / f"{name}.py"], stdout=subprocess.PIPE, text=True, check=True)
        print(f"## {name}\n\n{output.stdout}", flush=True)
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = marked.subn(
            lambda found, text=output.stdout: f"{found[1]}\n{text.strip()}\n\n{found[2]}", PAGE.read_text("utf-8")
        )
        if count != 1:
            raise SystemExit(
                f"{PAGE}: found {count} places for {name}, but one '<!-- {name} -->' ... '<!-- end -->' is needed."
            )
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
