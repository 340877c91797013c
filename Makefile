# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Sluice authors
#
# The menu. `make` prints it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := menu
.PHONY: menu run demo test check lint format build prepare browser-test courier-test package-check \
    bench bench-quick backup-cost sign-in-timing deb test-deb openapi schema soak sanitize flips start-time \
    api-test fuzz fuzz-api slow-test churn tls-quick test-tls handshakes update-check clean

# An import that Package.swift does not declare must not build by accident of what is built already.
# Warnings are errors in every build: Package.swift says so for each target.
SWIFT_FLAGS := --explicit-target-dependency-import-check error
# debug or release.
BUILD ?= debug
# Where `make run` keeps its books and listens.
DATA ?= .sluice-data
LISTEN ?= 127.0.0.1:8080
VENV := .build-venv
# A crash in a test must end at once; the backtrace of a child can hang.
export SWIFT_BACKTRACE ?= enable=no

menu:  ## print this menu
	@echo 'Sluice. Two commands to begin with: make run, make test.'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*##  *\(.*\)/  make \1\t\2/p' Makefile | expand -t 21

run: prepare  ## build, and start the daemon on http://127.0.0.1:8080 (Ctrl-C stops it)
	@swift build -c $(BUILD) $(SWIFT_FLAGS) --product sluiced
	@swift build -c $(BUILD) $(SWIFT_FLAGS) --product sluicectl
	@echo
	@echo 'Demo data, once the box is set up: "make demo" in another terminal. Ctrl-C stops the daemon.'
	@exec .build/$(BUILD)/sluiced --data $(DATA) --listen $(LISTEN) --www www --reload-screens

demo:  ## load demo goods into the running daemon, beside the real books
	@.build/$(BUILD)/sluicectl demo load --socket $(DATA)/control.sock

test: lint build  ## everything that CI runs: format, Swift tests, browser tests, package checks
	@packaging/prepare.sh test
	swift test $(SWIFT_FLAGS)
	@$(MAKE) --no-print-directory browser-test courier-test tls-quick api-test package-check
	@echo 'All tests passed.'

check: lint build  ## what to run before a commit: format, warnings, Swift tests
	@packaging/prepare.sh peers
	swift test $(SWIFT_FLAGS)

lint: prepare
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:  ## put all Swift files into the house form
	swift format --in-place --recursive --parallel Package.swift Sources Tests

build: prepare
	swift build --build-tests $(SWIFT_FLAGS)

browser-test: build
	@packaging/prepare.sh test
	SLUICED=$(CURDIR)/.build/debug/sluiced SLUICECTL=$(CURDIR)/.build/debug/sluicectl \
	    SLUICE_COURIER=$(CURDIR)/.build/debug/sluice-courier \
	    $(VENV)/bin/python -m pytest -q Tests/Browser

sign-in-timing: build  ## whether a known name answers as slowly as an unknown one: 500 tries each (about 6 min)
	@packaging/prepare.sh test
	SLUICED=$(CURDIR)/.build/debug/sluiced $(VENV)/bin/python Tests/Browser/sign_in_timing.py

courier-test: build  ## the courier at a store like S3 (moto) and at OpenSSH's server, both on loopback
	@packaging/prepare.sh test
	SLUICE_COURIER=$(CURDIR)/.build/debug/sluice-courier \
	    SLUICED=$(CURDIR)/.build/debug/sluiced SLUICECTL=$(CURDIR)/.build/debug/sluicectl \
	    $(VENV)-courier/bin/python -m pytest -q Tests/Courier

tls-quick: build
	@packaging/prepare.sh test tls
	SLUICED=$(CURDIR)/.build/debug/sluiced SLUICECTL=$(CURDIR)/.build/debug/sluicectl \
	    $(VENV)/bin/python -m pytest -q Tests/TLS

test-tls: build  ## TLS with OpenSSL, GnuTLS, Chromium, an ACME server, and testssl.sh (about 5 min)
	@packaging/prepare.sh test testssl
	SLUICE_TESTSSL=1 SLUICED=$(CURDIR)/.build/debug/sluiced SLUICECTL=$(CURDIR)/.build/debug/sluicectl \
	    $(VENV)/bin/python -m pytest -q Tests/TLS

handshakes: prepare  ## handshakes a second and what one costs; figures in docs/security.md
	@swift build -c release $(SWIFT_FLAGS) --product sluiced
	SLUICED=$(CURDIR)/.build/release/sluiced python3 Tests/TLS/handshakes.py

api-test: build  ## the served API against its own description, once a role (schemathesis, all checks)
	@packaging/prepare.sh test
	SLUICED=$(CURDIR)/.build/debug/sluiced $(VENV)-fuzz/bin/python Tests/Fuzz/fuzz_api.py \
	    --roles owner,receiver,support,device,guest --examples 3 --seed 2 $(FUZZ)

fuzz-api: build  ## the same with 200 cases for each operation
	@packaging/prepare.sh test
	SLUICED=$(CURDIR)/.build/debug/sluiced $(VENV)-fuzz/bin/python Tests/Fuzz/fuzz_api.py --examples 200 $(FUZZ)

