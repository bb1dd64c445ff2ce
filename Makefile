# One verb, one purpose: `make` lists them. The policy is built for Wasm, in release; everything
# for the host in the dev profile, and what only runs the module in `quick`: see Cargo.toml.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

cargo := cargo --locked
programs := $(or $(CARGO_TARGET_DIR),target)/debug
# A program as `cargo test --workspace` builds it, so that nothing is built twice: with other packages, or without an
# example, crates would have other features.
build_program := $(cargo) build --quiet --workspace --example seeds --bin
# The program for who has built nothing yet: without what `push` needs, and in a profile that is compiled sooner.
build_runner := $(cargo) build --quiet --profile quick --package image-trust --no-default-features --features host
runner := $(or $(CARGO_TARGET_DIR),target)/quick/image-trust
pack := policies/trusted-sources
# What the policy is built from, the crates included that stand in the place of others.
policy_sources := $(shell find src crates/module crates/rsa crates/absent -type f)
empty := crates/bench/empty-policy

# A cargo that tools/toolchain has to install will not be on the caller's path.
export PATH := $(if $(shell command -v cargo),,$(or $(CARGO_HOME),$(HOME)/.cargo)/bin:)$(PATH)
# Where the tests find the module.
export IMAGE_TRUST_POLICY := $(CURDIR)/policy.wasm

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / { printf "%-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: toolchain
toolchain: ## Install what building for Wasm needs, where it is missing
	@tools/toolchain >/dev/null

.PHONY: oracles
oracles: ## Install the programs with which the tests compare, where they are missing
	@tools/oracles

policy.wasm: Cargo.toml Cargo.lock tools/build-wasm tools/wasm-opt $(wildcard tools/binaryen/*.json) $(policy_sources) ## Build the policy
	tools/build-wasm image-trust-module $@

annotated-policy.wasm: policy.wasm metadata.yml README.md ## Put the metadata into the policy
	$(build_runner)
	$(runner) annotate $< --metadata metadata.yml --usage README.md --output $@

.PHONY: run
run: ## Build the policy, and try it on the requests of a shipped pack; denying the bad ones is its job
	@tools/step "Rust, and its target for Wasm" tools/toolchain
	@tools/step "The policy: policy.wasm" $(MAKE) --no-print-directory policy.wasm
	@tools/step "The command that runs it: image-trust" $(build_runner)
	@$(runner) run --pack $(pack)

.PHONY: test
test: policy.wasm ## Run every test, native and in Wasm, and every pack's suite
	@tools/oracles || true
	$(cargo) test --workspace
	$(build_program) image-trust
	$(programs)/image-trust test

.PHONY: playground
playground: target/playground/index.html ## Build the playground: one page, which needs no server

target/playground.wasm: Cargo.toml Cargo.lock metadata.yml tools/build-wasm $(wildcard docs/rules/*.md) $(policy_sources) $(shell find crates/runner/src crates/playground/src -type f)
	@mkdir -p $(@D)
	tools/build-wasm image-trust-playground $@ wasm32-unknown-unknown

# The editor, and what formats YAML, as the lock file has them.
libraries := crates/playground/libraries
target/playground-libraries.js: $(wildcard $(libraries)/*) $(libraries)/.npmrc
	@command -v npm >/dev/null || tools/apt-install npm "the playground cannot be built" nodejs npm
	rm -rf target/playground-libraries
	cp -r $(libraries) target/playground-libraries
	cd target/playground-libraries && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node build.js ../$(@F)

target/playground/index.html: target/playground.wasm target/playground-libraries.js $(shell find crates/playground/bundle crates/playground/examples crates/playground/page policies -type f)
	$(build_program) image-trust-playground-bundle
	$(programs)/image-trust-playground-bundle $(filter target/%,$^) $(@D)

.PHONY: playground-test
playground-test: playground ## Try the playground in a browser, with every case of every pack
	@tools/browser
	cd crates/playground/tests && npm ci --no-audit --no-fund --loglevel=error && node --test

.PHONY: e2e-tests
e2e-tests: annotated-policy.wasm ## Try the annotated module with Kubewarden's kwctl; skipped where there is none
	$(build_runner)
	cd test_data/e2e && npm ci --no-audit --no-fund --loglevel=error
	test_data/e2e/node_modules/.bin/bats e2e.bats

.PHONY: dist
dist: policy.wasm ## Build the runner as it is released, for DIST_TARGET: a static binary with the policy in it
	tools/dist $(DIST_TARGET)

.PHONY: mutants
mutants: ## Change the policy's source in every small way and see a test fail each time; takes hours
	@cargo mutants --version >/dev/null 2>&1 || cargo install --locked cargo-mutants@27.1.0
	ulimit -v 12000000; PROPTEST_CASES=16 cargo mutants --package openshift-image-trust --output target

.PHONY: fmt
fmt: ## Format the sources
	cargo fmt --all

.PHONY: lint
lint: ## Check format and lints
	cargo fmt --all --check
	$(cargo) clippy --workspace --all-targets -- -D warnings

.PHONY: docs
docs: ## Write the generated files anew
	UPDATE_DOCS=1 $(cargo) test --workspace --test docs

.PHONY: book
book: | mdbook ## Build the documentation as a book: target/book
	mdbook build docs

.PHONY: mdbook
mdbook:
	@mdbook --version >/dev/null 2>&1 || cargo install --locked --no-default-features --features search mdbook@0.5.4

.PHONY: deps
deps: | cargo-deny ## Check licences, sources and versions of the dependencies
	cargo deny --locked --workspace check --hide-inclusion-graph bans licenses sources

.PHONY: advisories
advisories: | cargo-deny ## Check the dependencies against known vulnerabilities (needs the network)
	cargo deny --locked --workspace check advisories

.PHONY: cargo-deny
cargo-deny:
	@cargo deny --version >/dev/null 2>&1 || cargo install --locked --no-default-features cargo-deny@0.20.2

.PHONY: fuzz fuzz-short
fuzz: | cargo-fuzz ## Fuzz, FUZZ_SECONDS per target: docs/fuzzing.md
	@tools/fuzz $(or $(FUZZ_SECONDS),3600) $(FUZZ)

fuzz-short: FUZZ_SECONDS := 15
fuzz-short: export FUZZ_SEED := 1
fuzz-short: fuzz ## The same for seconds, as CI does

.PHONY: cargo-fuzz
cargo-fuzz:
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz@0.13.2

.PHONY: size
size: policy.wasm ## Fail when the policy is larger than its ceiling
	@tools/size-ceiling $<

bench_host := $(programs)/image-trust-bench
.PHONY: $(bench_host)
$(bench_host):
	$(build_program) image-trust-bench

.PHONY: bench
bench: policy.wasm target/empty-policy.wasm $(bench_host) ## Measure the policy against an empty one
	$(bench_host) rows

.PHONY: compare
compare: policy.wasm target/empty-policy.wasm $(bench_host) ## Measure the policies of crates/bench/policies.yaml side by side
	$(bench_host) compare

.PHONY: load
load: policy.wasm $(bench_host) ## Judge every pack's requests 100,000 times, and watch the process
	$(bench_host) load

.PHONY: performance
performance: policy.wasm target/empty-policy.wasm $(bench_host) ## Measure all, and put it into docs/performance.md
	$(bench_host) rows
	$(bench_host) load
	$(bench_host) document

target/empty-policy.wasm: Cargo.toml Cargo.lock tools/build-wasm tools/wasm-opt $(wildcard tools/binaryen/*.json) $(wildcard $(empty)/Cargo.toml $(empty)/src/*)
	@mkdir -p $(@D)
	tools/build-wasm empty-policy $@

.PHONY: clean
clean: ## Remove everything that was built
	cargo clean
	rm -f *.wasm
