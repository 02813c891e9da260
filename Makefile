# From a fresh clone: `make` runs the whole experiment, `make test` the tests. Both make .venv first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
.PHONY: all env dev report test lint lock bench clean

ACTIVATE := source .venv/bin/activate

all: env
	$(ACTIVATE)
	snakemake --cores all
	$(MAKE) report
	echo "Tables: results/tables/   Figures: results/figures/   Report: results/report.html"

env: .venv/env
dev: .venv/dev

.ONESHELL:

.venv/python:
	for python in python3 python3.14 python3.13 python3.12 python3.11 python; do
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
	    $$python -m venv .venv && touch $@ && exit 0
	  fi
	done
	echo "Found no Python 3.11 or newer on the PATH; install one and run make again." >&2
	exit 1

.venv/env: .venv/python envs/requirements.txt pyproject.toml
	$(ACTIVATE)
	python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement envs/requirements.txt
	python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/env envs/requirements-dev.txt
	$(ACTIVATE)
	python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement envs/requirements-dev.txt
	touch $@

report: env
	$(ACTIVATE)
	snakemake --cores 1 --report results/report.html

test: dev
	$(ACTIVATE)
	pytest

lint: dev
	$(ACTIVATE)
	ruff check
	ruff format --check
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

bench: env
	$(ACTIVATE)
	for script in benchmarks/bench_*.py; do python $$script; done

# Pins for every platform, with hashes; uv has to be installed.
lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --quiet \
	  --custom-compile-command "make lock" --extra build -o envs/requirements.txt
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --quiet \
	  --custom-compile-command "make lock" --extra build --extra dev -c envs/requirements.txt -o envs/requirements-dev.txt

clean:
	rm -rf .venv .snakemake
	find results -mindepth 1 -maxdepth 1 -not -name reference -exec rm -rf {} +
