# From a fresh clone: `make` runs the whole experiment, `make test` the tests. Both make .venv first.
.DEFAULT_GOAL := all
.PHONY: all env dev attacks slurm report experiments reference readme settings docs crate marks release test test-slurm lint bench league lock clean

SYSTEM_PATH := $(PATH)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
PIP := python -m pip install --quiet --disable-pip-version-check

all: env
	snakemake --cores all
	@$(MAKE) --no-print-directory report
	@echo "Tables: results/tables/   Figures: results/figures/   Report: results/report.html"

env: .venv/env
dev: .venv/dev
attacks: .venv/attacks
slurm: .venv/slurm

.venv/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if PATH="$(SYSTEM_PATH)" $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
	    PATH="$(SYSTEM_PATH)" $$python -m venv --clear .venv && touch $@ && exit 0; \
	  fi; \
	done; \
	echo "Found no Python 3.11 or newer on the PATH: install one and run make again." >&2; exit 1

.venv/env: .venv/python envs/requirements.txt pyproject.toml
	@echo "Installing the packages into .venv; this takes about half a minute."
	$(PIP) --require-hashes --requirement envs/requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/env envs/requirements-dev.txt
	$(PIP) --require-hashes --requirement envs/requirements-dev.txt
	@touch $@

.venv/attacks: .venv/env pyproject.toml
	$(PIP) --no-build-isolation --editable '.[attacks]'
	@touch $@

.venv/slurm: .venv/env envs/requirements-slurm.txt
	$(PIP) --require-hashes --requirement envs/requirements-slurm.txt
	@touch $@

.venv/docs: .venv/env envs/requirements-docs.txt
	$(PIP) --require-hashes --requirement envs/requirements-docs.txt
	@touch $@

.venv/marks: .venv/env envs/requirements-marks.txt
	$(PIP) --require-hashes --requirement envs/requirements-marks.txt
	@touch $@

report: env
	@test -f results/manifest.json || { echo "Found no finished run in results/: run snakemake --cores all first." >&2; exit 1; }
	snakemake --cores 1 --report results/report.html

# What lies behind the tables, one after the other; each ends with the time that it took.
EXPERIMENTS := controls extended zero_one attacks certificates sensitivity tradeoffs strengths authors_networks
OVERLAYS := one_split images_10000 bilinear authors
experiments: attacks
	for name in $(EXPERIMENTS); do snakemake --cores all $$name || exit 1; done
	for name in $(OVERLAYS); do snakemake --cores all --configfile config/$$name.yaml || exit 1; done

# Keep what has been run as the reference, and bring the documents that quote it in step.
REFERENCE := results/reference/default
reference: env
	python -m reproduction keep-reference --results results --output $(REFERENCE)
	for name in $(OVERLAYS); do \
	  python -m reproduction keep-reference --results results/$$name --output results/reference/$$name || exit 1; done
	@$(MAKE) --no-print-directory readme

