# Two commands do most: `make run` and `make test`. Each makes .venv when it is missing or pyproject.toml changed.
.DEFAULT_GOAL := help
.PHONY: help run test check fast chaos fuzz matrix mutants asvs bench

BIN := .venv/bin
ARGS ?=
WHAT ?= start
RUNS ?= 200
CARRIER ?= embedded
CASES ?= 20000
COUNT ?= 25
SEED ?=
REPLAY ?=

help: ## what can be done here
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: .venv/.installed-run ## the whole house in one process, with a made-up region; ARGS="--port 8400 --data var --headless --fresh"
	@exec $(BIN)/beenthere run $(ARGS)

test: .venv/.installed-dev ## every test, with a real PostgreSQL and a real Kafka where they can be had; ARGS="-k words"
	@$(BIN)/pytest -q -n 3 $(ARGS)

check: .venv/.installed-dev ## style, types, which way imports may flow, and the rules of the house
	@$(BIN)/python tests/check.py

fast: .venv/.installed-dev ## unit tests alone, in seconds
	@$(BIN)/pytest -q tests/unit $(ARGS)

chaos: .venv/.installed-dev ## kills -9, freezes, cuts and repeats, judged by an oracle; RUNS=200 CARRIER=embedded|kafka ARGS="--seed 7"
	@$(BIN)/python -m tests.chaos --runs $(RUNS) --carrier $(CARRIER) $(ARGS)

fuzz: .venv/.installed-dev ## hostile bodies at every write route, on both databases alike; CASES=20000 SEED=7 REPLAY=var/fuzz/a-case.json
	@$(BIN)/python -m tests.fuzz --cases $(CASES) $(if $(SEED),--seed $(SEED)) $(if $(REPLAY),--replay $(REPLAY)) $(ARGS)

matrix: .venv/.installed-dev ## who may, held against docs/roles.md: every route, role, relation and state, on both databases; every change of the policy noticed
	@$(BIN)/python -m tests.matrix $(ARGS)

mutants: .venv/.installed-dev ## takes each lock, compare-and-set, sequence check and delete out in turn: a test must turn red
	@$(BIN)/python -m tests.mutants $(ARGS)

asvs: .venv/.installed-dev ## takes the controls of some of ASVS's requirements out: the test named in docs/asvs.csv turns red; SEED=7 COUNT=25
	@$(BIN)/python -m tests.asvs --count $(COUNT) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: .venv/.installed-dev ## figures beside their bars; WHAT=start: from a fresh clone to a page, the region whole, a later start; parked: what others keep of their rate; events: beside its peers; security: what authorisation, audit and row security add
	@if [ $(WHAT) = events ]; then .ci/venv peers; fi
	@$(BIN)/python -m bench $(WHAT) $(ARGS)

.venv/.installed-run: pyproject.toml
	@.ci/venv run

.venv/.installed-dev: pyproject.toml
	@.ci/venv dev
