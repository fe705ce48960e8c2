#!/usr/bin/env bash
# Everything that can be said about the code without running it: format, lints for both targets, layers, scripts, pins.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

# One number, written in several places because several tools read it.
pins() {
  local bad=0
  same() { # same <what> <expected> <file> <pattern>
    grep -qE "$4" "$3" && return
    printf '%s is %s in scripts/versions.sh, and %s says otherwise\n' "$1" "$2" "$3" >&2
    bad=1
  }
  same wasm-bindgen "$WASM_BINDGEN_VERSION" Cargo.toml "^wasm-bindgen = \"=${WASM_BINDGEN_VERSION//./\\.}\""
  same wasm-bindgen "$WASM_BINDGEN_VERSION" Trunk.toml "^wasm_bindgen = \"${WASM_BINDGEN_VERSION//./\\.}\""
  same binaryen "$BINARYEN_VERSION" Trunk.toml "^wasm_opt = \"version_${BINARYEN_VERSION%%.*}\""
  return "$bad"
}

shell_scripts() {
  local script
  for script in scripts/*.sh .ci/run; do bash -n "$script"; done
  if command -v shellcheck >/dev/null; then shellcheck -x scripts/*.sh .ci/run; else echo "shellcheck is not here: syntax only"; fi
}

node_scripts() {
  local script
  for script in scripts/*.mjs scripts/bench/*.{mjs,js} scripts/bench/*/*.{mjs,js} tests/e2e/*.mjs; do
    [ -e "$script" ] || continue
    node --check "$script"
  done
}

licences() { cargo metadata --locked --format-version 1 | node scripts/licences.mjs; }

wasm_target() { scripts/setup.sh target; }

step "Pinned versions agree" pins
step "Licences of the packages" licences
step "Shell scripts" shell_scripts
step "Node scripts" node_scripts
step "Format" cargo fmt --check
step "Lints, native" cargo clippy --locked --all-targets -- -D warnings
step "Rust target wasm32-unknown-unknown" wasm_target
step "Lints, browser" cargo clippy --locked --all-targets --target wasm32-unknown-unknown -- -D warnings
step "Layers" cargo test --locked --quiet --test layering
summary "Check"
