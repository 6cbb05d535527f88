# Every target works in a fresh clone; nothing has to be activated first.
PYTHON ?= python3
WORKERS ?= 2
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
UV_VERSION := 0.13.8
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(UPGRADE)

SYSTEM_PACKAGES := chromium fonts-wqy-microhei postgresql

# A lock file's packages, then this project itself, linked to where it lies.
define install
$(PIP) install --require-hashes -r requirements/build.txt -r $(1) </dev/null
$(PIP) install --no-build-isolation --no-deps --editable . </dev/null
endef

.PHONY: help run test test-system lint types contracts transcripts lock

help:
	@echo "make run          the demo on this machine, with a sample union"
	@echo "make test         the whole suite"
	@echo "make test-system  as root: the browser, font and PostgreSQL that some tests want"
	@echo "make lint | types | contracts"
	@echo "make transcripts  rewrite the words the transcripts expect; read the difference"
	@echo "make lock         resolve the lock files again (UPGRADE=--upgrade takes newer versions)"

run: $(VENV)/.run
	@STEWARD_MODE=demo exec $(BIN)/steward run </dev/null

test: $(VENV)/.dev
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal $(ARGS) </dev/null

lint: $(VENV)/.dev
	@$(BIN)/ruff check --quiet --output-format concise . && echo "lint: clean"

types: $(VENV)/.dev
	@$(BIN)/mypy

contracts: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo </dev/null

transcripts: $(VENV)/.dev
	@$(BIN)/pytest -q tests/transcripts/test_transcripts.py --rewrite-transcripts $(ARGS) </dev/null

test-system:
	@if dpkg -s $(SYSTEM_PACKAGES) >/dev/null 2>&1; then echo "test-system: all there"; \
	elif ! command -v apt-get >/dev/null; then \
	  echo "test-system knows Debian and its kin only; install by hand: $(SYSTEM_PACKAGES)" >&2; exit 1; \
	elif [ "$$(id -u)" != 0 ]; then echo "test-system needs root: sudo make test-system" >&2; exit 1; \
	else \
	  export DEBIAN_FRONTEND=noninteractive; \
	  apt-get update -qq </dev/null && apt-get install -qq -y --no-install-recommends $(SYSTEM_PACKAGES) </dev/null; \
	fi

# Core and channel take their versions from the widest lock, so that one version is tested and run.
lock: $(VENV)/.made
	@$(PIP) install uv==$(UV_VERSION) </dev/null
	@$(COMPILE) pyproject.toml --all-extras -o requirements/dev.txt
	@$(COMPILE) pyproject.toml --extra telegram -c requirements/dev.txt -o requirements/telegram.txt
	@$(COMPILE) pyproject.toml -c requirements/dev.txt -o requirements/core.txt
	@echo "setuptools>=77" | $(COMPILE) - -o requirements/build.txt

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Steward needs Python 3.11 or newer; \"$(PYTHON) --version\" says: $$($(PYTHON) --version 2>&1 | head -n 1)" >&2; \
	  echo "Name a newer one, for example: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and its kin: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) </dev/null
	@touch $@

$(VENV)/.run: requirements/build.txt requirements/telegram.txt pyproject.toml | $(VENV)/.made
	@echo "Installing the locked packages into $(VENV); this is done once." >&2
	@$(call install,requirements/telegram.txt)
	@touch $@

$(VENV)/.dev: requirements/build.txt requirements/dev.txt pyproject.toml | $(VENV)/.made
	@echo "Installing the locked packages and test tools into $(VENV); this is done once." >&2
	@$(call install,requirements/dev.txt)
	@touch $(VENV)/.run $@
