# The commands for development: make run, make demo, make test, make build, make clean. They need Go, Node and make; make test
# also needs Python 3 and Chromium.
#
# The steps of a part (web client, browser journeys, …) run if the folder of that part is in the tree.

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

# gosec rules that are off, with the reason. Other findings are suppressed in the code, each with a reason beside it.
#   G104  unchecked errors: staticcheck and review cover it; gosec reports every deferred Close of a file opened for reading.
GOSEC_OUT = G104

.DEFAULT_GOAL := help
.PHONY: help run demo demo-bin build test clean web bin install lambda lambda-here run-aws-local

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# The server alone, without the package for AWS: bin/canteen is the program to deploy with.
run: $(if $(HAS_WEB),web) ## build the server and serve http://localhost:8080, with the data in ./data
	$(GO) build -o bin/run/canteen ./cmd/canteen
	@exec bin/run/canteen serve --addr $(ADDR) --data $(DATA)

demo: demo-bin ## create a demo workspace in ./.demo, once, and serve it on http://localhost:8080
	bin/canteen-demo --addr $(ADDR) --data $(DEMO)

demo-bin: $(if $(HAS_WEB),web)
	$(GO) build -trimpath -ldflags "-s -w" -o bin/canteen-demo ./cmd/canteen-demo

build: $(if $(HAS_WEB),web) $(if $(HAS_CMD),bin) ## build bin/canteen, with the web client and the AWS package embedded

bin: $(if $(HAS_WEB),web) $(if $(HAS_LAMBDA),lambda)
	$(GO) build -trimpath -ldflags "-s -w" -o bin/canteen ./cmd/canteen

# The Lambda functions, for arm64 on AWS and for the emulator on this machine. The build is reproducible: without the commit in the
# binary, unchanged functions are not deployed again.
LAMBDA = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w"
lambda:
	GOOS=linux GOARCH=arm64 $(LAMBDA) -o bin/lambda-arm64/bootstrap ./cmd/canteen-lambda
	$(GO) run ./aws/template/pack bin/lambda-arm64/bootstrap aws/template/canteen-lambda.zip
lambda-here:
	$(LAMBDA) -o bin/lambda-here/bootstrap ./cmd/canteen-lambda
	$(GO) run ./aws/template/pack bin/lambda-here/bootstrap bin/canteen-lambda-here.zip

AWS_ADDR ?= localhost:8081
run-aws-local: build lambda-here ## deploy the AWS stack into an emulator and serve it on http://localhost:8081
	scripts/venv aws
	$(GO) build -o bin/canteen-aws-local ./cmd/canteen-aws-local
	bin/canteen-aws-local --package bin/canteen-lambda-here.zip --addr $(AWS_ADDR)

web: $(WEB_PAGE)

$(WEB_PAGE): web/node_modules/.installed $(WEB_FROM)
	cd web && $(NPM) run --silent build -- --logLevel warn
	@touch $@

install: $(if $(HAS_WEB),web/node_modules/.installed) $(if $(HAS_E2E),e2e/node_modules/.installed)

# The stamp lies in node_modules, because npm ci deletes that folder: the stamp exists only while the packages do.
%/node_modules/.installed: %/package-lock.json
	cd $* && $(NPM_CI)
	@touch $@

test: ## run all checks; takes about a quarter of an hour
	@rm -rf .test && mkdir -p .test
	@failed=0; \
	 if $(MAKE) --no-print-directory -j$(JOBS) test-prepare; then \
	   $(MAKE) --no-print-directory -k -j$(JOBS) test-parts || failed=1; \
	   $(MAKE) --no-print-directory -k -j$(JOBS) test-whole || failed=1; \
	 else failed=1; fi; \
	 node scripts/tally.mjs $$failed

QUICK = ./chat ./rest ./wire ./text ./limit ./password ./socket ./sqlite ./follow/... ./frequent/... ./attention/... ./stretch ./internal/arch ./internal/storetest/... ./client ./deploy
.PHONY: quick
quick: install ## checks of one minute while you work: no emulators, browsers, race detector or crash tests
	@scripts/format
	$(GO) vet ./...
	$(GO) test -short $(QUICK)
	cd web && $(NPM) run --silent check && $(NPM) run --silent test

# These steps run first: the Go packages embed the output of the web build in web/dist.
.PHONY: test-prepare test-format test-install test-build
test-prepare: test-format test-install test-build
test-format:
	@$(STEP) format scripts/format
test-install:
	@$(STEP) install $(MAKE) --no-print-directory -s install
test-build: test-install
	@$(STEP) build $(MAKE) --no-print-directory build

.PHONY: test-parts test-emulator test-cfn test-ci test-unit test-prometheus test-vet test-staticcheck test-gosec test-mutants test-go test-budget test-web test-types test-wire test-contract
test-parts: test-unit $(if $(HAS_GO),test-go test-prometheus test-vet test-staticcheck test-gosec $(if $(HAS_WEB),test-mutants)) $(if $(HAS_AWS),test-cfn) $(if $(HAS_CI),test-ci) $(if $(HAS_API),test-contract) $(if $(HAS_WEB),test-types test-wire test-web test-budget)
test-go: export INTERLEAVINGS = $(CURDIR)/.test/interleavings
test-emulator: # the Go tests start the emulators; outside CI, tests without an emulator are skipped and say so
	@$(STEP) emulator scripts/venv aws
