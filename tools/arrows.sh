#!/usr/bin/env bash
# arrows.sh [--check]: the table of modules and what they may use in docs/architecture.md, taken from the DEPS that the
# build obeys. With --check it is compared, unless REEVE_UPDATE is set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
page=docs/architecture.md

arrows() { # in the order of src/CMakeLists.txt, which is that of layers
  echo "| module | may use |"
  echo "|---|---|"
  grep -oE '^    [a-z_/0-9]+' src/CMakeLists.txt | while read -r module; do
    [[ $module != app ]] || { echo "| \`app\` | all of them |"; continue; }
    tr '\n' ' ' <"src/$module/CMakeLists.txt" | sed 's/#[^(]*reeve_module/reeve_module/' |
      grep -oE 'reeve_module\([^)]*\)' | head -1 | awk -v module="$module" '
        { take = 0; used = ""; gsub(/[()]/, " ")
          for (n = 1; n <= NF; n++) {
            if ($n ~ /^[A-Z]+$/) { take = $n == "DEPS"; continue }
            if (take) used = used (used == "" ? "" : ", ") $n } }
        END { printf "| `%s` | %s |\n", module, used == "" ? "nothing" : used }'
  done
}

made=$(mktemp)
trap 'rm -f "$made"' EXIT
{
  sed '/<!-- arrows -->/q' "$page"
  arrows
  sed -n '/<!-- end of arrows -->/,$p' "$page"
} >"$made"
if [[ ${1:-} != --check || -n ${REEVE_UPDATE:-} ]]; then
  cp "$made" "$page"
else
  diff -u "$page" "$made" || { echo "docs/architecture.md draws other arrows than the build obeys; run tools/arrows.sh" >&2; exit 1; }
fi
