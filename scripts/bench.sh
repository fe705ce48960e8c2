#!/usr/bin/env bash
# Measures the built app against other engines in the browser: scripts/bench.sh [--size 100k] [--rounds 3] [--engines a,b]
# [--items W1,W2] [--formats csv,ndjson] [--md]; `--screen` measures only what the screen does meanwhile, `--report` prints
# the last run again. See scripts/bench/README.md.
set -euo pipefail
# shellcheck source=scripts/steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

measure() {
  DWED_NODE_TOOLS="$NODE_TOOLS" DWED_BENCH_CACHE="$BENCH_CACHE" DWED_CHROMIUM="$(scripts/chrome.sh chromium)" \
    node --max-old-space-size=12288 scripts/bench/bench.mjs "$@"
}

step "Benchmark tools" scripts/setup.sh bench
step "Benchmark" measure "$@"
summary "Benchmark"
