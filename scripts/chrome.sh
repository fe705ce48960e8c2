#!/usr/bin/env bash
# Prints the path of a browser program: `chrome.sh chromium` or `chrome.sh chromedriver`. Fails if there is none.
# CHROMIUM and CHROMEDRIVER override the search.
set -euo pipefail
case "${1:?chromium or chromedriver}" in
  chromium) override="${CHROMIUM:-}"; names="chromium chromium-browser google-chrome google-chrome-stable" ;;
  chromedriver) override="${CHROMEDRIVER:-}"; names="chromedriver" ;;
  *) echo "unknown browser program: $1" >&2; exit 2 ;;
esac
if [ -n "$override" ]; then [ -x "$override" ] && echo "$override" && exit 0; exit 1; fi
for name in $names; do command -v "$name" && exit 0; done
exit 1
