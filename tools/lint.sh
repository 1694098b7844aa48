#!/usr/bin/env bash
# lint.sh JOBS FILE...: clang-tidy-19 with the database of the clang preset, which has no PCH (with GCC's it stops, or
# takes twice as long). Headers are linted with the files that include them.
set -euo pipefail
jobs=$1
shift
[[ $# -gt 0 ]] || { echo "nothing changed"; exit 0; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Off in tests: the checks cannot see that REQUIRE ends a test without a value, that a test sets the environment before
# it has threads, and that a loop of five needs no reserve.
of_tests=-bugprone-unchecked-optional-access,-concurrency-mt-unsafe,-performance-inefficient-vector-operation
tidy() { # tidy CHECKS: the files on stdin
  xargs -r -P "$jobs" -n 4 clang-tidy-19 -p build/clang --quiet --checks="$1" 2>>"$log"
}
tests='_test\.cpp$|/test_[a-z_]*\.cpp$'
bad=0
printf '%s\n' "$@" | { grep -vE "$tests" || true; } | tidy '' || bad=1
printf '%s\n' "$@" | { grep -E "$tests" || true; } | tidy "$of_tests" || bad=1
[[ $bad == 0 ]] || {
  grep -v 'warnings generated' "$log" >&2
  exit 1
}
echo "$# files"
