#!/usr/bin/env bash
# lint.sh JOBS FILE...: clang-tidy-19 with the database of the clang preset, which has no PCH (with GCC's it stops, or
# takes twice as long). Headers are linted with the files that include them.
#
# A file that was clean is not looked at again for as long as all that clang-tidy sees of it stays the same: its text and
# that of all it includes, how it is compiled, and the checks. To see that takes a tenth of the time.
set -euo pipefail
clean=build/clang/lint-clean

compile_of() { # compile_of FILE: how it is compiled, as a line of shell
  grep -FB1 "\"file\": \"$PWD/$1\"" build/clang/compile_commands.json |
    sed -n '/^  "command": /{s///;s/^"//;s/",$//;s/\\\(["\\]\)/\1/g;p;q}'
}
seen_of() { # seen_of CHECKS FILE: a hash of all that clang-tidy sees
  local compile
  compile=$(compile_of "$2") && [[ $compile == *' -o '*' -c '* ]] || return 1
  { echo "$1 $compile"; cat .clang-tidy; clang-tidy-19 --version
    cd build/clang && eval "${compile% -o *} -M ${compile##* -c }" | sed 's/^[^ ]*://; s/\\$//' | xargs cat; } |
    sha256sum | cut -d ' ' -f 1
}
if [[ $1 == one ]]; then # one CHECKS FILE
  seen=$(seen_of "$2" "$3" 2>/dev/null) || seen=
  [[ -z $seen || ! -e $clean/$seen ]] || exit 0
  clang-tidy-19 -p build/clang --quiet --checks="$2" "$3"
  [[ -z $seen ]] || : >"$clean/$seen"
  exit
fi

jobs=$1
shift
[[ $# -gt 0 ]] || { echo "nothing changed"; exit 0; }
mkdir -p "$clean"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Off in tests: the checks cannot see that REQUIRE ends a test without a value, that a test sets the environment before
# it has threads, and that a loop of five needs no reserve.
of_tests=-bugprone-unchecked-optional-access,-concurrency-mt-unsafe,-performance-inefficient-vector-operation
tidy() { # tidy CHECKS: the files on stdin
  xargs -r -P "$jobs" -n 1 "$0" one "$1" 2>>"$log"
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
