# The commands of the project; `make help` lists them. Each first sees to what the machine needs.

PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=

# Where Swift's installers put it when they do not put it on PATH (scripts/bootstrap looks there too).
export PATH := $(PATH):/opt/swift/usr/bin:$(HOME)/.local/share/swiftly/bin

# Tests run optimised, as what they test ships. Some look at what is internal (@testable), which `swift test` makes
# possible in this configuration too. A folder of their own keeps them from undoing the static build, whose flags differ.
SWIFT_TEST = swift test -c release --disable-xctest --scratch-path .build-tests
# The faults of the core that tests switch on (docs/simulator.md), and the integration tests' helpers, which are empty
# where they could not be had: then those tests skip.
TEST_ENV = SALAMA_MUTATIONS=1 SALAMA_TEST_BITCOIND="$$(scripts/bitcoind path 2>/dev/null)" \
	SALAMA_TEST_BITCOINKERNEL="$$(scripts/bitcoinkernel 2>/dev/null)" \
	SALAMA_TEST_PYLN="$$(scripts/pyln 2>/dev/null)" \
	SALAMA_TEST_CLIENTS="$$(scripts/clients 2>/dev/null)"
# What is built to be run never has those faults, whatever the caller's environment says.
unexport SALAMA_MUTATIONS
BINARY = .build/release/salama
SHARE = $(DESTDIR)$(PREFIX)/share

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help bootstrap build test conformance clients demo bench interop soak lint install vectors fuzz

help: ## list these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

bootstrap:
	@scripts/bootstrap

build: bootstrap ## build .build/release/salama, statically linked to Swift's library
	swift build -c release --static-swift-stdlib --product salama

test: ## run every test, against a real bitcoind too where one can be had
	@scripts/bootstrap --tests
	@$(TEST_ENV) $(SWIFT_TEST) $(ARGS)

conformance: build ## say to the node what the specification forbids (ARGS='--only NAME --json')
	@scripts/bootstrap --tests
	@python=$$(scripts/pyln) && $$python -B Tests/Conformance/conformance.py --salama $(BINARY) $(ARGS)

clients: build ## use the node as wallets, shops, Prometheus and bolt11 of PyPI do
	@scripts/bootstrap --tests
	@python3 -B Tests/Clients/rest.py --salama $(BINARY)
	@python3 -B Tests/Clients/figures.py --salama $(BINARY)
	@SALAMA_INVOICES=10000 $(TEST_ENV) $(SWIFT_TEST) --filter InvoiceAgreement

demo: build ## tell a network's story on a chain of its own (ARGS='--exit', '--bitcoind', '--nodes 5')
	@$(if $(findstring --bitcoind,$(ARGS)),SALAMA_DEMO_BITCOIND="$$(scripts/bitcoind path)" )$(BINARY) demo $(ARGS)

bench: build ## measure the node on this machine (ARGS='NAME ... --json')
	@$(BINARY) bench $(ARGS)

interop: build ## run Electrum as a peer on a real bitcoind (ARGS='NAME ... --list --jobs 4')
	@python3 -B Tests/Interop/electrum --salama $(BINARY) $(ARGS)

soak: build ## try a network of processes with faults and attacks for an hour (ARGS='--minutes 10 --seed 7')
	@bitcoind="$$(scripts/bitcoind path 2>/dev/null)"; \
		SALAMA_DEMO_BITCOIND="$$bitcoind" SALAMA_SOAK_FAKETIME="$$(scripts/faketime)" \
		$(BINARY) soak --minutes 60 $${bitcoind:+--bitcoind} $(ARGS)

lint: bootstrap ## check the format and the style rules (Tests/TidyTests)
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	@SALAMA_LINT=1 swift test --disable-xctest --scratch-path .build-lint
	@scripts/check-quotes

vectors: ## run the suites of the specifications' vectors alone, and print a table of them
	@scripts/bootstrap --tests
	@$(TEST_ENV) SWIFT_TEST="$(SWIFT_TEST)" scripts/vectors

fuzz: bootstrap ## fuzz every decoder (ARGS='NAME ...')
	@scripts/fuzz $(ARGS)

install: build ## install under $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BINARY) "$(DESTDIR)$(PREFIX)/bin/salama"
	install -d "$(SHARE)/man/man1" "$(SHARE)/bash-completion/completions" \
		"$(SHARE)/zsh/site-functions" "$(SHARE)/fish/vendor_completions.d"
	$(BINARY) manpage > "$(SHARE)/man/man1/salama.1"
	$(BINARY) completions bash > "$(SHARE)/bash-completion/completions/salama"
	$(BINARY) completions zsh > "$(SHARE)/zsh/site-functions/_salama"
	$(BINARY) completions fish > "$(SHARE)/fish/vendor_completions.d/salama.fish"
