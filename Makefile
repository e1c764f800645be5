# Two commands for people who build or try funnelcheck: `make demo` and `make test`. Both need Python 3.11+ and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
export CHROMIUM
# Microsoft's own validator of SARIF, a program inside an npm package.
SARIF := $(abspath $(VENV))/node/node_modules/@microsoft/sarif-multitool/bin.js
export SARIF

.PHONY: bench demo test test-lowest system sarif generated languages clean

demo: $(VENV)/tool
	$(BIN)/funnelcheck demo --out funnelcheck-demo

test: $(VENV)/tests system sarif
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@left_out=""; \
	[ -n "$(CHROMIUM)" ] || left_out="browser"; \
	$(BIN)/python -c 'import weasyprint' 2>/dev/null || left_out="$${left_out:+$$left_out or }pdf"; \
	[ -f "$(SARIF)" ] || left_out="$${left_out:+$$left_out or }sarif"; \
	command -v java >/dev/null || left_out="$${left_out:+$$left_out or }spark"; \
	if [ -n "$(CI)" ] || [ -z "$$left_out" ]; then \
	    $(BIN)/python -m pytest; \
	else \
	    $(BIN)/python -m pytest -m "not ($$left_out)" && \
	    echo "LEFT OUT: $$($(BIN)/python -m pytest -n 0 -m "$$left_out" --collect-only 2>/dev/null | grep -c ::) tests" \
	        "that need what is not here: install it (Debian: apt install chromium npm $(JAVA) $(PANGO)) and run make test again."; \
	fi

# What the tests need of the system, a browser, the libraries behind PDF, openssl, npm and Java: installed when that can be
# done without asking (root on Debian). In CI a test that still lacks its part fails.
JAVA := openjdk-17-jre-headless
PANGO := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
system:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    wanted=""; \
	    [ -n "$(CHROMIUM)" ] || wanted="chromium"; \
	    dpkg -s $(PANGO) >/dev/null 2>&1 || wanted="$$wanted $(PANGO)"; \
	    command -v openssl >/dev/null || wanted="$$wanted openssl"; \
	    command -v npm >/dev/null || wanted="$$wanted npm"; \
	    command -v java >/dev/null || wanted="$$wanted $(JAVA)"; \
	    [ -z "$$wanted" ] || { echo "installing $$wanted for the tests" && apt-get update -qq \
	        && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted >/dev/null; }; \
	fi

# The npm package holds the whole program; it is asked for by name wherever npm looks for packages, which must be trusted
# as the rest of the system trusts it.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
sarif: system
	@[ -f "$(SARIF)" ] || ! command -v npm >/dev/null || { mkdir -p $(VENV)/node && cd $(VENV)/node \
	    && { [ -n "$$NODE_EXTRA_CA_CERTS" ] || [ -z "$(CERTIFICATES)" ] || export NODE_EXTRA_CA_CERTS="$(CERTIFICATES)"; } \
	    && npm install --silent --no-audit --no-fund --no-save --no-package-lock --prefix . @microsoft/sarif-multitool@5 \
	    && chmod u+x node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool*; } \
	    || echo "the validator of SARIF could not be installed"

# How fast, as ratios to the least SQL that would do: by hand, on a machine that does nothing else.
bench: $(VENV)/tests
	$(BIN)/python tests/bench/suite.py $(LEADS)

# The same tests on the lowest versions that pyproject.toml admits.
test-lowest: system sarif
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
