# The commands of the house: make run, make demo, make test, make build, make clean. Needs Go, Node and make; make test also
# Python 3 and Chromium.
#
# Each line of a part (web, browser journeys, …) holds as soon as the folder of that part is in the tree, and from then on
# it is mandatory.

GO       ?= go
NPM      ?= npm
ADDR     ?= 127.0.0.1:8080
DATA     ?= data
DEMO     ?= .demo
JOBS     ?= 2
TOOL      = $(GO) tool -modfile=tools/go.mod
STEP      = scripts/step
NPM_CI    = $(NPM) ci --no-audit --no-fund

HAS_GO   := $(wildcard chat/*.go)
HAS_LAMBDA := $(wildcard cmd/canteen-lambda/*.go)
HAS_AWS  := $(wildcard aws/template/template.yaml)
HAS_CI   := $(wildcard .github/workflows/*.yml)
HAS_CMD  := $(wildcard cmd/canteen/*.go)
HAS_WEB  := $(wildcard web/package-lock.json)
HAS_API  := $(wildcard scripts/contract/requirements.txt)
HAS_E2E  := $(wildcard e2e/package-lock.json)

WEB_PAGE  = web/dist/app/index.html
WEB_FROM := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

# gosec: what is left out, and why. Everything else is answered in the code, with a reason beside it.
#   G104  unchecked errors: staticcheck and review hold the rule; gosec flags deferred Close of things only read.
GOSEC_OUT = G104

.DEFAULT_GOAL := help
.PHONY: help run demo demo-bin build test clean web bin install lambda lambda-here run-aws-local

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: build ## build everything, serve on http://localhost:8080 with data in ./data
	bin/canteen serve --addr $(ADDR) --data $(DATA)

demo: demo-bin ## a workspace that looks lived in, made once in ./.demo and served on http://localhost:8080
	bin/canteen-demo --addr $(ADDR) --data $(DEMO)

demo-bin: $(if $(HAS_WEB),web)
	$(GO) build -trimpath -ldflags "-s -w" -o bin/canteen-demo ./cmd/canteen-demo

build: $(if $(HAS_WEB),web) $(if $(HAS_CMD),bin) ## bin/canteen, with the web client and the package for AWS inside

bin: $(if $(HAS_WEB),web) $(if $(HAS_LAMBDA),lambda)
	$(GO) build -trimpath -ldflags "-s -w" -o bin/canteen ./cmd/canteen

# The functions of AWS, for its arm64 and for this machine's emulator. Same source, same file: without the commit in it, what did
# not change is not deployed again.
LAMBDA = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w"
lambda:
	GOOS=linux GOARCH=arm64 $(LAMBDA) -o bin/lambda-arm64/bootstrap ./cmd/canteen-lambda
	$(GO) run ./aws/template/pack bin/lambda-arm64/bootstrap aws/template/canteen-lambda.zip
lambda-here:
	$(LAMBDA) -o bin/lambda-here/bootstrap ./cmd/canteen-lambda
	$(GO) run ./aws/template/pack bin/lambda-here/bootstrap bin/canteen-lambda-here.zip

AWS_ADDR ?= localhost:8081
run-aws-local: build lambda-here ## deploy to an emulator of AWS with the real command, serve on http://localhost:8081
	scripts/venv aws
	$(GO) build -o bin/canteen-aws-local ./cmd/canteen-aws-local
	bin/canteen-aws-local --package bin/canteen-lambda-here.zip --addr $(AWS_ADDR)

web: $(WEB_PAGE)

$(WEB_PAGE): web/node_modules/.installed $(WEB_FROM)
	cd web && $(NPM) run --silent build
	@touch $@

install: $(if $(HAS_WEB),web/node_modules/.installed) $(if $(HAS_E2E),e2e/node_modules/.installed)

# npm ci empties node_modules; the stamp therefore lives and dies with what it vouches for.
%/node_modules/.installed: %/package-lock.json
	cd $* && $(NPM_CI)
	@touch $@

test: ## every check there is; needs about ten minutes
	@rm -rf .test && mkdir -p .test
	@failed=0; \
	 if $(MAKE) --no-print-directory test-prepare; then \
	   $(MAKE) --no-print-directory -k -j$(JOBS) test-parts || failed=1; \
	   $(MAKE) --no-print-directory test-whole || failed=1; \
	 else failed=1; fi; \
	 node scripts/tally.mjs $$failed

QUICK = ./chat ./rest ./wire ./text ./limit ./password ./socket ./sqlite ./follow/... ./frequent/... ./internal/arch ./internal/storetest/... ./client ./deploy
.PHONY: quick
quick: install ## a minute of checks while you work: no emulators, no browsers, no race detector, no crashes
	@scripts/format
	$(GO) vet ./...
	$(GO) test -short $(QUICK)
	cd web && $(NPM) run --silent check && $(NPM) run --silent test

# Alone and first: the Go packages embed what the web build leaves in web/dist.
.PHONY: test-prepare test-format test-install test-emulator test-build
test-prepare: test-format test-install $(if $(HAS_AWS),test-emulator) test-build
test-emulator: # which Go tests start; away from CI they do without, and say so
	@$(STEP) emulator scripts/venv aws
test-format:
	@$(STEP) format scripts/format
test-install:
	@$(STEP) install $(MAKE) --no-print-directory -s install
test-build: test-install
	@$(STEP) build $(MAKE) --no-print-directory build

.PHONY: test-parts test-cfn test-ci test-unit test-vet test-staticcheck test-gosec test-go test-budget test-web test-types test-wire test-contract
test-parts: test-unit $(if $(HAS_GO),test-go test-vet test-staticcheck test-gosec) $(if $(HAS_AWS),test-cfn) $(if $(HAS_CI),test-ci) $(if $(HAS_API),test-contract) $(if $(HAS_WEB),test-types test-wire test-web test-budget)
test-go: export INTERLEAVINGS = $(CURDIR)/.test/interleavings
test-go:
	@$(STEP) go scripts/gotest
test-cfn:
	@$(STEP) cfn scripts/cfn
test-ci:
	@$(STEP) ci $(TOOL) actionlint
test-unit:
	@$(STEP) unit scripts/unit
test-vet:
	@$(STEP) vet $(GO) vet ./...
test-staticcheck:
	@$(STEP) staticcheck $(TOOL) staticcheck ./...
test-gosec:
	@$(STEP) gosec $(TOOL) gosec -quiet -exclude=$(GOSEC_OUT) -exclude-dir=web -exclude-dir=tools ./...
test-contract: # the built server against its own description
	@$(STEP) contract scripts/contract/run
test-types:
	@$(STEP) web-types $(NPM) --prefix web run --silent check
test-wire: # the shapes that the client was built with are those that the built server describes
	@$(STEP) web-wire scripts/types --check
test-web: export INTERLEAVINGS = $(CURDIR)/.test/interleavings
test-web: test-go # whose model test records what the browser's rules are then put through
	@$(STEP) web $(NPM) --prefix web run --silent test -- --reporter=default --reporter=json --outputFile.json=$(CURDIR)/.test/web.vitest.json
test-budget:
	@$(STEP) budget node scripts/budget.mjs web/dist/app

# Alone and last: browsers measure time, and should not share the machine with compilers.
.PHONY: test-whole test-journeys test-journeys-aws
test-whole: $(if $(HAS_E2E),test-journeys $(if $(HAS_AWS),test-journeys-aws))
test-journeys:
	@$(STEP) journeys scripts/journeys
test-journeys-aws: test-journeys # the same, through the stack
	@$(MAKE) --no-print-directory -s lambda-here
	@$(STEP) journeys-aws scripts/journeys-aws

.PHONY: bench bench-web sockets mutants
bench: build ## what everything costs, as Markdown (a quiet machine, ten minutes)
	@$(GO) test -run '^$$$$' -bench . -benchtime 1s -count 3 -timeout 60m ./internal/bench | node scripts/bench.mjs
	@$(MAKE) --no-print-directory bench-web
bench-web: build install ## how fast the client is in a browser: a table, for looking at and not for passing
	@cd e2e && CHROMIUM=$$(../scripts/browser) $(NPM) run --silent bench
sockets: ## compare WebSocket libraries in the shape of the hub
	cd tools/sockets && $(GO) run .
mutants: ## break each rule of the server and of the clients, and see whether the tests notice
	node scripts/mutants-server.mjs
	node scripts/mutants.mjs

.PHONY: kills powercuts races
kills: ## kill -9 the server 200 times while 50 clients write
	$(GO) test -count=1 -v -run '^TestKilledServerLosesNothing$$' ./server -kills=200
powercuts: ## cut the power of its disk 20 times on each of two file systems (needs root, loop mounts, xfsprogs)
	$(GO) test -count=1 -v -run '^TestPowerCutLosesNothing$$' ./server -cuts=20
races: ## let two commands race 1,000 times each, and hold 100 histories to porcupine
	$(GO) test -race -count=1 -timeout=60m -v -run '^TestRC|^TestRoomIsLinearizable$$' ./server -races=1000 -histories=100

clean: ## remove what was built, and the demo, not your ./data
	rm -rf .demo .demo.making-* .aws-local bin .test .venv aws/template/canteen-lambda.zip web/dist/app web/node_modules e2e/node_modules e2e/results
