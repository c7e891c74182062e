# The whole developer interface. `make` alone lists it. Needs Python 3.11 or later, make and git; what else is
# needed comes from pinned, hashed requirements into .venv, once, and again only when they change.

PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PYTEST_ARGS ?= -n auto --dist worksteal

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
VENV := .venv/made
RUN := .venv/installed-run
DEV := .venv/installed-dev
PEER := .venv/peer/installed
LAB_ARGS := $(if $(CASE),-k "$(CASE)" --log-cli-level=INFO)
CHECKS := format lint types imports tests
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

.DEFAULT_GOAL := help
.PHONY: help render test $(CHECKS) golden docs schemas schemas-check tools lab bench requirements clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

help: ## List what there is to make.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

render: $(RUN) ## Render specs/ into out/.
	@$(BIN)/meshgen render specs/ -o out/

test: $(DEV) ## Run every check: format, lint, types, import contracts, tests, generated files current.
	@failed=; for check in $(CHECKS); do \
		printf '\n== make %s\n' $$check; $(MAKE) $$check || failed="$$failed $$check"; \
	done; \
	if [ -n "$$failed" ]; then printf '\nmake test: failed:%s\n' "$$failed"; exit 1; fi; \
	printf '\nmake test: all passed: %s\n' "$(CHECKS)"

format: $(DEV)
	@$(BIN)/ruff format --check --output-format concise .

lint: $(DEV)
	@$(BIN)/ruff check --output-format concise .

types: $(DEV)
	@$(BIN)/mypy

imports: $(DEV)
	@$(BIN)/lint-imports --no-logo

tests: $(DEV)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

golden: $(DEV) ## Write golden/ and tests/errors/ anew; read the diff as the reviewer will.
	@$(BIN)/python -m pytest -q --update-golden

docs: $(DEV) ## Write the generated pages of docs/ anew.
	@$(BIN)/python tools/docs.py

schemas: $(DEV) ## Make meshgen/schemas/ anew from the pinned upstream packages.
	@$(BIN)/python tools/schemas/generate.py

schemas-check: $(DEV) ## Make the schemas anew elsewhere and compare.
	@$(BIN)/python tools/schemas/generate.py --check

tools: $(DEV) ## Build kubeconform, Kubernetes and Istio from their pinned Go modules, once (needs Go, 10 to 20 minutes).
	@$(BIN)/python tools/build.py kubeconform kubernetes istio

lab: $(DEV) ## Prove what the YAML does on a real control plane and real proxies; CASE="a or b" runs those tests, aloud.
	@if $(BIN)/python -m lab; then $(BIN)/python -m pytest lab/tests $(LAB_ARGS); else [ "$$CI" != true ]; fi

bench: $(DEV) $(PEER) ## Measure fleets of 1 to 10,000 services beside honest peers.
	@$(BIN)/python bench/startup.py
	@$(BIN)/python bench/run.py
	@$(BIN)/python bench/lint.py
	@if $(BIN)/python -m lab; then $(BIN)/python bench/discovery.py; fi

requirements: $(VENV) ## Pin the newest versions of what pyproject.toml asks for, with hashes for every platform.
	@$(PIP) install uv
	@$(BIN)/$(COMPILE) pyproject.toml --upgrade --group build --output-file requirements.txt
	@$(BIN)/$(COMPILE) pyproject.toml --upgrade --extra cluster --group build --group dev --constraint requirements.txt --output-file requirements-dev.txt
	@$(BIN)/$(COMPILE) bench/requirements-discovery.in --upgrade --output-file bench/requirements-discovery.txt

clean: ## Remove what make made, except what is committed.
	@rm -rf .venv out dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV):
	@[ -n "$(PYTHON)" ] || { echo "meshgen needs Python 3.11 or later with its venv module; name one with PYTHON=..." >&2; exit 1; }
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv
	@touch $@

$(RUN): requirements.txt pyproject.toml $(VENV)
	@echo "Installing what meshgen runs on"
	@$(PIP) install --require-hashes --requirement requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.txt $(RUN)
	@echo "Installing what its checks run on"
	@$(PIP) install --require-hashes --requirement requirements-dev.txt
	@touch $@

$(PEER): bench/requirements-discovery.txt $(VENV)
	@echo "Installing the client that discovery is measured beside"
	@$(BIN)/python -m venv .venv/peer
	@.venv/peer/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement $<
	@touch $@
