# `make` shows what there is. `make demo` and `make test` need no step before them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that runs and is of a supported version; `make PYTHON=/path/to/python3.12` overrides.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
PYTHON ?= $(shell for python in python3.12 python3.11 python3 python; do \
	"$$python" -c "$(SUPPORTED)" >/dev/null 2>&1 && { echo "$$python"; break; }; done)
WORKERS ?= $(shell nproc 2>/dev/null || echo 2)

##@ Use
.PHONY: demo
demo: $(VENV)/.base ## Real purchase history to decisions with reasons, replayed; a few minutes
	$(BIN)/rationale demo

.PHONY: serve
serve: $(VENV)/.base ## The service on http://127.0.0.1:8000, data in ./data
	$(BIN)/rationale serve --migrate

##@ Develop
.PHONY: test
test: $(VENV)/.dev ## All tests, on SQLite and PostgreSQL (T=path for some)
	$(BIN)/python -m pytest -n $(WORKERS) $(T)

.PHONY: lint
lint: $(VENV)/.dev ## Style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: format
format: $(VENV)/.dev ## Put the style right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: type
type: $(VENV)/.dev ## Types, strictly
	$(BIN)/mypy

.PHONY: check
check: lint type test ## All that CI runs

.PHONY: bench
bench: $(VENV)/.dev ## Speed and memory as ratios of one run (about ten minutes)
	$(BIN)/python -m tests.bench

.PHONY: golden
golden: $(VENV)/.dev ## A golden log of this version for the replays of the next (VERSION=v6)
	@test -n "$(VERSION)" || { echo "name it: make golden VERSION=v6"; exit 1; }
	$(BIN)/python -m tests.golden.make $(VERSION) 99

##@ Maintain
.PHONY: lock
lock: $(VENV)/.dev ## Renew the hashed locks in requirements/
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade setup.cfg --extra dev --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --custom-compile-command "make lock" -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --upgrade setup.cfg --generate-hashes --universal --python-version 3.11 \
		--no-emit-index-url --custom-compile-command "make lock" -c requirements/dev.txt -o requirements/base.txt

.PHONY: clean
clean: ## Remove the environment and everything built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: prerequisites
prerequisites:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is missing: install it, or name it: make PYTHON=/path/to/python3.12"; exit 1; }
	@"$(PYTHON)" -c "$(SUPPORTED)" 2>/dev/null || { echo "$(PYTHON) is not Python 3.11 or 3.12: name another one, make PYTHON=/path/to/python3.12"; exit 1; }
	@command -v cc >/dev/null || command -v gcc >/dev/null || command -v clang >/dev/null || { echo "A C compiler is missing (cc, gcc or clang): durable-rules is built from source."; exit 1; }

$(VENV)/.python: | prerequisites
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || { echo "Python's venv module is missing: install the package python3-venv."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.base: requirements/base.txt setup.cfg | $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
