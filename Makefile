# What people type. How each is done stands in .ci/, next to what CI runs.
target := $(or $(CARGO_TARGET_DIR),target)

.PHONY: run build test faults audit bench import-report fmt

# The demo at http://127.0.0.1:8080, or where FLIGHTBOX_LISTEN says.
run: build
	@exec $(target)/release/flightbox demo

# The one file to deploy: target/release/flightbox.
build:
	@.ci/setup build && .ci/assets && cargo build --release -p flightbox

# Formatting, lints, documentation, a release build, unit, HTTP and browser tests.
test:
	@.ci/test

# Nothing is lost, shown by force: a hundred kills, minutes of overload, hundreds of damaged files.
faults: build
	@.ci/setup test && FLIGHTBOX_FAULTS=long FLIGHTBOX_BIN=$(abspath $(target))/release/flightbox cargo test -p flightbox --test faults

# Licences, sources and known holes of every dependency.
audit:
	@.ci/audit

# The figures that README quotes, measured here.
bench: build
	@cargo build --release -p flightbox-bench
	@$(target)/release/flightbox-bench

# How far the imported formats agree with what others say of the same records; DATA is a folder of further sets.
import-report:
	@$(if $(DATA),FLIGHTBOX_DATA_SETS=$(realpath $(DATA))) cargo test -q -p flightbox-import --test expectations -- --nocapture others_say

fmt:
	@cargo fmt --all