slow-test: prepare  ## slowhttptest with 400 connections beside a scanner; table in docs/security.md
	@packaging/prepare.sh slow
	@swift build -c release $(SWIFT_FLAGS) --product sluiced
	SLUICED=$(CURDIR)/.build/release/sluiced python3 Tests/Slow/slow.py $(SLOW)

churn: prepare  ## open and close 100,000 connections; every descriptor must come back
	SLUICE_CONNECTIONS=100000 swift test $(SWIFT_FLAGS) --filter 'WebTests.ServerTests/.*descriptor'

# Seconds for each target of `make fuzz`, and which targets: all when empty.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=

# lld: gold ends in an internal error over what the two sanitizers make.
fuzz: prepare  ## libFuzzer over every reader of foreign bytes, a minute each; finds go to .build-fuzz/finds
	SLUICE_FUZZ=1 swift build $(SWIFT_FLAGS) -Xswiftc -O -Xswiftc -use-ld=lld --sanitize fuzzer --sanitize address \
	    --scratch-path .build-fuzz --product sluice-fuzz
	Tests/Fuzz/fuzz.sh .build-fuzz/debug/sluice-fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

package-check:
	@Tests/Package/check_sources.sh

update-check:  ## whether the libraries of Debian are the newest; table of components in docs/inventories.md
	@Tests/Package/check_updates.sh

bench:  ## measure beside a bare server and plain SQLite; table in docs/performance.md (about 40 min)
	@packaging/prepare.sh bench
	@swift build -c release $(SWIFT_FLAGS) --product sluiced
	@swift build -c release $(SWIFT_FLAGS) --product sluiced --scratch-path .build-unsealed -Xswiftc -DSLUICE_UNSEALED
	@python3 Tests/Bench/bench.py --daemon .build/release/sluiced --unsealed .build-unsealed/release/sluiced $(BENCH)

bench-quick:  ## the same in a minute, printed only
	@packaging/prepare.sh bench
	@swift build -c release $(SWIFT_FLAGS) --product sluiced
	@python3 Tests/Bench/bench.py --daemon .build/release/sluiced --quick $(BENCH)

backup-cost:  ## what continuous backup costs those who scan: a table for docs/reliability.md (under 5 min)
	@packaging/prepare.sh bench
	@swift build -c release $(SWIFT_FLAGS) --product sluiced
	@python3 Tests/Bench/backup_cost.py --daemon .build/release/sluiced $(COST)

deb:  ## build the Debian package into .build-deb/
	@packaging/prepare.sh deb
	@packaging/build-deb.sh

test-deb: deb  ## check the package, install it in a container, start and ask it
	@packaging/prepare.sh boot
	@Tests/Package/check_deb.sh --boot .build-deb/sluice_*.deb

openapi: prepare  ## write docs/api/openapi.json anew
	SLUICE_WRITE_GOLDENS=1 swift test $(SWIFT_FLAGS) --filter ContractTests

schema: openapi  ## write docs/schema.sql anew (the same run writes all golden files)

soak: prepare  ## 1,000 kills, 100 rotations of the key, 10,000 power cuts, every step on the disk failing, 100 restores
	SLUICE_KILL_CYCLES=1000 SLUICE_ROTATION_KILLS=100 SLUICE_RESTORE_POINTS=100 \
	    swift test $(SWIFT_FLAGS) --filter '[Kk]ill|CaptureTests'
	SLUICE_CRASH_STATES=10000 SLUICE_FAULT_STEP=1 swift test $(SWIFT_FLAGS) --filter FaultTests

sanitize: prepare  ## all Swift tests under ThreadSanitizer and under AddressSanitizer, each built apart
	@mkdir -p .build-tsan
	"$$(dirname "$$(readlink -f "$$(command -v swift)")")/clang" -O1 -shared -fPIC \
	    Tests/Sanitize/mutex.c -o .build-tsan/mutex.so -ldl
	swift build --build-tests $(SWIFT_FLAGS) --sanitize thread --scratch-path .build-tsan
	LD_PRELOAD=$(CURDIR)/.build-tsan/mutex.so \
	    swift test --skip-build $(SWIFT_FLAGS) --sanitize thread --scratch-path .build-tsan
	swift test $(SWIFT_FLAGS) --sanitize address --scratch-path .build-asan

flips: prepare  ## flip every single bit of a store's files: refused or harmless (about an hour)
	SLUICE_FLIPS=all swift test $(SWIFT_FLAGS) --filter FlipTests

start-time: prepare  ## measure the time from start to first request, with 1 GiB of store and 64 MiB of log
	@swift build -c release $(SWIFT_FLAGS) --product sluiced
	SLUICE_START_MIB=1024 SLUICE_START_DAEMON=$(CURDIR)/.build/release/sluiced \
	    swift test $(SWIFT_FLAGS) --filter StartTests

clean:  ## remove what was built; the books in .sluice-data stay
	rm -rf .build .build-*

prepare:
	@packaging/prepare.sh build
