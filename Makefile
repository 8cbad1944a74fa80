# The targets set up what they need by themselves, and only once.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
STATICCHECK := v0.8.2

# Flags for go test on top of the ones below: make test TESTFLAGS='-run Parse -v'
TESTFLAGS ?=
BENCHFLAGS ?= -benchmem

.PHONY: help setup build demo test lint bench cases requests fuzz-reasons attack kills torture fuzz planted soak ext4 podman sidebyside equivalence accuracy servers versions timeouts detection third-of-masters clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## install what demo and test need: redis-server, a C compiler
	@.ci/setup test
	@.ci/setup demo

build: ## build bin/chaos
	CGO_ENABLED=0 go build -buildvcs=false -ldflags "-X main.version=$(VERSION)" -o bin/chaos ./cmd/chaos

demo: ## kill a master of a real six-node cluster and report
	@.ci/setup demo
	@$(MAKE) --no-print-directory build
	@. .ci/env && bin/chaos run scenarios/master-kill.yaml

# The race detector needs a C compiler.
test: ## run every test
	@.ci/setup test
	@. .ci/env; race=; if command -v $${CC:-gcc} >/dev/null; then race=-race; fi; \
	go build $$race ./... && .ci/test $$race $(TESTFLAGS)

lint: ## check the formatting, go vet, staticcheck
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt -w $$unformatted"; exit 1; fi
	go vet ./... && go vet .ci/docker.go && go vet .ci/summary.go
	@tool=.cache/staticcheck-$(STATICCHECK)-$$(go env GOVERSION); \
	if [ ! -x $$tool ]; then \
		echo "installing staticcheck $(STATICCHECK) to $$tool" && \
		GOBIN=$(CURDIR)/.cache go install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK) && mv .cache/staticcheck $$tool; \
	fi && echo "staticcheck ./..." && $$tool ./...

bench: ## run the benchmarks
	@.ci/setup test
	@. .ci/env && go test -run '^$$' -bench . $(BENCHFLAGS) ./...

cases: ## run situations from public reports, and check figure and cause of each (a quarter of an hour)
	@.ci/setup test
	@. .ci/env && go test -tags cases -run TestCases -parallel 3 -timeout 30m -v ./chaos/experiment

requests: ## measure how fast faults take hold, beside the docker command: docs/faults.md (as root, five minutes)
	@.ci/setup test
	@. .ci/env && go test -tags requests -run TestRequests -count 1 -timeout 20m -v ./chaos/fault

# REASONS_DIR=FOLDER runs nothing, and checks the records in a folder again.
fuzz-reasons: ## check the reasons given for random faults: RUNS=200 SEED=1 PARALLEL=4 (half an hour)
	@.ci/setup test
	@. .ci/env && REASONS_DIR=$(abspath $(REASONS_DIR)) REASONS_RUNS=$(or $(RUNS),200) REASONS_SEED=$(or $(SEED),1) REASONS_OUT=$(CURDIR)/chaos-runs/fuzz-reasons \
		go test -run TestReasons -parallel $(or $(PARALLEL),4) -timeout 4h -count 1 -v ./chaos/experiment/reasons

# What fails leaves its files in chaos-runs/attack.
attack: ## put the program under attack: hostile files, servers, signals, full disks (a few minutes)
	@.ci/setup test
	@. .ci/env && ATTACK_LONG=1 ATTACK_OUT=$(CURDIR)/chaos-runs/attack \
		go test -tags attack $(TESTFLAGS) -parallel 4 -timeout 30m -count 1 ./chaos/experiment/attack

kills: ## kill, interrupt and suspend runs at random moments: RUNS=100 SEED=1 PARALLEL=3 (half an hour)
	@.ci/setup test
	@. .ci/env && KILLS_RUNS=$(or $(RUNS),100) KILLS_SEED=$(or $(SEED),1) ATTACK_OUT=$(CURDIR)/chaos-runs/kills \
		go test -run TestKills -parallel $(or $(PARALLEL),3) -timeout 4h -count 1 -v ./chaos/experiment/attack

torture: ## kill and interrupt runs with six overlapping faults, heal, and look: RUNS=200 SEED=1 PARALLEL=2 (an hour)
	@.ci/setup test
	@. .ci/env && TORTURE_RUNS=$(or $(RUNS),200) TORTURE_SEED=$(or $(SEED),1) TORTURE_PARALLEL=$(or $(PARALLEL),2) ATTACK_OUT=$(CURDIR)/chaos-runs/torture \
		go test -run TestTorture -parallel $$((2 * $(or $(PARALLEL),2))) -timeout 4h -count 1 -v ./chaos/experiment/attack

