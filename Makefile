# Two commands for people who build or try funnelcheck: `make demo` and `make test`. Both need Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM

.PHONY: demo test test-lowest browser generated languages clean

demo: $(VENV)/tool
	$(BIN)/funnelcheck demo --out funnelcheck-demo

test: $(VENV)/tests browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if [ -n "$(CI)$(CHROMIUM)" ]; then \
	    $(BIN)/python -m pytest; \
	else \
	    $(BIN)/python -m pytest -m "not browser" && \
	    echo "LEFT OUT: $$($(BIN)/python -m pytest -n 0 -m browser --collect-only 2>/dev/null | grep -c ::) tests" \
	        "that need a browser: install Chromium (Debian: apt install chromium) and run make test again."; \
	fi

# A browser for the tests of the pages: installed when that can be done without asking (root on Debian).
browser:
	@if [ -z "$(CHROMIUM)" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium for the browser tests" && apt-get update -qq \
	        && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	fi

# The same tests on the lowest versions that pyproject.toml admits.
test-lowest: browser
	$(PYTHON) -m venv --clear $(VENV)-lowest
	sed -n 's/^ *"\([a-z0-9]*\)>=\([0-9.]*\).*/\1==\2/p' pyproject.toml > $(VENV)-lowest/lowest.txt
	$(VENV)-lowest/bin/python -m pip install --quiet -e '.[test]' -c $(VENV)-lowest/lowest.txt
	$(VENV)-lowest/bin/python -m pytest

# README's table of rules and its picture of a report, made anew from the rules and the sample.
generated: $(VENV)/tests
	$(BIN)/python tests/generated.py

# The catalogues of reports/languages made anew from the sources; translations are kept, new texts come in empty.
languages: $(VENV)/tests
	$(BIN)/python tests/languages.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "funnelcheck needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	    || { rm -rf $(VENV); echo "python3 cannot make virtual environments here (Debian: apt install python3-venv)"; exit 1; }

$(VENV)/tool: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/tests: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@ $(VENV)/tool

clean:
	rm -rf $(VENV) $(VENV)-lowest build dist funnelcheck-demo .mypy_cache .ruff_cache .pytest_cache
