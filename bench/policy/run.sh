#!/bin/bash
# The Cedar engine against its peers in one run on one machine, one thread each: builds the newest crate
# cedar-policy and Go module cedar-go beside the build folder, runs all three on the OOPSLA'24 worlds
# (N = 50, seed 1; every answer is checked first) and on one relevant link of N, and prints the raw
# figures in ns with the ratios of the medians.
#
#   REEVE_CORPORA=FOLDER bench/policy/run.sh BUILD_FOLDER
set -euo pipefail
[ -n "${REEVE_CORPORA:-}" ] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
peers=$build/policy-peers
mkdir -p "$peers/go" "$peers/crate"
cp -r "$here/crate/." "$peers/crate/"
cp "$here/go/main.go" "$peers/go/"
(cd "$peers/crate" && cargo build --quiet --release)
(cd "$peers/go" && { [ -f go.mod ] || { go mod init go-bench && go get github.com/cedar-policy/cedar-go@latest; } 2>/dev/null; go build -o go-bench .; })
ours=$build/bench/bench_policy
out=$peers/figures.tsv
: > "$out"
for app in gdrive github tinytodo gdrive-templates github-templates; do
  world=$REEVE_CORPORA/cedar/oopsla/$app
  files=("$world/policies.cedar" "$world/entities-n50-s1.json" "$world/requests-n50-s1.ndjson")
  links=(); [ -f "$world/links-n50-s1.json" ] && links=("$world/links-n50-s1.json")
  "$ours" world "${files[@]}" "${links[@]}"
  "$peers/crate/target/release/crate-bench" world "${files[@]}" "$world/schema.cedarschema.json" "${links[@]}"
  "$peers/go/go-bench" world "${files[@]}" "$world/schema.cedarschema.json" "${links[@]}"
done | sed "s|$REEVE_CORPORA/cedar/oopsla/||; s|/entities-n50-s1.json||" >> "$out"
for count in 100 1000 10000 100000; do "$ours" links $count; done >> "$out"
"$peers/crate/target/release/crate-bench" links 10000 >> "$out"
gdrive=$REEVE_CORPORA/cedar/oopsla/gdrive
"$ours" replay "$gdrive/policies.cedar" "$gdrive/entities-n50-s1.json" "$gdrive/requests-n50-s1.ndjson"
awk -F'\t' '
  { median[$1, $2] = $3; if (!seen[$1]++) order[++n] = $1; p99[$1, $2] = $4; if ($2 == "reeve") heap[$1] = $5 }
  END {
    printf "%-18s %10s %10s %10s %8s %8s %8s %6s\n", "world, ns", "reeve", "crate", "cedar-go", "x crate", "x go", "p99/p50", "allocs"
    for (i = 1; i <= n; ++i) {
      w = order[i]; me = median[w, "reeve"]; c = median[w, "crate"]; g = median[w, "cedar-go"]
      printf "%-18s %10d %10s %10s %8s %8s %8.1f %6d\n", w, me, c ? c : "-", g ? g : "-", c ? sprintf("%.1f", c / me) : "-", g ? sprintf("%.1f", g / me) : "-", p99[w, "reeve"] / me, heap[w]
    }
    printf "growth from 100 to 100,000 links: %.2f\n", median["links-100000", "reeve"] / median["links-100", "reeve"]
  }' "$out"