# What is found stays in testdata/fuzz of its package, as a case of the ordinary tests.
fuzz: ## run every fuzzer: FUZZTIME=10m each, JOBS=1 at once
	@.ci/fuzz $(or $(FUZZTIME),10m) $(or $(JOBS),1)

ext4: ## compare what a power loss of ours leaves with what one of ext4 does: SEEDS=300 (needs root; a few minutes)
	@.ci/setup test
	@. .ci/env && EXT4_SEEDS=$(or $(SEEDS),300) go test -tags ext4 -run TestRandomPowerLossOfExt4 -count 1 -v ./compose/disk

planted: ## have soak find and shrink a defect that was put into a server, with three seeds (half an hour)
	@.ci/setup test
	@. .ci/env && go test -tags planted -run 'Planted|WithoutTheDefect' -timeout 2h -count 1 -v ./chaos/experiment/soak

soak: ## look for leaks of this program over rounds of random faults: FOR=30m
	@.ci/setup test
	@. .ci/env && SOAK_FOR=$(or $(FOR),30m) go test -tags soak -run TestASoakDoesNotGrow -timeout 24h -count 1 -v ./chaos/experiment/soak

podman: ## put the Podman runtime to what every runtime must do; starts a service if none answers (two minutes)
	@.ci/setup test
	@.ci/podman -v

sidebyside: ## deploy and remove 300 clusters in Docker, four at a time (half an hour)
	@.ci/setup test
	@. .ci/env && go test -run '^$$' -bench SideBySide -benchtime 300x -timeout 2h -v ./compose/docker

equivalence: ## show that reused clusters and runs at once change no figure: PAIRS=15 PARALLEL=2 ONLY=beside (half an hour)
	@.ci/setup test
	@. .ci/env && EQUIVALENCE_PAIRS=$(or $(PAIRS),15) EQUIVALENCE_PARALLEL=$(or $(PARALLEL),2) \
		go test -tags equivalence -run TestEquivalence/$(ONLY) -timeout 4h -count 1 -v ./chaos/experiment/batch

accuracy: ## measure how true the figures of failovers are: docs/accuracy.md (half an hour)
	@.ci/setup test
	@.ci/setup demo
	@. .ci/env && go run ./cmd/accuracy -out docs/accuracy.md

# Unpacked to .cache/servers, with their libraries, from the packages of a Debian mirror.
servers: ## get Redis 7.0 and 8.0, and Valkey 8.1 and 9.1, without installing anything
	@.ci/servers

# What make servers gets.
comma := ,
SERVERS := .cache/servers/redis-7.0$(comma).cache/servers/redis-8.0$(comma).cache/servers/valkey-8.1$(comma).cache/servers/valkey-9.1

# That an expectation fails on some version is a finding, and no failure.
versions: servers build ## how these versions differ when a master is killed: RUNS=10 (half an hour)
	bin/chaos matrix master-kill --runtime local --redis-server $(SERVERS) --repeat $(or $(RUNS),10); test $$? -le 1

# SWEEPS=2 makes each sweep twice, to see whether both come to the same.
timeouts: servers build ## which cluster-node-timeout to take, for each version: SWEEPS=1 (an hour)
	for sweep in $$(seq $(or $(SWEEPS),1)); do for server in redis-7.0 redis-8.0 valkey-8.1 valkey-9.1; do \
		bin/chaos tune master-kill --runtime local --redis-server .cache/servers/$$server --out chaos-runs/timeouts/$$server || test $$? -eq 1 || exit; \
	done; done
	go run ./cmd/timeouts -out docs/timeouts.md chaos-runs/timeouts/*/*-tune-*

BUILT := .cache/servers/redis-7.0-built
SLOWED := .cache/servers/redis-7.0-slowed

# 20 times 10 runs of each: sets of 10 of different servers, and of the same one, are compared.
detection: build ## does compare find an election that is 300 ms slower, in 10 runs: RUNS=200 (half an hour)
	@.ci/servers $(notdir $(BUILT) $(SLOWED))
	bin/chaos matrix master-kill --runtime local --redis-server $(BUILT)/redis-server$(comma)$(SLOWED)/redis-server --repeat $(or $(RUNS),200) --out chaos-runs/detection \
		--set cluster.config.cluster-node-timeout=1000 --set 'faults=[{at: 2s, for: 4s, kill: {role: master, shard: 0}}]' --set duration=7s; test $$? -le 1
	DETECTION_DIR=$(CURDIR)/chaos-runs/detection/latest go test -tags detection -run TestDetection -count 1 -v ./report/compare

third-of-masters: servers build ## the same with ten of thirty masters at once: RUNS=10 (an hour and a half)
	bin/chaos matrix third-of-masters --runtime local --redis-server $(SERVERS) --repeat $(or $(RUNS),10) --parallel 1; test $$? -le 1

clean: ## remove what was built and unpacked here; reports stay
	rm -rf bin .cache