readme: env
	python -m reproduction insert-parts --document README.md \
	  --parts table1=$(REFERENCE)/tables/table1.md table2=$(REFERENCE)/tables/table2.md
	python -m reproduction draw-figure --figure figure1 --output docs/readme-neuron.svg
	python -m reproduction draw-figure --figure comparison --baseline bp_sigmoid --output docs/readme-comparison.svg \
	  --tables $(REFERENCE)/tables/table1.csv $(REFERENCE)/tables/table2.csv
	snakemake --quiet all --rulegraph mermaid-js | python -m reproduction write-rule-graph --graph /dev/stdin --document docs/workflow.md \
	  --rules $(foreach name,data models attacks evaluation tables figures,workflow/rules/$(name).smk)
	python -m reproduction write-claims --reference results/reference --document docs/fidelity.md
	python -m reproduction draw-figure --figure norms --norms $(REFERENCE)/evaluation/norms.csv \
	  --authors-weights $(REFERENCE)/evaluation/authors_weights.csv \
	  --output docs/fidelity-norms.svg $(REFERENCE)/tables/authors_norms.md
	python -m reproduction insert-parts --document docs/fidelity.md \
	  --parts $(foreach name,authors_networks authors_norms,$(name)=$(REFERENCE)/tables/$(name).md)
	python -m reproduction write-findings --reference results/reference --document docs/findings.md --output docs/findings-sensitivity.svg
	for name in controls zero_one extended; do python -m reproduction draw-figure --figure comparison --baseline bp_sigmoid \
	  --tables $(REFERENCE)/tables/$${name}_attacks.csv $(REFERENCE)/tables/$${name}_corruptions.csv \
	  --output docs/findings-$$name.svg || exit 1; done
	python -m reproduction draw-figure --figure tradeoff --output docs/findings-tradeoffs.svg \
	  --sweeps $(REFERENCE)/evaluation/sweeps.csv \
	  --tables $(REFERENCE)/tables/tradeoffs_attacks.csv $(REFERENCE)/tables/tradeoffs_corruptions.csv
	python -m reproduction draw-figure --figure robustness \
	  --accuracies $(REFERENCE)/evaluation/attacks.csv --output docs/findings-attacks.svg $(REFERENCE)/tables/attacks.md
	python -m reproduction draw-figure --figure certificates --accuracies $(REFERENCE)/evaluation/certificates.csv \
	  --output docs/findings-certificates.svg
	python -m reproduction draw-figure --figure epsilon --accuracies $(REFERENCE)/evaluation/strengths.csv \
	  --sweeps $(REFERENCE)/evaluation/sweeps.csv --output docs/findings-strengths.svg

# The schema and the tables of config/README.md, from src/reproduction/settings.py.
settings: env
	python -m reproduction write-settings --config config/config.yaml --document config/README.md \
	  --output workflow/schemas/config.schema.yaml

test: dev
	pytest

test-slurm: dev slurm
	pytest -m slurm -rP tests/slurm

lint: dev
	ruff check
	ruff format --check
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

# The site, from the documents, the docstrings and the reference; with the report of the last run, where there is one.
docs: .venv/docs
	snakemake --cores all figures --configfile config/from_reference.yaml
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet
	@echo "Site: site/index.html"

# The reference run as an RO-Crate, in dist/crate.
crate: env
	rm -rf dist/crate
	python -m reproduction write-crate --reference $(REFERENCE) --output dist/crate

# What others check: the catalog of workflows, CODECHECK, RO-Crate, the Dockerfile. The checks need no network.
marks: .venv/marks crate
	snakemake --lint --snakefile workflow/Snakefile
	for words in '--snakefile workflow/Snakefile' "$$(sed -n 's/^  - file: //p' codecheck.yml | xargs)"; do \
	  snakemake $$words --dry-run > dist/plan 2>&1 || { cat dist/plan; exit 1; }; done
	python .ci/check_crate.py dist/crate
	hadolint Dockerfile

# Source and wheel. An environment that is empty but for the wheel and the tools checks them as the package index would, and runs the
# tests of the library, for which scikit-learn's checks want pandas. (Twine is not pinned: Snakemake's packaging is too old for it to read
# what flit writes.)
release: .venv/marks
	rm -rf dist/release dist/empty
	pyproject-build --no-isolation --outdir dist/release .
	python -m venv dist/empty
	dist/empty/bin/python -m pip install --quiet "$$(ls dist/release/*.whl)[sklearn]" pandas pytest hypothesis twine
	dist/empty/bin/twine check --strict dist/release/*
	dist/empty/bin/python -I -m pytest -q tests/glr

bench: dev
	python benchmarks/update_docs.py

# The league of gradient estimators; three hours of CPU. The peers' libraries take part where they are installed: pip install -e ".[bench]".
league: dev
	python benchmarks/update_docs.py "bench_estimators gradients" "bench_estimators training" \
	  "bench_estimators depth" "bench_estimators deep_training"

# Pins for every platform, with hashes; uv has to be installed.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate --quiet \
  --custom-compile-command "make lock" --extra workflow --extra build
lock:
	$(LOCK) -o envs/requirements.txt
	for name in dev slurm docs marks; do \
	  $(LOCK) --extra $$name -c envs/requirements.txt -o envs/requirements-$$name.txt || exit 1; done

clean:
	rm -rf .venv .snakemake dist site
	find results -mindepth 1 -maxdepth 1 -not -name reference -exec rm -rf {} +
