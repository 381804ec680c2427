# Two commands matter: `make demo` and `make test`. Each installs what it needs, says what it does, and stops with a sentence when it cannot.

PORT ?= 8000
PYTHON3 ?= python3
VENV := .venv
PYTHON := $(VENV)/bin/python
STAMPS := .stamps
ROOT_DATA := /var/tmp/compliance-portal-demo
DATA_DIR ?= $(if $(filter 0,$(shell id -u)),$(ROOT_DATA),.demo)

DEMO_PACKAGES := python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 gettext
TEST_PACKAGES := $(DEMO_PACKAGES) chromium libatomic1 poppler-utils
BENCH_PACKAGES := valgrind
LONG_PACKAGES := libreoffice-calc-nogui
CATALOGUE := locale/de/LC_MESSAGES/django.mo

.PHONY: demo demo-reset test test-long bench check format lock clean help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(STAMPS)/demo $(CATALOGUE) ## run the portal with sample data (PORT=8000, DATA_DIR keeps the data)
	@$(PYTHON) -m compliance_portal.embedded --data "$(DATA_DIR)" -- $(PYTHON) -m compliance_portal.demo --port $(PORT) --data "$(DATA_DIR)"

demo-reset: ## empty the demo's data
	@test ! -e "$(DATA_DIR)" || { test -f "$(DATA_DIR)/.compliance-portal-demo" || { echo "$(DATA_DIR) was not made by 'make demo'; it is left alone." >&2; exit 1; }; }
	@rm -rf "$(DATA_DIR)"; echo "Emptied $(DATA_DIR)."

test: $(STAMPS)/test $(CATALOGUE) ## run every test on a private PostgreSQL and Valkey
	@$(PYTHON) -m compliance_portal.embedded --owner -- $(PYTHON) -m pytest -n 2 --dist worksteal -m "not long" $(ARGS)

test-long: $(STAMPS)/test $(STAMPS)/system-long $(CATALOGUE) ## run the long campaigns
	@$(PYTHON) -m compliance_portal.embedded --owner -- $(PYTHON) -m pytest -m long $(ARGS)

bench: $(STAMPS)/test $(STAMPS)/system-bench $(CATALOGUE) ## measure speed as ratios and write benchmarks/results.json (AREAS="gate ledger")
	@$(PYTHON) -m compliance_portal.embedded --owner -- $(PYTHON) -m benchmarks $(AREAS)

check: $(STAMPS)/test $(CATALOGUE) ## lint, types, layers, templates, migrations
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports
	@find templates -name '*.html' -not -path 'templates/pdf/*' -print0 | xargs -0 $(VENV)/bin/djade --check --target-version 5.2
	@$(PYTHON) -m compliance_portal.embedded --owner -- sh -c '. scripts/check-environment && $(VENV)/bin/mypy && $(PYTHON) manage.py makemigrations --check --dry-run'

format: $(STAMPS)/test ## write code and templates in the one format
	@$(VENV)/bin/ruff check --fix -q . ; $(VENV)/bin/ruff format -q . ; find templates -name '*.html' -not -path 'templates/pdf/*' -print0 | xargs -0 $(VENV)/bin/djade --target-version 5.2 || true

lock: $(STAMPS)/test ## resolve the requirements anew (needs uv)
	@uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --no-annotate -q --python-version 3.11 -o requirements/runtime.txt
	@uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --no-annotate -q --python-version 3.11 --extra demo -c requirements/runtime.txt -o requirements/demo.txt
	@uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --no-annotate -q --python-version 3.11 --extra demo --extra test -c requirements/demo.txt -o requirements/test.txt

clean: ## remove what the commands above made, except the demo's data
	@rm -rf $(VENV) $(STAMPS) staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis $(CATALOGUE)

$(STAMPS)/system-demo:
	@scripts/install-packages $(DEMO_PACKAGES)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/system-test:
	@scripts/install-packages $(TEST_PACKAGES)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/system-long:
	@scripts/install-packages $(LONG_PACKAGES)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/system-bench:
	@scripts/install-packages $(BENCH_PACKAGES)
	@mkdir -p $(STAMPS) && touch $@

$(PYTHON):
	@echo "Making a virtual environment in $(VENV)."
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON3 to it." >&2; exit 1; }
	@$(PYTHON3) -m venv $(VENV)

$(STAMPS)/demo: requirements/demo.txt $(STAMPS)/system-demo | $(PYTHON)
	@echo "Installing the pinned requirements."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/system-test | $(PYTHON)
	@echo "Installing the pinned requirements for tests."
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@ $(STAMPS)/demo

$(CATALOGUE): locale/de/LC_MESSAGES/django.po
	@msgfmt --check-format -o $@ $<
