#!/usr/bin/env bash
# Installs what the project needs and the machine lacks. Idempotent: a second run only looks and says so.
#
#   scripts/setup.sh target    the wasm target of Rust
#   scripts/setup.sh build     the same, and trunk, wasm-bindgen, wasm-opt
#   scripts/setup.sh test      the same, and wasm-pack, Chromium, ChromeDriver, playwright-core, axe-core
#   scripts/setup.sh bench     Chromium, playwright-core, and the engines that `make bench` measures the desk against
#
# Command-line tools go to a per-user cache ($DWED_CACHE, default ~/.cache/dual-write-error-desk), so that several
# clones share them; only Chromium comes from the system's package manager.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/versions.sh
. "$here/versions.sh"
purpose="${1:-test}"
case "$purpose" in target | build | test | bench) ;; *) echo "usage: setup.sh [target | build | test | bench]" >&2; exit 2 ;; esac
mkdir -p "$TOOLS/bin" "$NODE_TOOLS"

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
timed() { # timed <what> <command…>
  local what="$1" began="$SECONDS"; shift
  say "$what …"
  "$@" || die "$what failed; the lines above say why"
  say "$what: done in $((SECONDS - began)) s"
}

command -v cargo >/dev/null || die "cargo is missing: install Rust from https://rustup.rs and run again"
command -v node >/dev/null || die "node is missing: install Node.js 20 or newer and run again"
command -v npm >/dev/null || die "npm is missing: it comes with Node.js"

wasm_target() {
  local sysroot; sysroot="$(rustc --print sysroot)"
  [ -d "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib" ] && return
  command -v rustup >/dev/null || die "the wasm32-unknown-unknown target is missing and there is no rustup to add it"
  timed "Rust target wasm32-unknown-unknown" rustup target add wasm32-unknown-unknown
}

# These tools run for seconds, so they are compiled for a short compilation, not for speed: no LTO, many codegen
# units, little or no optimisation, no debug information, no TLS stack (they never download: everything is on PATH).
cargo_tool() { # cargo_tool <crate> <version> <binary> <optimisation> [cargo install flags…]
  local crate="$1" version="$2" binary="$3" optimisation="$4"; shift 4
  local stamp="$TOOLS/$crate-$version"
  [ -e "$stamp" ] && [ -x "$TOOLS/bin/$binary" ] && return
  CARGO_TARGET_DIR="$TOOLS/build" \
  CARGO_PROFILE_RELEASE_OPT_LEVEL="$optimisation" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
  CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_INCREMENTAL=false \
  RUSTFLAGS="-C strip=debuginfo" \
    timed "$crate $version" cargo install --quiet --locked --root "$TOOLS" --force "$crate" --version "$version" "$@"
  rm -f "$TOOLS/$crate-"*
  touch "$stamp"
}

node_tools() { # wasm-opt for building; playwright-core and axe-core for the end-to-end tests
  local wanted="binaryen@$BINARYEN_VERSION playwright-core@$PLAYWRIGHT_VERSION axe-core@$AXE_VERSION"
  if [ "$(cat "$NODE_TOOLS/stamp" 2>/dev/null)" != "$wanted" ]; then
    [ -e "$NODE_TOOLS/package.json" ] || echo '{"private":true}' >"$NODE_TOOLS/package.json"
    # shellcheck disable=SC2086
    timed "npm packages $wanted" npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$NODE_TOOLS" $wanted
    echo "$wanted" >"$NODE_TOOLS/stamp"
  fi
  ln -sf "$NODE_TOOLS/node_modules/.bin/wasm-opt" "$TOOLS/bin/wasm-opt"
}

browser() {
  "$here/chrome.sh" chromium >/dev/null 2>&1 && "$here/chrome.sh" chromedriver >/dev/null 2>&1 && return
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null && as_root="sudo"
    [ -n "$as_root" ] || die "Chromium and ChromeDriver are missing and this user may not install packages: install both, or set CHROMIUM and CHROMEDRIVER to their paths"
  fi
  command -v apt-get >/dev/null || die "Chromium and ChromeDriver are missing: install both, or set CHROMIUM and CHROMEDRIVER to their paths"
  timed "package lists" $as_root apt-get -qq update
  timed "Chromium and ChromeDriver" $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install chromium chromium-driver
}

peers() { # exactly what the lock file of scripts/bench says
  mkdir -p "$BENCH_CACHE"
  cmp -s "$here/bench/package-lock.json" "$BENCH_CACHE/installed.json" && return
  cp "$here/bench/package.json" "$here/bench/package-lock.json" "$BENCH_CACHE"
  timed "engines to measure against" npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$BENCH_CACHE"
  cp "$here/bench/package-lock.json" "$BENCH_CACHE/installed.json"
}

(
  # One run at a time per cache: two clones may be set up at once.
  command -v flock >/dev/null && { flock -n 9 || { say "another set-up is at work; waiting for it"; flock 9; }; }
  if [ "$purpose" = bench ]; then
    node_tools
    browser
    peers
    exit 0
  fi
  wasm_target
  [ "$purpose" != target ] || exit 0
  # Compiling keeps the processors busy, npm and the package manager keep the network busy: let them overlap.
  node_tools & node_job=$!
  browser_job=""
  if [ "$purpose" = test ]; then browser & browser_job=$!; fi
  # wasm-bindgen reads tens of megabytes of a development build; the others only call it.
  cargo_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen 1 --no-default-features
  if [ "$purpose" = test ]; then cargo_tool wasm-pack "$WASM_PACK_VERSION" wasm-pack 0; fi
  cargo_tool trunk "$TRUNK_VERSION" trunk 0 --no-default-features
  wait "$node_job" || exit 1
  if [ -n "$browser_job" ]; then wait "$browser_job" || exit 1; fi
  rm -rf "$TOOLS/build"
) 9>"$CACHE_ROOT/lock"
say "ready ($purpose)"
