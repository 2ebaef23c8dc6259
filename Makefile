# Everything there is to do with the course, one target each. `make` alone lists them.

PORT ?= 8888
# BROWSER=none starts JupyterLab without opening a browser.
BROWSER ?=
# Where set-up looks for PyTorch's CPU build when pip knows no local one.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
# The Python to make .venv with, if python3.11 and python3 are not the right ones.
PYTHON ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
TORCH := $(shell sed -n 's/^\(torch==[0-9.]*\).*/\1/p' requirements.txt)
EXECUTED := $(wildcard course/*/lesson.ipynb solutions/*/exercises.ipynb)
RELEASED := $(wildcard course/*/exercises.ipynb)
NBVAL := $(BIN)/python -m pytest -q -n 2 --dist loadfile -p no:cacheprovider --nbval-current-env --nbval-kernel-startup-timeout 300 \
  --nbval-sanitize-with tests/nbval.ini

CAN_MAKE := import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 11))
IS_MADE := import pip, sys; sys.exit(sys.version_info[:2] != (3, 11))
IS_REACHABLE := import urllib.request as u; u.urlopen("$(TORCH_INDEX)/torch/", timeout=5)

.PHONY: help setup lab test check build site pdf bench lock clean

help:
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-12s%s\n", $$1, $$2}'

setup: .venv/.ready ## make .venv with the locked environment, if it is not there yet

lab: setup ## open JupyterLab at the first unit (PORT=8888, BROWSER=none)
	@$(BIN)/introdl lab --port $(PORT) $(if $(filter none,$(BROWSER)),--no-browser)

test: setup ## run all that CI runs: check, slow and browser tests, every notebook
	@failed=0; run() { "$$@" || [ $$? -eq 5 ] || failed=1; }; \
	$(MAKE) --no-print-directory check || failed=1; \
	marks="slow or browser"; \
	if ! command -v chromium >/dev/null; then \
	  marks="slow and not browser"; \
	  if [ "$$CI" = true ]; then echo "chromium is missing: the browser tests cannot run" >&2; failed=1; \
	  else echo "no chromium here: the browser tests are left out"; fi; \
	fi; \
	run $(BIN)/python -m pytest -q -n 2 -m "$$marks"; \
	if [ -n "$(EXECUTED)" ]; then run $(NBVAL) --nbval $(EXECUTED); else echo "no executed notebook yet"; fi; \
	if [ -n "$(RELEASED)" ]; then run $(NBVAL) --nbval-lax $(RELEASED); else echo "no released notebook yet"; fi; \
	exit $$failed

check: setup ## lint, look for drift between text and notebooks, run the fast tests: under a minute
	@failed=0; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/python -m autograder.build --check || failed=1; \
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not browser" || failed=1; \
	exit $$failed

build: setup ## write the notebooks from their text; execute those whose code has changed
	@$(BIN)/python -m autograder.build

site: setup ## render the course, to be read offline, into _build/html
	@$(BIN)/sphinx-build -W --keep-going -b html course _build/html

pdf: site ## print the rendered course as one book, _build/course.pdf (needs chromium)
	@$(BIN)/python course/_sphinx/book.py _build/html _build/course.pdf

bench: setup ## measure every lesson and write the tables that the site shows
	@$(BIN)/python -m tests.bench.lessons
	@$(BIN)/python -m tests.bench.layers $(if $(PEERS),--peers $(PEERS))
	@$(BIN)/python -m tests.bench.grading $(if $(OTTER),--otter $(OTTER))
	@$(BIN)/python -m tests.bench.steps
	@$(BIN)/python -m tests.bench.scale

lock: setup ## pin all that pyproject.toml asks for in requirements.txt (newest: make lock UPGRADE=--upgrade)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate \
	  --custom-compile-command "make lock" $(UPGRADE) pyproject.toml -o requirements.txt

clean: ## remove what the other targets made, except .venv and your work/
	@rm -rf _build build .pytest_cache .ruff_cache .hypothesis

# One BLAS and torch thread each: two notebooks or test workers share the machine.
check test build bench: export OMP_NUM_THREADS = 1
check test build bench: export MKL_NUM_THREADS = 1
check test build bench: export OPENBLAS_NUM_THREADS = 1
check test build bench: export INTRODL_QUIET = 1

# Set-up in three steps; the stamp is written last, so a set-up that broke off starts again.
# PyTorch comes first, without its dependencies, so that nothing later asks for a build with CUDA.
.venv/.ready: requirements.txt pyproject.toml
	@rm -f $@
	@if ! $(BIN)/python -c '$(IS_MADE)' 2>/dev/null; then \
	  for python in $(PYTHON) python3.11 python3 none; do $$python -c '$(CAN_MAKE)' 2>/dev/null && break; done; \
	  if [ $$python = none ]; then \
	    echo "set-up needs Python 3.11 with venv: install it, or say where it is: make setup PYTHON=PATH" >&2; \
	    exit 1; \
	  fi; \
	  $$python -m venv --clear .venv; \
	fi
	@echo "installing PyTorch"; \
	if $(PIP) install --no-index --no-deps $(TORCH) >/dev/null 2>&1; then :; \
	elif $(BIN)/python -c '$(IS_REACHABLE)' 2>/dev/null; then \
	  $(PIP) install --no-deps --index-url $(TORCH_INDEX) $(TORCH); \
	else \
	  [ "$$(uname)" != Linux ] || echo "$(TORCH_INDEX) cannot be reached: PyPI's build of PyTorch brings several GB of CUDA packages"; \
	  $(PIP) install $(TORCH); \
	fi
	$(PIP) install -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
