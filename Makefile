# Stemme's own commands. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUN_STAMP := $(VENV)/.run-time
DEV_STAMP := $(VENV)/.development
CODE := feedback_app ml tests wsgi.py $(wildcard migrations)
CHROMIUM := $(shell command -v chromium 2>/dev/null)
COMPILER := $(shell command -v cc 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help venv dev browser compiler test lint types format faults bench demo clean

help: ## List every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: $(RUN_STAMP) ## Make .venv with what the service needs to run

dev: $(DEV_STAMP) ## Make .venv with what the tests need as well

browser: ## Install Debian's Chromium for the browser tests where it is missing (as root)
ifeq ($(CHROMIUM),)
	@if [ "$$(id -u)" != 0 ]; then \
	  echo 'Chromium is missing. Install it with: sudo apt-get install chromium fonts-dejavu-core' >&2; exit 1; fi
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
endif

compiler: ## Install a C compiler for the fault tests' failing disk where it is missing (as root)
ifeq ($(COMPILER),)
	@if [ "$$(id -u)" != 0 ]; then \
	  echo 'A C compiler is missing. Install it with: sudo apt-get install gcc libc6-dev' >&2; exit 1; fi
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null
endif

test: dev browser compiler lint types ## Run all checks and all tests, on SQLite, PostgreSQL and in a browser
	$(BIN)/python -m pytest -n 2 --reruns 1 -raR

lint: dev ## Check style and formatting
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: dev ## Check types
	$(BIN)/mypy

format: dev ## Rewrite the code in the common format
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

faults: dev browser compiler ## Run the checks whole (kills, full disks, power cuts, hostile input): some minutes
	FULL=1 $(BIN)/python -m pytest tests/faults tests/answering/test_checks.py -s

bench: dev ## Measure throughput and latency against a bare Flask view
	$(BIN)/python -m tests.performance

demo: venv ## Start a site with made-up surveys and answers
	$(BIN)/python -m feedback_app.demo

clean: ## Remove .venv and everything that tests and tools leave behind
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis test-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Stemme needs Python 3.11 or newer"'
	$(PYTHON) -m venv $(VENV) || { echo 'No venv module. Install it with: apt-get install python3-venv' >&2; exit 1; }

$(RUN_STAMP): requirements.txt | $(BIN)/python
	$(PIP) install -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt requirements.txt | $(BIN)/python
	$(PIP) install -r requirements-dev.txt
	@touch $@ $(RUN_STAMP)
