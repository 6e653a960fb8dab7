# Needs Python 3.11 or later, and make. Everything else is installed into .venv.
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
.PHONY: help run console console-dev console-check console-test test test-plain chaos check lint types template size lock licences roles configuration openapi fuzz stop logs reset deploy destroy admin rotate-key migrate recount dlq docs last-release localstack-package bench-api bench-listing bench-batches bench-bulk bench-costs bench-render bench-reports bench-exchange bench-webhooks bench-deferred bench-long-tasks bench-peers bench-startup clean screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 22

run: .venv/.installed ## start the local stack: PORT (8000), AWS_PORT (4566), DEMO (1), CONSOLE (1), STATE_DIR
	@exec $(BIN)/python -m localstack up

console: .venv/.installed ## build the console if it has changed, as `make run` does
	@$(BIN)/python -m infra.console

console-dev: .venv/.installed ## the console from its sources, in front of the stack of `make run`: PORT (8000)
	@API=http://127.0.0.1:$(or $(PORT),8000) $(BIN)/python -m infra.console dev

stop: .venv/.installed ## stop the local stack; its state is kept
	@$(BIN)/python -m localstack stop

logs: .venv/.installed ## print the log lines of the functions as they are written
	@exec $(BIN)/python -m localstack logs

reset: .venv/.installed ## stop the local stack and delete its state
	@$(BIN)/python -m localstack reset

test: .venv/.installed console console-test ## all tests
	$(BIN)/python -m pytest $(PARALLEL) tests/unit tests/contract tests/integration
	$(BIN)/python -m pytest $(STACKS) tests/e2e

# What depends most on the tables, in about a minute.
SECOND := core/test_transactions core/test_listing core/test_lost_updates core/test_lost_answers core/test_idempotency \
	production/test_lists production/test_products bulk/test_adding analytics/test_recount \
	migrations/test_migrations migrations/test_one_projection

.PHONY: second-engine
second-engine: .venv/.installed .shopfloor/dynoxide/bin/dynoxide ## tests of tables, transactions, lists and migrations on another DynamoDB; needs cargo
	TEST_DYNAMODB=dynoxide timeout 600 $(BIN)/python -m pytest $(PARALLEL) $(SECOND:%=tests/integration/%.py)

test-plain: .venv/.installed ## the end-to-end tests without the fast paths of the engine
	ENGINE_FAST=0 $(BIN)/python -m pytest $(STACKS) tests/e2e

chaos: .venv/.installed ## kill function workers at random under every kind of work: KILLS (300), SEED, CLIENTS (12), PACE (0.8), SECONDS
	@$(BIN)/python -m bench.chaos

check: .venv/.installed ## lint, types, layers, template, the tests that need no tables
	@$(MAKE) --no-print-directory -j 2 console-check template types lint
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" tests/unit tests/contract

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/.installed
	$(BIN)/mypy

template: .venv/.installed
	$(BIN)/python -m infra --stage prod --thin --out .shopfloor/build/check
	$(BIN)/cfn-lint .shopfloor/build/check/sam.json

size: .venv/.installed ## print the size of the code: lines by package and kind, modules, functions, tests per line
	@$(BIN)/python -m bench.size

console-check: .venv/.installed
	@$(BIN)/python -m infra.console check

console-test: .venv/.installed
	@$(BIN)/python -m infra.console test

# Locks hold for every platform and for Python 3.11 and later. Chalice puts itself into the package of the functions.
lock: .venv/.installed ## write the locks from requirements*.txt; UPGRADE=1 takes newer versions of what is not pinned there
	$(LOCK) requirements-dev.txt -o requirements-dev.lock
	grep -v '^chalice==' requirements.txt | $(LOCK) - -c requirements-dev.lock -o requirements.lock
	$(LOCK) bench/peer/requirements.txt -o bench/peer/requirements.lock

licences: .venv/.installed ## list the licences of all dependencies
	@$(BIN)/pip-licenses --from=mixed --order=license --with-urls

openapi: .venv/.installed ## write the description of the API into docs/openapi.json and docs/openapi.en.json
	@STAGE=local $(BIN)/python -m chalicelib.openapi > docs/openapi.json
	@STAGE=local $(BIN)/python -m chalicelib.openapi en > docs/openapi.en.json

# English descriptions, where there are some: they are what stands in the docstrings of the package.
DOCUMENT ?= $(firstword $(wildcard docs/openapi.en.json) docs/openapi.json)

