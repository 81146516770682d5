# Every target sets up what it needs: Python 3.10 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV_VERSION := 0.13.9
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup demo test lint format bench airbyte lock schemas docs clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make the virtual environment from the lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "tap-magento needs Python 3.10 or newer; say which: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

demo: $(READY) ## Read a shop into PostgreSQL, let it live on, read what changed
	@$(BIN)/python -m demo

test: $(READY) ## Run all tests, into a real PostgreSQL too
	$(BIN)/python -m pytest -n auto

lint: $(READY) ## Check style, types and texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY) ## Put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Measure speed and memory, side by side
	$(BIN)/python -m benchmarks

airbyte: $(READY) ## Run Airbyte's standard tests, and PyAirbyte into DuckDB and PostgreSQL
	$(BIN)/python -m registries.airbyte.prove

schemas: $(READY) ## Generate the bundled schemas anew
	$(BIN)/python scripts/generate_schemas.py

docs: $(READY) ## Renew what the documentation says of settings and streams
	$(BIN)/python scripts/generate_docs.py

lock: $(READY) ## Resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --upgrade \
		--no-emit-index-url --group dev pyproject.toml --custom-compile-command "make lock" \
		--output-file requirements.lock

clean: ## Remove all that was made
	rm -rf $(VENV) .meltano .demo .airbyte .mypy_cache .ruff_cache .pytest_cache .hypothesis
