# Needs Python 3.11 or later with its module venv, GNU make 3.81 or later, and bash or zsh. Everything else is installed into .venv.
PYTHON ?= python3
STAGE ?= dev
BIN := .venv/bin
# Bytecode is kept, whatever this machine prefers; pip leaves it to the first import, which compiles what is used.
unexport PYTHONDONTWRITEBYTECODE
# Half of a lone surrogate is a good test value, but pytest-xdist cannot carry it in a captured log.
PARALLEL := -n 2 --dist worksteal -p no:logging
# A stack for each (tests/e2e/conftest.py); they wait now and then, so three keep two processors busy.
STACKS := -n 3 --dist loadgroup --no-loadscope-reorder -p no:logging
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' $(firstword $(MAKEFILE_LIST)))

# A line of the help is a target with `##`; a group begins with `##@ <part>: <name>`.
HELP = @awk -v begins="\#\#@ $(1): " -F ':.*\#\# ' ' \
	index($$0, "\#\#@ ") == 1 { shown = index($$0, begins) == 1; if (shown) print (n++ ? "\n" : "") substr($$0, length(begins) + 1) } \
	shown && /^[a-z-]+:.*\#\# / { printf "  %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

help:
	$(call HELP,main)
	@printf '\nmore: make help-more (checks one by one, documents, releases), make help-bench\n'

help-more:
	$(call HELP,more)

help-bench:
	$(call HELP,bench)

##@ main: The local stack

run: .venv/.installed ## start it, and watch the code: PORT, AWS_PORT, DEMO, CONSOLE, WATCH, STATE_DIR
	@exec $(BIN)/python -m localstack up

stop: .venv/.installed ## end it; the state is kept
	@$(BIN)/python -m localstack stop

reset: .venv/.installed ## end it and delete the state, after a question on a terminal: YES=1 does not ask
	@$(BIN)/python -m localstack reset $(if $(YES),--yes)

logs: STAGE = local
logs: .venv/.installed ## follow the logs: FUNCTION=api LEVEL=warning REQUEST=<id> SINCE=2h ONCE=1 JSON=1 STAGE=dev
	@exec $(BIN)/python -m infra.logs --stage $(STAGE) $(if $(FUNCTION),--function $(FUNCTION)) $(if $(LEVEL),--level $(LEVEL)) $(if $(REQUEST),--request $(REQUEST)) $(if $(SINCE),--since $(SINCE)) $(if $(JSON),--json) $(if $(ONCE),--once)

call: STAGE = local
call: .venv/.installed ## call one function: FUNCTION, EVENT=file.json; breakpoint() works
	@exec $(BIN)/python -m infra.call --stage $(STAGE) $(if $(FUNCTION),--function $(FUNCTION)) $(if $(EVENT),--event $(EVENT))

console: .venv/.installed ## build the console if it has changed, as `make run` does
	@$(BIN)/python -m infra.console

console-dev: .venv/.installed ## the console from its sources, in front of the running stack: PORT
	@$(BIN)/python -m infra.console dev

##@ main: Every day

check: .venv/.installed ## lint, types, layers, template, the tests that need no tables: before a commit
	@$(MAKE) --no-print-directory -j 2 console-check template types lint
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" tests/unit tests/contract

fix: .venv/.installed ## mend what ruff can, and format the Python code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: .venv/.installed console console-test ## all tests
	$(BIN)/python -m pytest $(PARALLEL) tests/unit tests/contract tests/integration
	$(BIN)/python -m pytest $(STACKS) tests/e2e

clean: ## remove what can be made again, and the state of the local stack
	rm -rf .shopfloor clients/python/shopfloor_client console/node_modules console/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

##@ main: On AWS

deploy: .venv/.installed ## create or update a stack: STAGE (dev), SET="Parameter=value ..."; YES=1 does not ask; ALARMS=0
	@$(BIN)/python -m infra.deploy --stage $(STAGE) $(if $(YES),--yes) $(if $(filter 0,$(ALARMS)),--without-alarms)

destroy: .venv/.installed ## delete a stack: STAGE (dev); DATA=1 its data too; YES=1 or YES=<stage>
	@$(BIN)/python -m infra.destroy --stage $(STAGE) $(if $(DATA),--data) $(if $(YES),--yes $(YES))

restore: .venv/.installed ## all tables at a time: STAGE, AT=2026-11-29T08:15:00+03:00; DRY=1, KEEP=1, YES=<stage>
	@$(BIN)/python -m infra.restore --stage $(STAGE) --at "$(AT)" $(if $(YES),--yes $(YES)) $(if $(DRY),--dry) $(if $(KEEP),--keep)

