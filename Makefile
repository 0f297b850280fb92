# What one does with Assessdesk. Each target does its own set-up; Rust, Node and Debian's build tools are enough.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

.PHONY: demo
demo: ## run the whole thing with the practice Kombo and sample data
	@scripts/tools
	@cargo build --quiet --bin assessdesk
	@exec target/debug/assessdesk demo

.PHONY: demo-reset
demo-reset: ## throw the demo's data away and start afresh
	@scripts/tools
	@cargo build --quiet --bin assessdesk
	@exec target/debug/assessdesk demo --reset

.PHONY: test
test: ## every check: format, lint, docs, unit, store and HTTP tests and chaos on both engines, Kombo's contract, browser
	@scripts/tools
	@scripts/checks

.PHONY: check
check: ## the quick checks: no server, no browser
	@scripts/tools
	@scripts/checks quick

.PHONY: bench
bench: ## measure the release build; the figures go into docs/benchmarks.md
	@scripts/tools
	@cargo bench --quiet --bench desk

.PHONY: chaos
chaos: ## kill, starve and deceive the release build on both engines (20 minutes to an hour); CHAOS_SEED=… does a run again
	@scripts/tools
	@scripts/chaos

.PHONY: screenshots
screenshots: ## draw the README's pictures anew, light and dark
	@scripts/tools
	@[[ node_modules/.package-lock.json -nt package-lock.json ]] || npm ci --ignore-scripts
	@cargo build --quiet --bin assessdesk
	@CHROMIUM=$$(scripts/chromium) node --test scripts/screenshots.mjs
