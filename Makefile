# Every target sets up what it needs: Python 3.10 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
AIRFLOW := 3.3.2
DAGSTER := 1.13.28
DBT := $(VENV)/dbt
export UV_PYTHON_DOWNLOADS := never
# Where Python may keep no compiled modules, each of the programs that the tests start compiles all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo demo-dbt dbt test readme lint format bench airflow dagster airbyte dlt package audit lock schemas docs clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Create the virtual environment from the lock file

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "tap-magento needs Python 3.10 or newer; say which: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	awk '/^uv==/ { found = 1 } found { print } found && !/\\$$/ { exit }' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Sync a sample shop into PostgreSQL, change some of its data, sync again
	@$(BIN)/python -m demo

demo-dbt: demo $(DBT)/.ready ## The same, then dbt models over the tables, and a report with charts
	@$(BIN)/python -m demo models

dbt: $(DBT)/.ready ## Build the dbt models on PostgreSQL and DuckDB, and compare them with the shop
	$(BIN)/python -m pytest dbt/tests

# dbt has an environment of its own: its dependencies are many, and the tap needs none of them.
$(DBT)/.ready: dbt/requirements.lock $(READY)
	$(PYTHON) -m venv $(DBT)
	$(BIN)/uv pip sync --quiet --python $(DBT)/bin/python --require-hashes dbt/requirements.lock
	@touch $@

test: $(READY) ## Run all tests, including syncs into PostgreSQL
	$(BIN)/python -m pytest -n auto --dist worksteal

readme: $(READY) ## Run the commands of README, literally; the demo is replaced
	$(BIN)/python -m pytest -m readme tests/e2e/test_readme_commands.py

lint: $(READY) ## Check style, types and texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(READY) ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY) ## Run the benchmarks
	$(BIN)/python -m benchmarks

airflow: $(READY) ## Run the Airflow example: a sample shop in shards, of which one is killed, into PostgreSQL
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/airflow
	$(BIN)/uv pip install --quiet --python $(VENV)/airflow/bin/python 'apache-airflow==$(AIRFLOW)'
	$(BIN)/python -m examples.check airflow

dagster: $(READY) ## Run the Dagster example: the same
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/dagster
	$(BIN)/uv pip install --quiet --python $(VENV)/dagster/bin/python 'dagster==$(DAGSTER)'
	$(BIN)/python -m examples.check dagster

airbyte: $(READY) ## Run Airbyte's standard tests, and PyAirbyte into DuckDB and PostgreSQL
	$(BIN)/python -m registries.airbyte.prove

dlt: $(READY) ## Test the dlt source: a sample shop into DuckDB and parquet files, twice
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/dlt
	$(BIN)/uv pip install --quiet --python $(VENV)/dlt/bin/python --group dlt --editable '.[dlt]'
	$(VENV)/dlt/bin/python -m pytest tests/dlt_source

schemas: $(READY) ## Regenerate the bundled schemas
	$(BIN)/python scripts/generate_schemas.py

docs: $(READY) ## Regenerate the documentation of settings and streams
	$(BIN)/python -m scripts.generate_docs

package: $(READY) ## Build the wheel and the source distribution, by the locked build tools
	$(BIN)/uv build --python $(BIN)/python --no-build-isolation --out-dir dist

audit: $(READY) ## Look the locked dependencies up in the database of known vulnerabilities
	$(BIN)/python -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(VENV)/audit/bin/pip-audit --require-hashes --disable-pip -r requirements.lock

lock: $(READY) ## Resolve the dependencies again
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --upgrade \
		--no-emit-index-url --group dev pyproject.toml --custom-compile-command "make lock" \
		--output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --upgrade \
		--no-emit-index-url dbt/requirements.in --custom-compile-command "make lock" \
		--output-file dbt/requirements.lock

clean: ## Remove everything that was built
	rm -rf $(VENV) .meltano .demo .airbyte .mypy_cache .ruff_cache .pytest_cache .hypothesis
