import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

from snakemake.logging import logger
from snakemake.utils import min_version, update_config

min_version("9.0")

STARTED = time.monotonic()

ROOT = Path(str(workflow.current_basedir))
# Keep the paths that were set by a workflow that uses this one as a module.
os.environ.update(PYTHONPATH=os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep))
sys.path.insert(0, str(ROOT / "src"))


from reproduction.console import Console

console = Console()
console.attach(logger)

CONFIG_FILES = [ROOT / "config/config.yaml", ROOT / "config/experiments.yaml"]


configfile: CONFIG_FILES[0]
configfile: CONFIG_FILES[1]


report: "workflow/report/overview.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/attacks.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/experiments.smk"
include: "workflow/rules/adaptive.smk"
include: "workflow/rules/certificates.smk"
include: "workflow/rules/authors.smk"


rule all:
    default_target: True
    input:
        rules.tables.input,
        rules.figures.input,
        f"{RESULTS}/manifest.json",


console.targets = [rule.name for rule in workflow.rules]


onstart:
    # Snakemake's own handler can wait for ever, for a lock that the interrupted code holds. So end as after Ctrl-C.
    with suppress(ValueError):  # not in the main thread, where Snakemake sets no handler either
        signal.signal(signal.SIGTERM, signal.default_int_handler)


onsuccess:
    said = ["--results", RESULTS, "--seconds", str(time.monotonic() - STARTED)]
    subprocess.run([sys.executable, "-m", "reproduction", "summarise", *said], check=False)


onerror:
    console.tell_end()
