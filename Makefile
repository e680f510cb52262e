# The commands of this project. `make help` lists them from the comments behind the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Every process that is started would compile all modules anew, which takes longer than most of them run.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install run test journeys screens soak check bench format messages lock clean

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## set up all, start nothing
	@scripts/setup.sh

run: ## set up all, make a demo, serve web and worker at http://127.0.0.1:8000 (PORT= for another)
	@scripts/setup.sh
	@exec .venv/bin/python scripts/run.py

test: ## set up all, run every check and every test (ARGS= for pytest)
	@scripts/test.sh $(ARGS)

journeys: ## all journeys in a real browser, the longer ones too (ARGS= for pytest)
	@scripts/setup.sh && scripts/install_servers.sh
	@LONGER_JOURNEYS=1 .venv/bin/python -m pytest tests/journeys $(ARGS)

screens: ## pictures of all screens in var/screens, to look through index.html there (ONLY="home posts" for some)
	@scripts/setup.sh
	@SCREENS=$(CURDIR)/var/screens ONLY="$(ONLY)" .venv/bin/python -m pytest -q -m screens tests/journeys/test_screens.py
	@echo "file://$(CURDIR)/var/screens/index.html"

soak: ## what `make test` does a little of, in full: random steps, random kills, two workers (SOAK_STEPS= and so on)
	@scripts/soak.sh

check: ## lint, types, import contracts, migrations, templates, translations
	@scripts/setup.sh
	@scripts/check.sh

bench: ## print speed and memory beside a yardstick of the same run (N= for the number of posts)
	@scripts/setup.sh
	@.venv/bin/python -m bench $(if $(N),--posts $(N))

format: ## bring the code into shape
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format --quiet .

messages: ## gather the strings to translate (needs Debian's gettext)
	@scripts/messages.sh

lock: ## write the locked requirements anew (UPGRADE=1 for newer versions)
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean: ## remove what was made, but never var/ with its data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
