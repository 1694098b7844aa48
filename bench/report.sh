#!/usr/bin/env bash
# report.sh JSON...: prints docs/perf.md. A figure is the median of a benchmark's repetitions, or its only run. PASS or
# MISS stands beside each figure that limits.tsv holds to something; a limit whose figure nobody measured is a MISS too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -f ${1:-} ]] || { echo "report: no results" >&2; exit 1; }

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
cat <<PAGE
# What is fast enough, measured

Written by \`./dev bench\`: do not edit. Commit $(git rev-parse --short HEAD)$(git diff --quiet HEAD || echo ' with changes'), $(date -u +%F),
${cpu:-unknown processor}, $(nproc) cores, $(awk '/MemTotal/ {printf "%.0f GiB", $2 / 1048576}' /proc/meminfo), $(g++-12 --version | head -1).
Limits are in \`bench/limits.tsv\`. Ratios last longer than figures. Times are those of the wall clock; CPU is what the
program used of all cores meanwhile, where it was counted. On a machine that others use as well the first is longer than
the program made it: the load was $(jq -s -r '[.[].context.load_avg[0]] | "\(min) to \(max)"' "$@") on $(nproc) cores when the programs started.
Growth is of CPU time: per object, over that at a tenth of the size; 1 is linear.

| figure | measured | CPU | limit | |
|---|---:|---:|---:|---|
PAGE
jq -rn --rawfile limits bench/limits.tsv '
  def in_ms: {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000}[.time_unit];
  # run_name is the name without "_median"; one row for each benchmark.
  [inputs.benchmarks[] | select(.error_occurred != true)]
  | group_by(.run_name)
  | map((map(select(.aggregate_name == "median")) + map(select(.run_type == "iteration"))) | first
        | {key: .run_name, value: (. + {real_ms: (.real_time * in_ms), cpu_ms: (.cpu_time * in_ms)})})
  | from_entries as $runs
  | def show($x): if $x == null then "not measured" elif $x >= 100 then ($x | round | tostring)
      else ($x * 1000 | round / 1000 | tostring) end;
  def cpu($run; $figure): if $figure == "real_ms" and $run.cpu_s then "\(show($run.cpu_s)) s" else "" end;
  def others($run): [["p50_ms", "p99_ms", "commit_p99_ms", "peak_mib", "growth", "findings"][] as $name
    | select($run[$name]) | "\($name) \(show($run[$name]))"] | if . == [] then "" else ": " + join(", ") end;
  ([$limits | split("\n")[] | select(. != "" and (startswith("#") | not)) | split("\t")
    | {bench: .[0], figure: .[1], relation: .[2], limit: (.[3] | tonumber), unit: .[4], what: .[5]}]) as $held
  | ($held[] | ($runs[.bench][.figure]) as $got
     | (if $got == null then "MISS" elif .relation == "<=" and $got <= .limit then "PASS"
        elif .relation == ">=" and $got >= .limit then "PASS" else "MISS" end) as $verdict
     | "| \(.what) (`\(.bench)`, \(.figure)) | \(show($got)) \(.unit) | \(cpu($runs[.bench]; .figure)) | \(.relation) \(.limit) \(.unit) | \($verdict) |"),
    ($runs | to_entries[] | select(.key as $name | $held | all(.bench != $name))
     | "| `\(.key)`\(others(.value)) | \(show(.value.real_ms)) ms | \(cpu(.value; "real_ms")) | | |")
' "$@"

policy=$(dirname "$1")/policy.txt
[[ -s $policy ]] || { echo; echo 'The policy engine beside its peers was not measured: `REEVE_CORPORA` was not set.'; exit; }
cat <<PAGE

The policy engine beside its peers, in one run (\`bench/policy/run.sh\`):

\`\`\`
$(cat "$policy")
\`\`\`
PAGE
