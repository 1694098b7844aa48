#!/usr/bin/env bash
# docs.sh PROGRAM [--check]: the generated pages of docs/ are printed by the program itself, from the data it runs on.
# With --check they are written elsewhere and compared, unless REEVE_UPDATE is set.
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ ${2:-} != --check || -n ${REEVE_UPDATE:-} ]]; then
  rm -rf docs/connectors docs/rules # a page whose source is gone goes too
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
for folder in connectors rules; do
  diff -q <(ls "docs/$folder") <(ls "$made/$folder") || { echo "docs/$folder holds other pages than are made"; stale=1; }
done
[[ $stale -eq 0 ]] || { echo "docs: not current; run ./dev docs" >&2; exit 1; }
