# Two commands are all that most people need: `make demo` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST ?= $(BIN)/python -m pytest -n 2
STRICT := src/brygga/contract src/brygga/soap src/brygga/check src/brygga/client src/brygga/simulate src/brygga/merge src/brygga/batch src/brygga/environment.py

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(READY) ## make .venv with the locked packages and Brygga itself

$(READY): requirements/dev.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.PHONY: demo
demo: setup ## load the demo, start the server, print address and log-in
	$(BIN)/brygga demo

.PHONY: test
test: setup ## the whole test suite, on SQLite and on PostgreSQL
	@scripts/require-services
	@echo "== SQLite =="
	env -u DATABASE_URL $(PYTEST)
	@echo "== PostgreSQL =="
	scripts/with-services $(PYTEST)

.PHONY: lint
lint: setup ## style, types, rooms, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(STRICT)
	$(BIN)/lint-imports
	scripts/check-migrations

.PHONY: bench
bench: setup ## the benchmarks
	$(BIN)/python -m bench

.PHONY: docs
docs: setup ## check that the manual's links and commands hold
	scripts/check-docs

.PHONY: lock
lock: setup ## write requirements/*.lock anew from requirements/*.in
	scripts/lock

.PHONY: clean
clean: ## remove what the other targets made, but no data
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