.PHONY: client
client: .venv/.installed ## generate the Python client package in clients/python: DOCUMENT, a file or URL (docs/openapi.json)
	@rm -rf clients/python/shopfloor_client
	@PATH="$(CURDIR)/$(BIN):$$PATH" openapi-python-client generate $(if $(findstring ://,$(DOCUMENT)),--url,--path) $(DOCUMENT) \
		--config clients/python/generator.yml --custom-template-path clients/python/templates --meta none \
		--output-path clients/python/shopfloor_client --fail-on-warning

.PHONY: collection
collection: .venv/.installed ## write the requests of the API for Postman and Bruno into .shopfloor/collection.json: DOCUMENT, a file
	@mkdir -p .shopfloor
	@$(BIN)/python -m chalicelib.openapi.collection < $(DOCUMENT) > .shopfloor/collection.json

fuzz: .venv/.installed ## test the API with valid and invalid requests by its description: SEED (1), EXAMPLES (40), URL
	@$(BIN)/python -m tests.e2e.fuzz

screenshots: .venv/.installed ## take the pictures of the README
	@$(BIN)/python -m tests.e2e.screenshots

roles: .venv/.installed ## write the table of roles into docs/roles.md
	@$(BIN)/python -m chalicelib.roles > docs/roles.md

configuration: .venv/.installed ## write the table of settings into docs/configuration.md
	@$(BIN)/python -m infra.configuration > docs/configuration.md

deploy: .venv/.installed ## deploy to AWS: STAGE (dev), SET="Parameter=value ..."; YES=1 does not ask, ALARMS=0 needs no topic for prod
	@$(BIN)/python -m infra.deploy --stage $(STAGE) $(if $(YES),--yes) $(if $(filter 0,$(ALARMS)),--without-alarms)

destroy: .venv/.installed ## delete a stack from AWS: STAGE (dev); DATA=1 deletes its data too; YES=1 or YES=<stage> does not ask
	@$(BIN)/python -m infra.destroy --stage $(STAGE) $(if $(DATA),--data) $(if $(YES),--yes $(YES))

.PHONY: restore
restore: .venv/.installed ## all tables as they were at a time: STAGE, AT=2026-11-29T08:15:00+03:00; DRY=1 says what it would do; KEEP=1, YES=<stage>
	@$(BIN)/python -m infra.restore --stage $(STAGE) --at "$(AT)" $(if $(YES),--yes $(YES)) $(if $(DRY),--dry) $(if $(KEEP),--keep)

.PHONY: policies
policies: .venv/.installed ## write the IAM policies for who deploys and operates a stage: STAGE, ACCOUNT, REGION
	@$(BIN)/python -m infra.policies --stage $(STAGE) --account "$(ACCOUNT)" --region "$(REGION)" --out .shopfloor/policies/$(STAGE)

admin: STAGE = local
admin: .venv/.installed ## create an administrator: EMAIL, NAME, STAGE (local); PASSWORD, ASK=1, or one is generated; EXISTING=1 (KEEP_PASSWORD=1)
	@$(BIN)/python -m infra.admin --stage $(STAGE) --email "$$EMAIL" --name "$$NAME" $(if $(ASK),--ask) $(if $(EXISTING),--existing) $(if $(KEEP_PASSWORD),--keep-password)

rotate-key: STAGE = local
rotate-key: .venv/.installed ## create a new key for tokens, all sessions stay valid: STAGE (local); REVOKE=1 ends all tokens
	@$(BIN)/python -m infra.rotate_key --stage $(STAGE) $(if $(REVOKE),--revoke)

migrate: STAGE = local
migrate: .venv/.installed ## apply the migrations of the deployed release: STAGE; DRY=1 prints what would change; AGAIN=1 applies all once more
	@$(BIN)/python -m infra.migrate --stage $(STAGE) $(if $(DRY),--dry) $(if $(AGAIN),--again)

recount: STAGE = local
recount: .venv/.installed ## check the counters against the items and repair them: STAGE (local)
	@$(BIN)/python -m infra.recount --stage $(STAGE)

dlq: STAGE = local
dlq: .venv/.installed ## list the dead letters: STAGE (local); REPLAY=<queue> moves it back
	@$(BIN)/python -m infra.dlq --stage $(STAGE) $(if $(REPLAY),--queue $(REPLAY) --replay)

last-release: .venv/.installed ## name the last release and store its tables, for the tests of upgrades: COMMIT
	@$(BIN)/python -m tests.last_release $(COMMIT)

docs: .venv/.installed ## run every command of README and docs, write the answers into them
	WRITE_DOCS=1 $(BIN)/python -m pytest tests/contract/test_changes.py -k example_of_contributing
	WRITE_DOCS=1 $(BIN)/python -m pytest tests/e2e/test_docs.py

bench-costs: .venv/.installed ## what operations cost on AWS: requests, capacity units, USD
	$(BIN)/python -m bench.costs

localstack-package: .venv/.installed ## the package that localstack/docker-compose.yml deploys
	$(BIN)/python -m infra --stage local --out .shopfloor/build/localstack

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

clean: ## remove what can be made again
	rm -rf .shopfloor clients/python/shopfloor_client console/node_modules console/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/.installed: requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-dev.lock
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
