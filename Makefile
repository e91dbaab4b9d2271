# Two commands are enough: `make demo` shows the product, `make test` proves it.
.DEFAULT_GOAL := help
.PHONY: help demo shots run test test-all soak check static lint types imports page unit bench fuzz lock clean
PYTEST = .venv/bin/python -m pytest

help: ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: ## replay recorded real calls: page, pops and receipts, nothing else needed
	@tools/venv.sh runtime
	@tools/desk.sh
	@.venv/bin/filodiretto demo $(ARGS)

shots: ## take the pictures of the documentation from the real page
	@tools/venv.sh dev
	@tools/desk.sh
	@.venv/bin/python tools/shots.py

run: ## run the daemon on ./filodiretto.toml
	@tools/venv.sh runtime
	@tools/desk.sh || echo "==> going on without the page"
	@.venv/bin/filodiretto run $(ARGS)

test: ## everything: lint, types, the page, unit, real Asterisk, real Odoo, real Chromium (as root)
	@tools/system.sh
	@tools/venv.sh dev
	@$(MAKE) --no-print-directory -j2 -Otarget static
	@.venv/bin/python tools/tests.py $(ARGS)

test-all: ## `test`, and every play on Asterisk 22 and 16, long random walks, a minute of soak
	@$(MAKE) --no-print-directory test ARGS="--all $(ARGS)"

soak: ## the daemon under random calls while everything around it breaks, MINUTES=5 RATE=20
	@tools/system.sh
	@tools/venv.sh dev
	$(PYTEST) tests/soak --all -s --minutes $(or $(MINUTES),5) --rate $(or $(RATE),20) $(ARGS)

check: ## lint, types, import directions, the page, and the tests that need no other program
	@tools/venv.sh dev
	@$(MAKE) --no-print-directory -j2 -Oline unit static

static: types lint imports page

lint:
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .

types:
	.venv/bin/mypy

imports:
	.venv/bin/lint-imports

page:
	@tools/desk.sh check

unit:
	$(PYTEST) -q -m "not integration and not e2e" tests/unit tests/scenarios tests/property \
	    tests/conformance/test_connectors.py::test_folder_says_what_it_promises

bench: ## figures beside a floor and a peer, as ratios
	@tools/venv.sh dev
	@for program in bench/*.py; do echo "== $$program"; .venv/bin/python $$program || exit 1; done

fuzz: ## feed parsers and call table with hostile bytes, SECONDS=60 for each target
	@tools/venv.sh dev
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@.venv/bin/python fuzz/run.py --seconds $(or $(SECONDS),60) $(ARGS)

lock: ## renew the lock files
	@tools/lock.sh --upgrade

clean: ## remove what was built (not the caches outside this folder)
	rm -rf .venv .venv-node web/node_modules gateway/web/static build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .fuzz
