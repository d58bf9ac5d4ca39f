# What can be done here; `make help` lists it. Needs Python 3.11 or newer and nothing else.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif

# Lines of `make lint`; each runs, whatever the ones before it said.
define CHECKS
ruff check .
ruff format --check .
mypy
lint-imports --no-logo
djlint --lint --quiet templates
bandit -q -c pyproject.toml -r supervision config.py
endef
export CHECKS

.DEFAULT_GOAL := help
.PHONY: help run test attack matrix fuzz lint format bench backup restore check lock clean venv-run venv-dev

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: venv-run ## start Rundan with demo data (PORT=8000 chooses the port, DEMO=no leaves the demo out)
	@exec $(BIN)/python -m supervision.launch $(if $(PORT),--port $(PORT)) $(if $(filter no,$(DEMO)),--no-demo)

test: venv-dev ## run every test (ARGS="-k rules" passes words on to pytest)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 $(ARGS)

attack: venv-dev ## try the attacks on the evaluation in full, and say what they found
	@RUNDAN_ATTACK_FULL=1 $(BIN)/python -m pytest -n0 -q tests/attack $(ARGS)

matrix: venv-dev ## ask every route as everyone on both databases, look for every canary, and count
	@RUNDAN_MATRIX=1 $(BIN)/python -m pytest -n0 -q tests/access $(ARGS)

fuzz: venv-dev ## send hostile requests to every route as everyone, and count (MANY=60000, SEED=number)
	@RUNDAN_FUZZ=$(or $(MANY),60000) RUNDAN_FUZZ_SEED=$(or $(SEED),7331) $(BIN)/python -m pytest -n0 -q tests/fuzz $(ARGS)

lint: venv-dev ## run every check, also after one has failed
	@printf '%s\n' "$$CHECKS" | { \
	  status=0; \
	  while read -r check; do \
	    echo "== $$check"; \
	    $(BIN)/$$check </dev/null || { status=1; echo "== failed: $$check"; }; \
	  done; \
	  exit $$status; \
	}

format: venv-dev ## put the code into its one form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: venv-dev ## measure; one JSON object a line (ONLY=prefix runs a part)
	@$(BIN)/python -m tests.bench $(ONLY)

backup: venv-run ## back the database up, verified (TO=folder; KEEP=7 keeps the newest seven)
	@$(BIN)/python -m flask --app supervision.app backup "$(or $(TO),backups)" $(if $(KEEP),--keep $(KEEP))

restore: venv-run ## put a backup in the database's place (FROM=file; REPLACE=yes where the database holds rows)
	@$(if $(FROM),,echo "make restore FROM=backups/rundan-….backup"; exit 1;) $(BIN)/python -m flask --app supervision.app restore "$(FROM)" $(if $(filter yes,$(REPLACE)),--replace)

check: venv-run ## look whether database, keys and audit log are whole
	@$(BIN)/python -m flask --app supervision.app check

lock: ## resolve the requirements anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH"; exit 1; }
	uv pip compile $(LOCKED) pyproject.toml -o requirements/run.txt
	uv pip compile $(LOCKED) -c requirements/run.txt pyproject.toml --group dev -o requirements/dev.txt

# No address of a registry stands in the locks, so that they install from any mirror.
LOCKED := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean: ## remove .venv, caches and reports; instance/ with its data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
	find supervision tests migrations config.py -name __pycache__ -type d -prune -exec rm -rf {} +

venv-run venv-dev: venv-%:
	@command -v $(PYTHON) >/dev/null || { echo "Rundan: needs Python 3.11 or newer as $(PYTHON)"; exit 1; }
	@$(PYTHON) .ci/venv.py $*