policies: .venv/.installed ## write the IAM policies of who deploys and operates: STAGE, ACCOUNT, REGION
	@$(BIN)/python -m infra.policies --stage $(STAGE) --account "$(ACCOUNT)" --region "$(REGION)" --out .shopfloor/policies/$(STAGE)

##@ main: Operations, of the local stack or of STAGE=dev

admin: STAGE = local
admin: .venv/.installed ## create an administrator: EMAIL, NAME, STAGE, PASSWORD or ASK=1; EXISTING=1 KEEP_PASSWORD=1
	@$(BIN)/python -m infra.admin --stage $(STAGE) --email "$$EMAIL" --name "$$NAME" $(if $(ASK),--ask) $(if $(EXISTING),--existing) $(if $(KEEP_PASSWORD),--keep-password)

rotate-key: STAGE = local
rotate-key: .venv/.installed ## create a new key for tokens, sessions stay valid: STAGE; REVOKE=1 ends all tokens
	@$(BIN)/python -m infra.rotate_key --stage $(STAGE) $(if $(REVOKE),--revoke)

migrate: STAGE = local
migrate: .venv/.installed ## apply the migrations of the deployed release: STAGE; DRY=1 only shows, AGAIN=1 all once more
	@$(BIN)/python -m infra.migrate --stage $(STAGE) $(if $(DRY),--dry) $(if $(AGAIN),--again)

recount: STAGE = local
recount: .venv/.installed ## check the counters against the items and repair them: STAGE
	@$(BIN)/python -m infra.recount --stage $(STAGE)

dlq: STAGE = local
dlq: .venv/.installed ## list the dead letters with their errors: STAGE; REPLAY=<queue> moves them back
	@$(BIN)/python -m infra.dlq --stage $(STAGE) $(if $(REPLAY),--queue $(REPLAY) --replay)

##@ more: Checks and tests, one by one

lint: .venv/.installed ## ruff and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --quiet --check . || { echo 'not formatted: make fix'; exit 1; }
	$(BIN)/lint-imports

types: .venv/.installed ## mypy
	$(BIN)/mypy

template: .venv/.installed ## cfn-lint of the template
	$(BIN)/python -m infra --stage prod --thin --out .shopfloor/build/check
	$(BIN)/cfn-lint .shopfloor/build/check/sam.json

console-check: .venv/.installed ## types and lint of the console
	@$(BIN)/python -m infra.console check

console-test: .venv/.installed ## unit tests of the console
	@$(BIN)/python -m infra.console test

test-plain: .venv/.installed ## the end-to-end tests without the fast paths of the engine
	ENGINE_FAST=0 $(BIN)/python -m pytest $(STACKS) tests/e2e

# What depends most on the tables, in about a minute.
SECOND := core/test_transactions core/test_listing core/test_listing_model core/test_lost_updates core/test_lost_answers \
	core/test_idempotency production/test_lists production/test_products bulk/test_adding bulk/test_adding_requests \
	analytics/test_recount migrations/test_migrations migrations/test_migration_concurrency \
	migrations/test_migration_starts migrations/test_one_projection

second-engine: .venv/.installed .shopfloor/dynoxide/bin/dynoxide ## tables and lists on another DynamoDB; needs cargo
	TEST_DYNAMODB=dynoxide timeout 600 $(BIN)/python -m pytest $(PARALLEL) $(SECOND:%=tests/integration/%.py)

chaos: .venv/.installed ## kill function workers at random under every kind of work: KILLS (300), SEED, CLIENTS (12), PACE (0.8), SECONDS
	@$(BIN)/python -m bench.chaos

fuzz: .venv/.installed ## test the API with valid and invalid requests by its description: SEED (1), EXAMPLES (40), URL
	@$(BIN)/python -m tests.e2e.fuzz

##@ more: What is made from the code

openapi: .venv/.installed ## write the description of the API into docs/openapi.json and docs/openapi.en.json
	@STAGE=local $(BIN)/python -m chalicelib.openapi > docs/openapi.json
	@STAGE=local $(BIN)/python -m chalicelib.openapi en > docs/openapi.en.json

roles: .venv/.installed ## write the table of roles into docs/roles.md
	@$(BIN)/python -m chalicelib.roles > docs/roles.md

configuration: .venv/.installed ## write the table of settings into docs/configuration.md
	@$(BIN)/python -m infra.configuration > docs/configuration.md

# Its descriptions become the docstrings of the client and the descriptions of the collection; docs/openapi.json is Russian.
DOCUMENT ?= docs/openapi.en.json

