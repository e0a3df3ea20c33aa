# The front door: every target is one script. `make help` lists them.
PROGRAMS := drover drover-load drover-ingress drover-session drover-tree drover-operations drover-push drover-smsc drover-sip drover-gwsim

.DEFAULT_GOAL := help
.PHONY: help demo up down build test test-quick test-faults lint fuzz bench load-million clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## 200 simulated terminals carry out operations on a cluster of their own; stops all it started
	@scripts/setup run build
	@scripts/build release $(PROGRAMS)
	@scripts/demo

up: ## Start a cluster in var/up and leave it running (PORT_BASE=21000 INGRESS_PORT=8080 fix its ports)
	@scripts/setup run build
	@scripts/build release $(PROGRAMS)
	@scripts/up $(if $(PORT_BASE),--port-base $(PORT_BASE)) $(if $(INGRESS_PORT),--ingress-port $(INGRESS_PORT))

down: ## Stop the cluster of `make up`
	@scripts/cluster stop

build: ## Build the release programs into build/release/bin
	@scripts/setup build
	@scripts/build release $(PROGRAMS)

test: ## Set up, build, run every test
	@scripts/setup run build test
	@scripts/test

test-quick: ## The same without component and end-to-end tests
	@scripts/setup build test
	@scripts/test quick

test-faults: ## Kill, cut, empty and fill for 25 minutes; nothing lost, nothing doubled (SEED=n INJECTIONS=n MINUTES=n)
	@scripts/setup run build
	@scripts/build release $(PROGRAMS) drover-fault-proxy drover_fault_clock
	@tests/faults/run $(if $(SEED),--seed $(SEED)) $(if $(INJECTIONS),--injections $(INJECTIONS)) $(if $(MINUTES),--minutes $(MINUTES)) $(FAULTS)

lint: ## clang-format, clang-tidy, shellcheck and the guards of tests/lint
	@scripts/setup build lint
	@scripts/lint

fuzz: ## Let every libFuzzer target look for new inputs (SECONDS_EACH=60)
	@scripts/setup build lint
	@scripts/fuzz $(or $(SECONDS_EACH),60)

bench: ## Measure codecs, sessions, TLS and memory beside their floors: one table, var/bench/*.json
	@scripts/setup run build bench
	@scripts/build release $(PROGRAMS) bench_codecs bench_smpp bench_dispatch bench_push_dispatch
	@scripts/bench

load-million: ## A million terminals, each with one operation; the report is left in var/load/million
	@scripts/setup run build
	@scripts/build release $(PROGRAMS)
	@scripts/load-million

clean: ## Remove build/ and var/ (stop the cluster first)
	@rm -rf build var
