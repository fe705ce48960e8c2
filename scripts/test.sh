#!/usr/bin/env bash
# Runs the tests, all or some: scripts/test.sh [native] [web] [e2e]
#
#   native   unit, property and integration tests on this machine
#   web      tests/*_web.rs in a headless browser: the real IndexedDB, the real worker
#   e2e      the release build in a browser, driven through the screen (tests/e2e)
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

native_tests() {
  if command -v cargo-nextest >/dev/null; then
    cargo nextest run --locked --no-fail-fast --status-level slow
    # nextest leaves out the examples in the docs.
    cargo test --locked --quiet --doc
  else
    cargo test --locked --no-fail-fast
  fi
}

web_tests() {
  local file name chosen=()
  for file in tests/*_web.rs tests/*_web/main.rs; do
    [ -e "$file" ] || continue
    name="${file#tests/}" name="${name%/main.rs}"
    chosen+=(--test "${name%.rs}")
  done
  if [ "${#chosen[@]}" -eq 0 ]; then
    echo "there is no tests/*_web.rs" >&2
    return 1
  fi
  WASM_BINDGEN_TEST_TIMEOUT=300 wasm-pack test --headless --chrome --chromedriver "$(scripts/chrome.sh chromedriver)" \
    --mode no-install -- "${chosen[@]}" --locked
}

e2e_tests() {
  local chromium
  chromium="$(scripts/chrome.sh chromium)"
  # One file at a time: each measures, and each has a browser and its worker to itself.
  DWED_NODE_TOOLS="$NODE_TOOLS" DWED_CHROMIUM="$chromium" \
    node --test --test-concurrency=1 --test-reporter=spec tests/e2e/*.test.mjs
}

[ "$#" -gt 0 ] || set -- native web e2e
for part in "$@"; do
  case "$part" in native | web | e2e) ;; *) echo "usage: scripts/test.sh [native] [web] [e2e]" >&2; exit 2 ;; esac
done
wants() { case " $1 " in *" $2 "*) ;; *) return 1 ;; esac; }

if wants "$*" web || wants "$*" e2e; then step "Test tools" scripts/setup.sh test; fi
if wants "$*" native; then step "Native tests" native_tests; fi
if wants "$*" web; then step "Browser tests" web_tests; fi
if wants "$*" e2e; then
  step "Release build" scripts/build.sh
  step "End-to-end tests" e2e_tests
fi
summary "Test"
