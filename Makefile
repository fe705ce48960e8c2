# What one does with this project. The work is in scripts/; each says what it does and how long it took.

HOST ?= 127.0.0.1
PORT ?= 8080
SIZE ?= 1M
ROUNDS ?= 3
ENGINES ?=

.DEFAULT_GOAL := help
.PHONY: help serve build test check bench bench-native clean

help: ## Says what there is (this)
	@echo 'Dual-write Error Desk'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

serve: build ## Builds for release and serves the app here (PORT=8080 or the next free one, HOST=127.0.0.1)
	@node scripts/serve.mjs --dir dist --host '$(HOST)' --port '$(PORT)'

build: ## Builds for release into dist/
	@scripts/build.sh

test: ## Runs all tests: native, in a headless browser, end to end on the release build
	@scripts/test.sh

check: ## Looks without running: format, lints for both targets, layers, scripts
	@scripts/check.sh

bench: build ## Measures the app against other engines in the browser (SIZE=1M, ROUNDS=3, ENGINES=desk,duckdb,…)
	@scripts/bench.sh --size '$(SIZE)' --rounds '$(ROUNDS)' $(if $(ENGINES),--engines '$(ENGINES)')

bench-native: ## Measures import and analysis on this machine: parsing, messages, segments; causes, plans, run sheets
	@cargo bench --locked --bench import --bench analysis

clean: ## Removes what was built; the tools in the user's cache stay
	rm -rf dist target
