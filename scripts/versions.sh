# The pinned tools of the project. Every script reads them from here and nowhere else.
# shellcheck shell=bash disable=SC2034
TRUNK_VERSION=0.21.14          # 0.22 needs a newer rustc than the project's
WASM_BINDGEN_VERSION=0.2.129   # must equal the crate's version in Cargo.toml, to the digit
WASM_PACK_VERSION=0.15.1
BINARYEN_VERSION=132.0.0       # npm package; Debian's binaryen 108 miscompiles our output
PLAYWRIGHT_VERSION=1.64.1
AXE_VERSION=4.11.0

CACHE_ROOT="${DWED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/dual-write-error-desk}"
TOOLS="$CACHE_ROOT/tools"
NODE_TOOLS="$CACHE_ROOT/node"
BENCH_CACHE="$CACHE_ROOT/bench"
