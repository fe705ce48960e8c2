# What the scripts share: the tools on PATH, and steps that say what they do and how long they took. Sourced, not run.
# shellcheck shell=bash
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# shellcheck source=scripts/versions.sh
. "$root/scripts/versions.sh"
export PATH="$TOOLS/bin:$PATH"
cd "$root"

steps_done=""
steps_began="$SECONDS"

# step <what> <command…>: runs the command with its output as it comes; a failure ends the script and names the step.
step() {
  local what="$1" began="$SECONDS" code=0
  shift
  printf '\n=== %s\n' "$what"
  # Not `"$@" || …`: that would switch `set -e` off inside the command, and a failure in its middle would be lost.
  set +e
  (set -e; "$@")
  code=$?
  set -e
  if [ "$code" -ne 0 ]; then
    printf '\n=== FAILED: %s (after %d s, exit code %d)\n    %s\n' "$what" "$((SECONDS - began))" "$code" "$*" >&2
    exit 1
  fi
  steps_done+="$(printf '%6d s  %s' "$((SECONDS - began))" "$what")"$'\n'
}

# summary <what>: the steps made and their times.
summary() {
  printf '\n=== %s: all passed in %d s\n%s' "$1" "$((SECONDS - steps_began))" "$steps_done"
}
