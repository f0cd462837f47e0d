# `make run` and `make test` are all that a newcomer needs. Each makes what it needs first.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: help run demo test test-long check bench-tftp bench-store bench-rest bench-claims bench-vendors clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: .venv/run  ## start provd here, state in ./var (ARGS="--http-port 8080")
	$(BIN)/twistd -n --pidfile= provd $(ARGS)

demo: .venv/run  ## play a phone's whole life, from power-on to its user and back, with a provd and a PBX of their own
	$(BIN)/python -m provserver.phone.demo

test: .venv/test  ## all tests and their coverage, at most 8 minutes
	$(BIN)/python -m pytest -n 4 --dist worksteal -m "not long" --cov --cov-report=term:skip-covered $(ARGS)

test-long: .venv/test  ## the exhaustive variants too
	$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

check: .venv/test  ## ruff, mypy strict, the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy provserver tests twisted/plugins
	$(BIN)/mypy -p plugins
	$(BIN)/mypy -p bench
	$(BIN)/python -m pytest tests/test_layers.py

bench-tftp: .venv/run  ## TFTP beside dnsmasq and atftpd, into bench/RESULTS.md (root; apt install dnsmasq-base atftpd iproute2 gcc)
	$(BIN)/python -m bench.tftp --write $(ARGS)

bench-store: .venv/run  ## the store beside one file per document and SQLite, into bench/RESULTS.md
	$(BIN)/python -m bench.store $(ARGS)

bench-rest: .venv/run  ## REST beside a plain Klein route, into bench/RESULTS.md
	$(BIN)/python -m bench.rest.bench $(ARGS)

bench-claims: .venv/run  ## 10,000 waiting phones claimed by AGI, and as many resyncs, into bench/RESULTS.md
	$(BIN)/python -m bench.claims.bench $(ARGS)

bench-flood: .venv/run  ## known phones while provd is flooded, into bench/RESULTS.md
	$(BIN)/python -m bench.flood $(ARGS)

bench-strangers: .venv/run  ## whether answers tell strangers what exists, into bench/RESULTS.md
	$(BIN)/python bench/strangers.py --write $(ARGS)

bench-vendors: .venv/run  ## identification, rendering and loading, into bench/RESULTS.md
	$(BIN)/python -m bench.vendors.bench $(ARGS)

clean:  ## forget the environment; ./var stays
	rm -rf .venv build *.egg-info

.venv/run: setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/test: setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@ .venv/run
