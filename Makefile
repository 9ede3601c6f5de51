# The two commands that do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo-store
SWEEP  := demo-runs
# An editable installation builds the pages of the viewer, again when one of these is newer.
WEB    := hatch_build.py $(shell find tracker/web -path '*/node_modules' -prune -o -type f ! -name schema.d.ts -print)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test docs lint types schemas fmt fuzz bench clean

help:
	@echo "make demo    install, track the example runs in ./$(DEMO), show them in the terminal and the browser"
	@echo "make test    install, then lint, types and all tests"
	@echo "make docs    the documentation as a site, in ./site; every warning is an error"
	@echo "make lint    the linters alone;  make types  the types alone"
	@echo "make fmt     lay the code out;   make schemas  write the generated schema"
	@echo "make fuzz    ten minutes of any bytes at all; the counts go into tests/fuzz/README.md"
	@echo "make bench   the benchmarks, side by side with MLflow"
	@echo "make clean   remove what these made"

$(VENV)/.python:
	$(PYTHON) tests/tools/check_python.py
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.all: $(VENV)/.python pyproject.toml $(WEB)
	$(BIN)/pip install --quiet --editable '.[all]'
	@touch $@

$(VENV)/.dev: $(VENV)/.python pyproject.toml $(WEB)
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.all $(VENV)/.docs

$(VENV)/.docs: $(VENV)/.python pyproject.toml $(WEB)
	$(BIN)/pip install --quiet --editable '.[docs]'
	@touch $@ $(VENV)/.all

$(VENV)/.torch: $(VENV)/.dev tests/requirements-torch.txt
	$(BIN)/pip install --quiet --requirement tests/requirements-torch.txt
	@touch $@

# Runs that were tracked are not made anew: another past under the same ids would be refused.
$(SWEEP): | $(VENV)/.all
	rm -rf $@.part
	$(BIN)/python examples/sweep/sweep.py $@.part
	mv $@.part $@

demo: $(VENV)/.all $(SWEEP)
	$(BIN)/runjson upload --to $(DEMO) examples/quickstart examples/digits $(SWEEP)
	$(BIN)/runjson runs --to $(DEMO)
	$(BIN)/runjson show --to $(DEMO) softmax-7
	$(BIN)/runjson ui --to $(DEMO)

# The theme names its successor on every build; that is no warning about the pages.
docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	@echo "Open site/index.html: it needs no server and no network."

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

schemas: $(VENV)/.dev
	$(BIN)/python -m runjson_schema.schemas

fmt: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/.r: $(VENV)/.dev tests/tools/system.sh
	sh tests/tools/system.sh
	if command -v R >/dev/null; then $(BIN)/pip install --quiet --editable '.[dev,r]'; fi
	@touch $@

test: $(VENV)/.torch $(VENV)/.r
	BIN=$(BIN) sh tests/tools/run_all.sh

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz.fuzz --seconds 600 --write

# In an environment of its own: what MLflow needs is not ours.
bench: $(VENV)/.python
	[ -x .venv-bench/bin/python ] || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet '.[all]' --requirement benchmarks/requirements.txt
	.venv-bench/bin/python benchmarks/run.py

clean:
	rm -rf tracker/web/node_modules tracker/src/runjson_server/web
	rm -rf $(VENV) .venv-* $(DEMO) $(SWEEP) $(SWEEP).part site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
