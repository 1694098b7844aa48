#!/usr/bin/env bash
# run.sh BUILD-FOLDER [NAME]: runs every benchmark program, or one, keeps its JSON in BUILD-FOLDER/bench/NAME.json and
# writes docs/perf.md from all the JSON there. Fails when a figure misses its limit, after the page is written.
set -euo pipefail
build=$1
name=${2:-}
[[ -z $name || -x $build/bench/bench_$name ]] || { echo "bench: no bench/$name.cpp" >&2; exit 2; }
for program in "$build"/bench/bench_${name:-*}; do
  if [[ $program == */bench_policy ]]; then  # no program of the library's: it measures against its peers
    [[ -z ${REEVE_CORPORA:-} ]] || bench/policy/run.sh "$build" >"$build/bench/policy.txt"
    continue
  fi
  made=${program/bench_/}.json
  "$program" --benchmark_out="$made.new" --benchmark_out_format=json --benchmark_repetitions=5 \
    --benchmark_report_aggregates_only=true --benchmark_enable_random_interleaving=false
  mv "$made.new" "$made"
done
bench/report.sh "$build"/bench/*.json >docs/perf.md.new
mv docs/perf.md.new docs/perf.md
! grep -F '| MISS |' docs/perf.md
