"""Describe a kept run as an RO-Crate: which workflow made which files, from which data, on which terms."""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from glr.errors import InputError
from reproduction.config import load_yaml
from reproduction.store.files import read_text, replacing, write_text
from reproduction.store.provenance import SOURCES

ROOT = SOURCES.parent
CRATE = "https://w3id.org/ro/crate/1.1"
WORKFLOWS = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
RUNS = "https://w3id.org/ro/wfrun/"
SHA256 = "https://w3id.org/ro/terms/workflow-run#sha256"
PROFILES = {
    f"{RUNS}process/0.5": ("Process Run Crate", "0.5"),
    f"{RUNS}workflow/0.5": ("Workflow Run Crate", "0.5"),
    WORKFLOWS: ("Workflow RO-Crate", "1.0"),
}
TERMS = "https://spdx.org/licenses/MIT"
ENCODINGS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".npz": "application/zip",
    ".tex": "text/x-tex",
    ".yaml": "application/yaml",
}
WORKFLOW = "Snakefile"
BESIDE = (WORKFLOW, "README.md", "LICENSE", "CITATION.cff", "config/config.yaml", "config/experiments.yaml")

Entity = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--reference", type=Path, required=True, help="folder of the reference, with its manifest")
    parser.add_argument("--output", type=Path, required=True, help="folder of the crate")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    kept = sorted(path for path in settings.reference.rglob("*") if path.is_file())
    if settings.reference / "manifest.json" not in kept:
        raise InputError(f"{settings.reference}: found no manifest.json, but that of a kept run is needed.")
    manifest = json.loads(read_text(settings.reference / "manifest.json"))
    citation = load_yaml(ROOT / "CITATION.cff")
    files = {name: ROOT / name for name in BESIDE}
    files |= {path.relative_to(settings.reference).as_posix(): path for path in kept}
    for name, path in files.items():
        with replacing(settings.output / name) as temporary:
            temporary.write_bytes(path.read_bytes())
    graph = _graph(manifest, citation, [_file(name, path) for name, path in files.items()])
    content = {
        "@context": [f"{CRATE}/context", {"sha256": SHA256}],
        "@graph": graph,
    }
    write_text(settings.output / "ro-crate-metadata.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _file(name: str, path: Path) -> Entity:
    """Return a file's entity, named as in the crate."""
    content = path.read_bytes()
    return {
        "@id": name,
        "@type": "File",
        "name": name,
        "encodingFormat": ENCODINGS.get(path.suffix, "text/plain"),
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _graph(manifest: Entity, citation: Entity, files: list[Entity]) -> list[Entity]:
    """Return all entities of the crate, the metadata file's own first."""
    raw: list[Entity] = [
        {"@id": f"#{name}", "@type": "CreativeWork", "name": name, "sha256": digest}
        for name, digest in manifest["raw"].items()
    ]
    maker = {"@id": "#authors", "@type": "Organization", "name": citation["authors"][0]["name"]}
    paper = f"https://doi.org/{citation['references'][0]['doi']}"
    snakemake = {
        "@id": "#snakemake",
        "@type": "ComputerLanguage",
        "name": "Snakemake",
        "url": "https://snakemake.github.io",
        "version": manifest["versions"]["snakemake"],
    }
    for file in files:
        if file["@id"] == WORKFLOW:
            file |= {
                "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
                "programmingLanguage": {"@id": "#snakemake"},
                "version": str(manifest["git"]["commit"]),
            }
    results = [{"@id": file["@id"]} for file in files if file["@id"] not in BESIDE]
    inputs = [{"@id": name} for name in BESIDE if name.startswith("config/")] + [{"@id": work["@id"]} for work in raw]
    return [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": [{"@id": CRATE}, {"@id": WORKFLOWS}],
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": f"Reference run of {citation['title']}",
            "description": "Tables, long tables, small arrays and settings of the run that the documents quote.",
            "datePublished": str(citation["date-released"]),
            "license": {"@id": TERMS},
            "conformsTo": [{"@id": profile} for profile in PROFILES],
            "hasPart": [{"@id": file["@id"]} for file in files],
            "mainEntity": {"@id": WORKFLOW},
            "mentions": {"@id": "#run"},
            "author": {"@id": "#authors"},
            "citation": {"@id": paper},
        },
        {
            "@id": "#run",
            "@type": "CreateAction",
            "name": "snakemake --cores 2, then the experiments of config/experiments.yaml",
            "instrument": {"@id": WORKFLOW},
            "object": inputs,
            "result": results,
            "description": "Versions: " + ", ".join(f"{name} {of}" for name, of in manifest["versions"].items()),
        },
        *files,
        *raw,
        maker,
        snakemake,
        {"@id": paper, "@type": "ScholarlyArticle", "name": citation["references"][0]["title"]},
        {"@id": TERMS, "@type": "CreativeWork", "name": "MIT License", "description": "The licence of this project."},
        *(
            {"@id": profile, "@type": "CreativeWork", "name": name, "version": version}
            for profile, (name, version) in PROFILES.items()
        ),
    ]
