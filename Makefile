# make demo   everything from a fresh machine to a report; make help lists the rest.
#
# CONSTRAINTS=constraints.txt   the exact versions of the Python packages that were tested
# R_SETUP=skip                  install nothing of R; the numbers come from Python alone
# PYTHON=/path/to/python        use this Python (3.11 or later)

MAKEFLAGS += --no-print-directory
CONSTRAINTS ?=
R_SETUP ?= auto
export R_SETUP

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif

SETUP := sh scripts/setup.sh $(if $(CONSTRAINTS),--constraints "$(CONSTRAINTS)")

.DEFAULT_GOAL := help
.PHONY: help setup demo docs golden test lint constraints web-pictures benchmark benchmark-web clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile
	@echo "Options: CONSTRAINTS=constraints.txt  R_SETUP=skip  PYTHON=/path/to/python"

setup: ## Python, R and their packages, into the system and .venv
	@$(SETUP)

demo: setup ## set up, simulate a trial, analyse it in Python and R, write demo-report/
	@$(BIN)/lesionhet demo -o demo-report

docs: setup ## demo, then docs/gallery.md, docs/ledger.md and their pictures
	@$(BIN)/lesionhet demo -o demo-report
	@$(BIN)/python scripts/write_docs.py demo-report docs

golden: ## R's answers to the battery into tests/golden/, then all of them tested; R is required
	@$(SETUP) --require-r
	@$(BIN)/python scripts/write_golden.py tests/golden
	LESIONHET_REQUIRE_R=1 LESIONHET_GOLDEN=1 $(BIN)/python -m pytest -q tests/test_golden.py

lint: setup ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

# Nothing may print after pytest: its last line is the last line of this.
test: ## set up, then style, types and every test; R is required
	@$(SETUP) --require-r
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	LESIONHET_REQUIRE_R=1 $(BIN)/python -m pytest -q -n auto --dist loadscope

web-pictures: setup ## pictures of the web page for docs/web.md
	@$(BIN)/python -m scripts.write_web_pictures docs/images

benchmark: setup ## ours beside R, lifelines and others, growth and memory; about 20 minutes
	@$(BIN)/python -m benchmarks

benchmark-web: setup ## how long a person waits at the web page
	@$(BIN)/python -m benchmarks.web

constraints: setup ## write the installed versions to constraints.txt
	@$(BIN)/python scripts/write_constraints.py constraints.txt

clean: ## remove .venv, demo-report and every cache
	rm -rf .venv demo-report build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
