# Every target sets up what it needs: Python 3.10 or newer and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MAGE := 0.9.80
# Mage's own Dockerfile takes it from there too: it is in no package registry. Or the path of a copy.
MAGE_INTEGRATIONS := git+https://github.com/mage-ai/mage-ai.git@5640c79\#subdirectory=mage_integrations
DBT := $(VENV)/dbt
DLT := $(VENV)/dlt
export UV_PYTHON_DOWNLOADS := never
# Where Python may keep no compiled modules, each of the programs that the tests start compiles all that it imports again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo demo-dbt dbt test readme lint format bench shells airflow dagster airbyte mage dlt package audit lock schemas docs clean
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

# Some tests wait for processes and sockets: one worker more than there are cores keeps the cores at work.
test: $(READY) ## Run all tests, including syncs into PostgreSQL
	$(BIN)/python -m pytest -n $$(($$($(PYTHON) -c 'import os; print(os.cpu_count())') + 1)) --dist worksteal

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

bench: $(READY) $(DLT)/.ready ## Run the benchmarks
	$(BIN)/python -m benchmarks

shells: $(READY) ## Run the example for shells: a sample shop in shards, of which one is killed, into PostgreSQL
	$(BIN)/python -m examples.check shells $(ORDERS)

airflow: $(VENV)/airflow/.ready ## Run the Airflow example: the same, and what it tells a person of
	$(BIN)/python -m examples.check airflow $(ORDERS)
	$(BIN)/python -m examples.check alerts

dagster: $(VENV)/dagster/.ready ## Run the Dagster example: the same as in shells
	$(BIN)/python -m examples.check dagster $(ORDERS)

# Schedulers have environments of their own, as they have in production.
$(VENV)/airflow/.ready $(VENV)/dagster/.ready: $(VENV)/%/.ready: examples/%/requirements.lock $(READY)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/$*
	$(BIN)/uv pip sync --quiet --python $(VENV)/$*/bin/python --require-hashes examples/$*/requirements.lock
	@touch $@

airbyte: $(READY) ## Run Airbyte's standard tests, and PyAirbyte into DuckDB and PostgreSQL, twice and after kills
	$(BIN)/python -m registries.airbyte.prove

# Mage's two packages contradict each other in what they need, so the second comes without that, and what it takes to read
# the shop and to write to PostgreSQL is named. sqlglot 27 would be compiled for many minutes.
mage: $(READY) ## Run Mage pipelines from a sample shop into PostgreSQL: twice, refused, killed (Python 3.10 to 3.12)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)/mage
	$(BIN)/uv pip install --quiet --python $(VENV)/mage/bin/python 'mage-ai==$(MAGE)' 'sqlglot[rs]<27'
	$(BIN)/uv pip install --quiet --python $(VENV)/mage/bin/python --no-deps '$(MAGE_INTEGRATIONS)' 'singer-python==5.13.2'
	$(BIN)/uv pip install --quiet --python $(VENV)/mage/bin/python 'singer_sdk~=0.34.1' \
		backoff ciso8601 deltalake psycopg2-binary simplejson sshtunnel
	$(BIN)/python -m registries.mage.prove

dlt: $(DLT)/.ready ## Test the dlt source: a sample shop into DuckDB and parquet files, twice, and after kills
	$(DLT)/bin/python -m pytest tests/dlt_source

# An environment of its own, as most users have no use for it.
$(DLT)/.ready: pyproject.toml $(READY)
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(DLT)
	$(BIN)/uv pip install --quiet --python $(DLT)/bin/python --group dlt --editable '.[dlt]'
	@touch $@

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
	for folder in dbt examples/airflow examples/dagster; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --upgrade \
			--no-emit-index-url $$folder/requirements.in --custom-compile-command "make lock" \
			--output-file $$folder/requirements.lock || exit 1; \
	done

clean: ## Remove everything that was built
	rm -rf $(VENV) .meltano .demo .airbyte .mage .mypy_cache .ruff_cache .pytest_cache .hypothesis
