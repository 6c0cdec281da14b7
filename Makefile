# The two commands are `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.NOTPARALLEL:

PY := .venv/bin/python
ARGS ?=
CLOCK ?=
WORKERS ?= auto
# What is served runs with production settings unless somebody says otherwise; on this machine, make says otherwise.
export DJANGO_SETTINGS_MODULE ?= config.settings.dev
# EMPTY=1 means the shop of one's own, whose data lives apart from the demonstration's, in every command.
empty :=
ifneq ($(EMPTY),)
export BALCAO_VAR := $(CURDIR)/var-empty
empty := --empty
endif

.PHONY: help
help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "; print "Usage: make COMMAND\n"} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  PORT=8080    the port of 'make run'           PYTHON=...   the Python for .venv"
	@echo "  ARGS=...     more words for test and manage   WORKERS=4    parallel test processes"
	@echo "  CLOCK=fri-2230   the clock of 'make test'  (python -m devstack.clocks list)"
	@echo "  DATABASE_URL, REDIS_URL   servers of your own instead of the embedded ones"
	@echo "  EMPTY=1      a shop of your own without demonstration data; SHOP_NAME=... OWNER_EMAIL=..."

.PHONY: install
install: ## Make .venv match Pipfile.lock (every other command does this first)
	@.dev/bootstrap.sh

.PHONY: run
run: install ## Open the shop: servers, database, demonstration data (EMPTY=1: none), web, worker, beat
	@$(PY) -m devstack run $(empty) --end-with-parent

.PHONY: services
services: install ## Start PostgreSQL and Redis alone, for manage.py and runserver
	@$(PY) -m devstack services $(empty) --end-with-parent

.PHONY: reset
reset: install ## Delete the data of this checkout (var/; with EMPTY=1 var-empty/)
	@$(PY) -m devstack reset $(empty)

.PHONY: test
test: install ## Run the whole test suite on throw-away servers
	@CLOCK=$(CLOCK) $(PY) -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

.PHONY: e2e
e2e: install ## Walk through desk and window in a real Chromium, at a desk and on a phone ('make test': the smoke)
	@$(PY) -m devstack.browser
	@CLOCK=$(CLOCK) $(PY) -m pytest -m browser -n $(WORKERS) --maxprocesses 3 --dist worksteal $(ARGS)

.PHONY: shopping
shopping: install ## Walk to a paid order in a shop of 'make run': good network, slow 3G, server killed on the way
	@$(PY) -m devstack.browser
	@$(PY) -m pytest -m browser -q -s --show-capture=no operations/tests/walks/for_real.py $(ARGS)

.PHONY: lighthouse
lighthouse: install ## Measure how fast the window of a running shop is (URL=http://127.0.0.1:8000)
	@$(PY) -m tools.lighthouse $(URL)

.PHONY: manual
manual: install ## Make the pictures and the table of the owner's manual anew, by walking
	@$(PY) -m devstack.browser
	@$(PY) -m tools.manual

.PHONY: test-clocks
test-clocks: install ## Run the whole test suite under every other clock, one after the other
	@failed=; for clock in $$($(PY) -m devstack.clocks list); do \
		$(MAKE) --no-print-directory test CLOCK=$$clock || failed="$$failed $$clock"; \
	done; \
	if [ -z "$$failed" ]; then echo "Every clock is green."; else echo "Not green:$$failed"; exit 1; fi

.PHONY: manage
manage: install ## Run a management command: make manage ARGS="check_integrity --json"
	@$(PY) manage.py $(ARGS)

.PHONY: doctor
doctor: install ## Look for what is wrong with a running shop, with a remedy for each finding
	@$(PY) manage.py doctor $(ARGS)

.PHONY: lint
lint: install ## Check format, style, types and the direction of imports
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy .
	@.venv/bin/lint-imports

.PHONY: format
format: install ## Let ruff put the code in shape
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

.PHONY: audit
audit: install ## Ask the database of known faults about every package of the lock
	@$(PY) -m tools.supply audit

.PHONY: sbom
sbom: install ## Write var/sbom.json, the list of parts that go into the image
	@mkdir -p var && $(PY) -m tools.supply sbom var/sbom.json && echo "var/sbom.json is written."

.PHONY: schema
schema: install ## Write openapi.yaml anew
	@$(PY) -m devstack.isolated manage.py spectacular --lang en --validate --fail-on-warn --file openapi.yaml

.PHONY: docs
docs: install ## Write what docs/ takes from the code
	@DJANGO_SETTINGS_MODULE=config.settings.offline $(PY) manage.py write_docs

.PHONY: window
window: install ## Build the shop window (web/) if it changed; 'make run' does it by itself
	@$(PY) -m devstack.window

.PHONY: client
client: install ## Write the types of the TypeScript client and its collection anew, from openapi.yaml
	@$(PY) -m tools.clients write

.PHONY: messages
messages: install ## Collect the texts for translation (needs gettext) and compile the catalogues
	@$(PY) -m devstack.isolated manage.py makemessages --locale pt_BR --no-location --no-wrap --no-obsolete --ignore var --ignore var-empty --ignore config --ignore devstack
	@$(PY) -m devstack.catalogues compile

.PHONY: bench
bench: install ## Measure the shop, beside django-oscar if BENCH_OSCAR names a Python that has it
	@$(PY) -m tools.bench $(ARGS)

.PHONY: mutants
mutants: install ## Put faults into the code and see that its tests notice (docs/testing.md)
	@$(PY) -m tools.mutants $(ARGS)

.PHONY: lock
lock: install ## Resolve the Pipfile again and write Pipfile.lock
	@.dev/lock.sh

.PHONY: ci-servers
ci-servers: ## What needs servers of Debian's packages (.ci/servers.txt) and root: nothing is skipped, and not part of 'make ci'
	@CATEGORIES="packages embedded web dev-packages audit servers" .dev/bootstrap.sh
	@$(PY) -m pytest -m "servers or debian" --nothing-skipped $(ARGS)

.PHONY: ci
ci: ## Everything that must be green before a change is shared
	@.ci/run
