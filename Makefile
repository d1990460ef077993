# The product's commands. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo test install install-dev lint check locks

PYTHON := .venv/bin/python
UV := $(shell command -v uv || echo $(CURDIR)/.tools/bin/uv)
# Hashes and no addresses: a lock says what is installed, not where one machine found it.
LOCK := -q --generate-hashes --no-emit-index-url --no-header

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/' | expand -t 26

run: install ## Install what is missing, train if needed, and bring the whole product up
	@$(PYTHON) -m bot run

demo: install ## Fill an empty desk with an invented week of tickets, to look at
	@$(PYTHON) -m bot demo

test: install-dev ## Install what is missing and pass every test
	@$(PYTHON) -m tests

install: ## Install both environments
	@python3 bot/install.py

install-dev: ## Install both environments with what the tests need
	@python3 bot/install.py --dev

lint: ## Check style and the directions of import
	@.venv/bin/ruff check . && .venv/bin/lint-imports

check: ## Prove the policies' facts
	@$(PYTHON) -m bot knowledge check

locks: ## Write the locks anew after a change of dependencies (hashes only)
	@$(UV) pip compile $(LOCK) pyproject.toml -o requirements.lock
	@$(UV) pip compile $(LOCK) pyproject.toml --group dev -o requirements-dev.lock
	@cd engine && $(UV) pip compile $(LOCK) --python .venv/bin/python pyproject.toml -o requirements.lock
	@cd engine && for group in encoder dev; do \
	  $(UV) pip compile $(LOCK) --python .venv/bin/python -c requirements.lock pyproject.toml --group $$group -o $$group.lock; done
