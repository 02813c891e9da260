"""Write the schema of the config and the tables of its README from `reproduction.settings`."""

import argparse
from pathlib import Path
from typing import Any

import yaml

from reproduction.config import load_yaml
from reproduction.report.markdown import replace_part
from reproduction.schema import config_schema, config_tables
from reproduction.store.files import read_text, write_text

COMMENT = (
    "# Made by `make settings` from src/reproduction/settings.py: what config/config.yaml with its overlays may hold.\n"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's flags."""
    parser.add_argument("--config", type=Path, required=True, help="the config whose values the tables show (.yaml)")
    parser.add_argument("--document", type=Path, required=True, help="the document with the tables (.md)")
    parser.add_argument("--output", type=Path, required=True, help="the schema (.yaml)")


def run(settings: argparse.Namespace) -> None:
    """Carry out the verb."""
    tables = config_tables(load_yaml(settings.config))
    write_text(settings.document, replace_part(read_text(settings.document), "settings", tables))
    write_text(settings.output, COMMENT + schema_text(config_schema()))


class _Dumper(yaml.SafeDumper):
    """Writes what describes one setting on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write each part out."""
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """Break a mapping that holds further settings."""
        one = (
            not any(isinstance(value, dict) and key != "items" for key, value in mapping.items())
            and "allOf" not in mapping
        )
        return super().represent_mapping(tag, mapping, flow_style=one)

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.SequenceNode:
        """Break a list of mappings."""
        return super().represent_sequence(
            tag, sequence, flow_style=not any(isinstance(value, dict) for value in sequence)
        )


def schema_text(schema: dict[str, Any]) -> str:
    """Return a schema as YAML."""
    return yaml.dump(schema, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
