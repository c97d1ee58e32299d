#!/usr/bin/env bash
# ensure-wasm.sh COMMAND…  -  runs COMMAND with a Rust toolchain that compiles for the browser.
#
# What may be lacking is the standard library for wasm32. It is looked for in this order:
#   1. the active toolchain has it;
#   2. built from Debian's packages, by an earlier run of this script;
#   3. rustup fetches it;
#   4. it is built from Debian's packages: rustc-web is recent, and its library's source is a
#      package too, so a minute of compiling replaces a download that some networks don't have.
#
# What 4 makes is a toolchain in the target folder: `cargo clean` removes it, another checkout can't
# break it, and rustup doesn't hear of it. COMMAND finds it through PATH.
#
# FLIGHTBOX_WASM=debian skips 1 and 3, to test the rest on a machine where they would do.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
wasm=wasm32-unknown-unknown
made=$(realpath -m "${CARGO_TARGET_DIR:-$root/target}")/wasm-toolchain

say() { echo "wasm: $*" >&2; }

# Whether the given rustc has the library.
complete() {
  local folder
  folder=$("$1" --print target-libdir --target $wasm 2>/dev/null) &&
    compgen -G "$folder/libstd-*.rlib" >/dev/null
}

# What the made toolchain depends on: the compiler, its own place, and how this script builds it.
fingerprint() { /usr/bin/rustc -vV 2>/dev/null && echo "$made" && cksum <"$here/ensure-wasm.sh"; }
current() { [ "$(cat "$made/fingerprint" 2>/dev/null)" = "$(fingerprint)" ]; }

with_made() {
  # clippy's driver takes its library from SYSROOT; the compiler's wrapper names it itself.
  export SYSROOT=$made PATH=$made/bin:$PATH
  exec "$@"
}

if [ -z "${FLIGHTBOX_WASM:-}" ] && complete rustc; then exec "$@"; fi

# Packages first, even for a made toolchain: it runs Debian's compiler and linker.
installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
missing=()
need() { installed "$1" || missing+=("$1: $2"); }
packages() {
  missing=()
  need rustc-web "a compiler whose library can be built for the browser"
  need cargo-web "builds that library, with the version it was written for"
  need rust-web-src "that library's source"
  if [ "${2:-}" = clippy ]; then need rust-web-clippy "lints the browser's half"; fi
}

packages "$@"
if [ ${#missing[@]} = 0 ] && current; then with_made "$@"; fi

if [ -z "${FLIGHTBOX_WASM:-}" ] && command -v rustup >/dev/null; then
  say "the toolchain lacks $wasm; asking rustup for it"
  # A network that drops packets would hold this up for minutes; a backtrace would look like a bug.
  if RUST_BACKTRACE=0 timeout 60 rustup target add $wasm >&2 && complete rustc; then exec "$@"; fi
  say "rustup has none here; building it with Debian's compiler instead"
fi

"$root/.ci/install" "${missing[@]}"
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
# The linker must read what the compiler's LLVM writes, so it is the one of the same release.
missing=()
need "lld-$llvm" "links for the browser"
"$root/.ci/install" "${missing[@]}"

if ! current; then
  say "building the standard library for $wasm with $(/usr/bin/rustc --version): about a minute, once"
  rm -rf "$made"
  mkdir -p "$made/seed/src" "$made/bin" "$made/lib/rustlib/$wasm/lib" "$made/lib/rustlib/$host/bin"

  # Cargo builds the library only on the way to something else: here, an empty crate.
  : >"$made/seed/src/lib.rs"
  cat >"$made/seed/Cargo.toml" <<'TOML'
[package]
name = "seed"
version = "0.0.0"
edition = "2024"

[workspace]

[profile.release]
opt-level = "s"
codegen-units = 1
panic = "abort"
TOML
  # embed-bitcode: cargo leaves it out unless this very build is an LTO one; the islands' build is.
  # Building the library is not a stable feature; RUSTC_BOOTSTRAP lets a stable compiler do it.
  env -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER \
    RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
    RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=$(realpath /usr/lib/rustlib/src/rust)=/rust" \
    /usr/bin/cargo build -q --release --target $wasm -Zbuild-std=std,panic_abort \
    --manifest-path "$made/seed/Cargo.toml" --target-dir "$made/seed/target" >&2

  find "$made/seed/target/$wasm/release/deps" -name '*.rlib' ! -name 'libseed-*' \
    -exec cp {} "$made/lib/rustlib/$wasm/lib/" \;
  rm -rf "$made/seed"
  # Proc macros and build scripts run on this machine, with Debian's own library.
  ln -s "/usr/lib/rustlib/$host/lib" "$made/lib/rustlib/$host/lib"
  ln -s "/usr/bin/lld-$llvm" "$made/lib/rustlib/$host/bin/rust-lld"
  ln -s /usr/bin/cargo /usr/bin/cargo-clippy "$made/bin/"
  printf '#!/bin/sh\nexec /usr/bin/rustc --sysroot "%s" "$@"\n' "$made" >"$made/bin/rustc"
  chmod +x "$made/bin/rustc"
  # Last, so that a build cut short is made again.
  fingerprint >"$made/fingerprint"
fi
with_made "$@"
