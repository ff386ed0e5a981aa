# Needs make, Python 3.11 or later and a network to the package registries; everything else is fetched.
#   make demo            everything on this machine (PORT, SANDBOX_PORT, SOCIALOPS_DATA_DIR override)
#   make test            format, lint, contracts, types, unit, integration and browser tests
#   make test-networks   the connectors against servers that others wrote
#   make chaos           five minutes of faults and kills over every network (SEED, MINUTES and DELIVERIES override)
#   make test-contracts CONTRACTS=folder   the connectors and the sandbox against the networks' published contracts
#   make bench           the benchmarks
#   make fmt, check, screenshots

SHELL = /bin/sh
PY = .venv/bin/python
UV_SYNC = .venv/bin/uv sync --frozen --inexact --quiet --python $(PY)
PACKAGES = socialops teams calendar/editorial calendar/publishing reputation kpis manage.py
# Apart from the .test of a developer who runs pytest at the same time.
TEST = DJANGO_SETTINGS_MODULE=socialops.settings.test SOCIALOPS_DATA_DIR=.test/make
BENCH = DJANGO_SETTINGS_MODULE=socialops.settings.dev SOCIALOPS_DATA_DIR=.test/bench

.PHONY: demo test test-networks test-contracts chaos bench fmt check screenshots frontend browser

demo: .venv/synced-demo
	@$(PY) -m socialops.embedded demo

# Tests wait (for networks, workers, restarts) more than they compute, so four processes share two cores: three, and the browser's beside them.
test: check frontend browser
	@$(TEST) $(PY) manage.py compile_translations
	@mkdir -p .test; $(TEST) $(PY) -m pytest -m browser >.test/browser.log 2>&1 & browser=$$!; \
	$(TEST) $(PY) -m pytest -n 3 --maxschedchunk 8 -m "not browser and not networks and not contracts"; status=$$?; \
	wait $$browser || status=1; cat .test/browser.log; $(TEST) $(PY) -m socialops.embedded stop; exit $$status

test-networks: .venv/synced-all
	@$(TEST) $(PY) manage.py compile_translations
	@$(TEST) $(PY) -m pytest -m networks tests/real_servers; \
	status=$$?; $(TEST) $(PY) -m socialops.embedded stop; exit $$status

chaos: .venv/synced-all
	@$(PY) -m tests.chaos.storm $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(DELIVERIES),--deliveries $(DELIVERIES))

test-contracts: .venv/synced-all
	@test -n "$(CONTRACTS)" || { \
	  echo "Say where the networks' contracts are: make test-contracts CONTRACTS=folder (with contracts/ and conformance/ in it)." >&2; exit 1; }
	@SOCIALOPS_CONTRACTS=$(abspath $(CONTRACTS)) $(TEST) $(PY) -m pytest -m contracts tests/contracts; \
	status=$$?; $(TEST) $(PY) -m socialops.embedded stop; exit $$status

bench: .venv/synced-all frontend
	@$(BENCH) $(PY) manage.py migrate --verbosity 0
	@$(BENCH) $(PY) manage.py compile_translations
	@$(BENCH) $(PY) manage.py collectstatic --noinput --verbosity 0
	@for name in publishing calendar dashboard ingest; do $(BENCH) $(PY) manage.py bench $$name || exit 1; done; \
	$(BENCH) $(PY) -m socialops.embedded stop

fmt: .venv/synced-all
	@$(PY) -m ruff format
	@$(PY) -m ruff check --fix

check: .venv/synced-all
	@$(PY) -m ruff format --check
	@$(PY) -m ruff check
	@.venv/bin/lint-imports
	@$(TEST) $(PY) -m mypy $(PACKAGES)

screenshots: .venv/synced-all frontend browser
	@$(TEST) SOCIALOPS_SCREENSHOTS=docs/screenshots $(PY) -m pytest -m browser; \
	status=$$?; $(TEST) $(PY) -m socialops.embedded stop; exit $$status

frontend: .venv/synced-all
	@$(PY) -m socialops.embedded.node

# A browser test that can't run fails: it is never skipped.
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	test -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" && exit 0; \
	test -x /Applications/Chromium.app/Contents/MacOS/Chromium && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests…"; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
	    chromium fonts-noto-color-emoji >/dev/null && exit 0; \
	fi; \
	echo "The browser tests need Chromium: install it (Debian: sudo apt install chromium; macOS: brew install --cask chromium) and run make again." >&2; \
	exit 1

.venv/bin/uv:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 none; do \
	  if [ $$python = none ]; then \
	    echo "SocialOps needs Python 3.11 or later, and this machine has $$(python3 --version 2>/dev/null || echo none): install a newer one (Debian 12: apt install python3 python3-venv; macOS: brew install python) and run make again." >&2; \
	    exit 1; \
	  fi; \
	  command -v $$python >/dev/null && $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$$python has no venv module: install it (Debian: apt install python3-venv) and run make again." >&2; exit 1; }; \
	echo "Making a virtual environment in .venv…"; \
	$$python -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check uv || { \
	  echo "The virtual environment could not be made (the reason is above): check the network and the disk, remove .venv and run make again." >&2; exit 1; }

.venv/synced-demo: .venv/bin/uv pyproject.toml uv.lock
	@echo "Installing the locked packages…"
	@$(UV_SYNC) --no-default-groups --group embedded || { \
	  echo "The packages could not be installed (the reason is above): check the network and the disk, then run make again." >&2; exit 1; }
	@touch $@

.venv/synced-all: .venv/bin/uv pyproject.toml uv.lock
	@echo "Installing the locked packages…"
	@$(UV_SYNC) --all-groups || { \
	  echo "The packages could not be installed (the reason is above): check the network and the disk, then run make again." >&2; exit 1; }
	@touch $@ .venv/synced-demo