test-go: $(if $(HAS_AWS),test-emulator)
	@$(STEP) go scripts/gotest
test-cfn:
	@$(STEP) cfn scripts/cfn
test-ci:
	@$(STEP) ci $(TOOL) actionlint
test-prometheus:
	@$(STEP) prometheus scripts/prometheus
test-unit:
	@$(STEP) unit scripts/unit
test-vet:
	@$(STEP) vet $(GO) vet ./...
test-staticcheck:
	@$(STEP) staticcheck $(TOOL) staticcheck ./...
test-gosec:
	@$(STEP) gosec $(TOOL) gosec -quiet -exclude=$(GOSEC_OUT) -exclude-dir=web -exclude-dir=tools ./...
test-mutants: # only that the code still has each rule that make mutants breaks
	@$(STEP) mutants sh -c 'node scripts/mutants-server.mjs --check && node scripts/mutants.mjs --check'
test-contract: # tests the built server against its OpenAPI description
	@$(STEP) contract scripts/contract/run
test-types:
	@$(STEP) web-types $(NPM) --prefix web run --silent check
test-wire: # the TypeScript types of the web client are those that the built server describes
	@$(STEP) web-wire scripts/types --check
test-web: export INTERLEAVINGS = $(CURDIR)/.test/interleavings
test-web: test-go # its model test records the histories that the web client's tests replay
	@$(STEP) web $(NPM) --prefix web run --silent test -- --reporter=default --reporter=json --outputFile.json=$(CURDIR)/.test/web.vitest.json
test-budget:
	@$(STEP) budget node scripts/budget.mjs web/dist/app

# These steps run last: the browser tests measure time, which compilers on the same machine would disturb. One journey leaves a tab
# hidden for three minutes; the others run beside it.
.PHONY: test-whole test-journeys test-journey-away test-journeys-aws
test-whole: $(if $(HAS_E2E),test-journey-away test-journeys $(if $(HAS_AWS),test-journeys-aws))
test-journey-away:
	@$(STEP) journey-away scripts/journeys journey-away journeys/away
test-journeys:
	@$(STEP) journeys scripts/journeys journeys 'journeys/(?!away)'
test-journeys-aws: test-journeys # the same journeys against the AWS stack in the emulator
	@$(STEP) journeys-aws scripts/journeys-aws

.PHONY: bench beside bench-shipping bench-restore bench-web bench-scale sockets mutants
bench: build ## measure the server, then the browser, and print Markdown (ten minutes on an idle machine)
	@$(GO) test -run '^$$$$' -bench . -skip 'Beside|Shipping|Restore' -benchtime 1s -count 3 -timeout 60m ./internal/bench \
	  | node scripts/bench.mjs
	@$(MAKE) --no-print-directory bench-web
beside: build ## measure a post and a page beside one person who does the worst that the rates allow (five minutes on an idle machine)
	@CANTEEN_TEST_PROGRAM=$(CURDIR)/bin/canteen $(GO) test -run '^$$$$' -bench Beside -benchtime 100x -timeout 30m ./internal/bench
bench-shipping: ## compare posts to a server that ships its changes with posts to one that does not (three minutes)
	@$(GO) test -run '^$$$$' -bench '^BenchmarkShipping$$$$' -benchtime 1x -timeout 20m ./internal/bench
bench-restore: build ## measure how long a workspace with 1,000,000 messages is away when its disk is lost (four minutes, 2 GB of disk)
	@CANTEEN_TEST_PROGRAM=$(CURDIR)/bin/canteen \
	  $(GO) test -run '^$$$$' -bench '^BenchmarkRestore$$$$' -benchtime 1x -timeout 30m -v ./internal/bench
bench-web: build demo-bin install ## measure the web client in a browser and print tables; they have no limits that fail
	@cd e2e && CHROMIUM=$$(../scripts/browser) $(NPM) run --silent bench
bench-scale: demo-bin install ## measure the web client in a company of 2,000 people, beside a small one (eight minutes on an idle machine)
	@cd e2e && CHROMIUM=$$(../scripts/browser) $(NPM) run --silent bench -- bench/scale.spec
sockets: ## compare WebSocket libraries under the load of the hub
	cd tools/sockets && $(GO) run .
mutants: ## break each rule of the server and of the clients, and check that the tests fail
	node scripts/mutants-server.mjs
	node scripts/mutants.mjs

.PHONY: kills powercuts races
kills: ## kill -9 the server 200 times while 50 clients write
	$(GO) test -count=1 -v -run '^TestKilledServerLosesNothing$$' ./server -kills=200
powercuts: ## simulate 20 power cuts on each of two file systems (needs root, loop mounts, xfsprogs)
	$(GO) test -count=1 -v -run '^TestPowerCutLosesNothing$$' ./server -cuts=20
races: ## run each race of two commands 1,000 times, and check 100 histories with porcupine
	$(GO) test -race -count=1 -timeout=60m -v -run '^TestRC|^TestRoomIsLinearizable$$' ./server -races=1000 -histories=100

clean: ## delete everything that was built, and the demo; ./data is kept
	rm -rf .demo .demo.making-* .aws-local bin .test .venv aws/template/canteen-lambda.zip web/dist/app web/node_modules e2e/node_modules e2e/results
