#!/usr/bin/env bash
# Builds the app for release into dist/: a folder of static files that works below any path, offline.
# Needs nothing but Rust and Node.js; what is missing, the set-up installs.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

step "Build tools" scripts/setup.sh build
step "Release build" trunk build --release --offline --locked

sizes() {
  local file
  for file in dist/*.html dist/*.wasm dist/*.js dist/*.css; do
    [ -e "$file" ] || continue
    printf '%9d bytes, %8d gzipped  %s\n' "$(wc -c <"$file")" "$(gzip -9 -c "$file" | wc -c)" "$file"
  done
}
step "What was built" sizes
summary "Build"