client: .venv/.installed ## generate the Python client package in clients/python: DOCUMENT, a file or URL (docs/openapi.en.json)
	@rm -rf clients/python/shopfloor_client
	@PATH="$(CURDIR)/$(BIN):$$PATH" openapi-python-client generate $(if $(findstring ://,$(DOCUMENT)),--url,--path) $(DOCUMENT) \
		--config clients/python/generator.yml --custom-template-path clients/python/templates --meta none \
		--output-path clients/python/shopfloor_client --fail-on-warning

collection: .venv/.installed ## write the requests of the API for Postman and Bruno into .shopfloor/collection.json: DOCUMENT, a file
	@mkdir -p .shopfloor
	@$(BIN)/python -m chalicelib.openapi.collection < $(DOCUMENT) > .shopfloor/collection.json

docs: .venv/.installed ## run every command of README and docs, write the answers into them
	WRITE_DOCS=1 $(BIN)/python -m pytest tests/e2e/test_docs.py
	WRITE_DOCS=1 $(BIN)/python -m pytest tests/contract -k "example_of_contributing or readmes_of_both_languages"

screenshots: .venv/.installed ## take the pictures of the README
	@$(BIN)/python -m tests.e2e.screenshots

licences: .venv/.installed ## list the licences of all dependencies
	@$(BIN)/pip-licenses --from=mixed --order=license --with-urls

size: .venv/.installed ## print the size of the code: lines by package and kind, modules, functions, tests per line
	@$(BIN)/python -m bench.size

##@ more: Dependencies and releases

# Locks hold for every platform and for Python 3.11 and later. Chalice puts itself into the package of the functions.
lock: .venv/.installed ## write the locks from requirements*.txt; UPGRADE=1 takes newer versions of what is not pinned there
	$(LOCK) requirements-dev.txt -o requirements-dev.lock
	grep -v '^chalice==' requirements.txt | $(LOCK) - -c requirements-dev.lock -o requirements.lock
	$(LOCK) bench/peer/requirements.txt -o bench/peer/requirements.lock

last-release: .venv/.installed ## name the last release and store its tables, for the tests of upgrades: COMMIT
	@$(BIN)/python -m tests.last_release $(COMMIT)

localstack-package: .venv/.installed ## the package that localstack/docker-compose.yml deploys
	$(BIN)/python -m infra --stage local --out .shopfloor/build/localstack

##@ bench: Benchmarks

bench-costs: .venv/.installed ## what operations cost on AWS: requests, capacity units, USD
	$(BIN)/python -m bench.costs

bench-api: .venv/.installed ## what the api function costs by itself: import, first call, warm call
	$(BIN)/python -m bench.api

bench-listing: .venv/.installed ## what lists cost at 1 k, 10 k, 100 k batches
	$(BIN)/python -m bench.listing

bench-batches: .venv/.installed ## what a batch costs as it grows
	$(BIN)/python -m bench.large_batch

bench-bulk: .venv/.installed ## adding and aggregating many products on the local stack
	$(BIN)/python -m bench.bulk

bench-render: .venv/.installed ## what reports cost
	$(BIN)/python -m bench.render

bench-reports: .venv/.installed ## 12 reports at once on the local stack
	$(BIN)/python -m bench.reports

bench-exchange: .venv/.installed ## what import and export cost
	$(BIN)/python -m bench.exchange

bench-webhooks: .venv/.installed ## webhooks: from the commit to the receiver, many, a dead endpoint
	$(BIN)/python -m bench.webhooks

bench-long-tasks: .venv/.installed ## what the list of long tasks costs as it grows
	$(BIN)/python -m bench.long_tasks

bench-deferred: .venv/.installed ## deferred tasks: 4,000 by 40 clients, how late they run
	$(BIN)/python -m bench.deferred

bench-peers: .venv/.installed .shopfloor/peer/.installed ## beside FastAPI and PostgreSQL: SIZES, SECONDS (4), WORKERS (1)
	$(BIN)/python -m bench.peers $(if $(SIZES),--sizes $(SIZES)) $(if $(SECONDS),--seconds $(SECONDS))

bench-startup: .venv/.installed ## the local stack: first start, second start, start after kill -9; memory
	$(BIN)/python -m bench.startup

.venv/.installed: requirements-dev.lock
	@$(PYTHON) infra/install.py .venv requirements-dev.lock
	@touch $@

# One level of optimization: the program is built faster than the time that more of it would save. Another clone on the
# same machine takes what was compiled before.
.shopfloor/dynoxide/bin/dynoxide:
	CARGO_TARGET_DIR="$${XDG_CACHE_HOME:-$$HOME/.cache}/shopfloor/dynoxide" CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off cargo install dynoxide-rs --version 3.2.0 --locked --quiet \
		--no-default-features --features native-sqlite,http-server,cli --root .shopfloor/dynoxide

.shopfloor/peer/.installed: bench/peer/requirements.lock
	$(PYTHON) -m venv .shopfloor/peer
	.shopfloor/peer/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/peer/requirements.lock
	@touch $@
