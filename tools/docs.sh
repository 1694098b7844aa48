#!/usr/bin/env bash
# docs.sh PROGRAM [--check]: the generated pages of docs/ are printed by the program itself, from the data it runs on.
# With --check they are written elsewhere and compared.
set -euo pipefail
program=$1
if [[ ${2:-} != --check ]]; then
  "$program" docs --into docs
  exit
fi
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$program" docs --into "$made"
stale=0
while IFS= read -r page; do
  diff -u "docs/$page" "$made/$page" || stale=1
done < <(cd "$made" && find . -type f | sort)
[[ $stale -eq 0 ]] || { echo "docs: not current; run ./dev docs" >&2; exit 1; }
