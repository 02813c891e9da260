"""Every rule that is submitted is in a group of the profile, and asks for memory and time."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROFILE = yaml.safe_load((ROOT / "profiles" / "slurm" / "config.yaml").read_text())
TEXT = "\n".join(path.read_text() for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")))
RULES = {
    name: body
    for name, body in re.findall(r"^(?:use rule \w+ as|rule) (\w+).*:\n((?:    .*\n|\n(?!\n))+)", TEXT, re.M)
    if "log:" in body
}


def test_every_rule_but_the_downloads_is_in_a_group():
    assert PROFILE["groups"].keys() == RULES.keys() - {"fetch_data", "fetch_authors"}
    assert PROFILE["group-components"].keys() <= set(PROFILE["groups"].values())


def test_every_rule_asks_for_memory_and_time():
    # A rule that takes up another has its resources, unless it names its own.
    taking_up = set(re.findall(r"^use rule \w+ as (\w+)", TEXT, re.M))
    asking = {name for name, body in RULES.items() if name not in taking_up or "resources:" in body}
    found = {name: re.findall(r"^        (mem_mb|runtime)=\d+,$", RULES[name], re.M) for name in asking}
    assert found == {name: ["mem_mb", "runtime"] for name in asking}
