#!/usr/bin/env bash
# The 272 vectors of the AuthZEN interop scenarios, over HTTP. REEVE_CORPORA names the folder that holds authzen/.
source "$(dirname "$0")/lib.sh"
[[ -n ${REEVE_CORPORA:-} ]] || { echo "SKIP: REEVE_CORPORA is not set"; exit 77; }
data=$REEVE_CORPORA/authzen
echo "policy_domains:" >"$work/reeve.yaml"
for suite in search todo gateway; do
  jq -n --arg suite $suite --slurpfile all "$data/fixtures.json" -f "$here/entities.jq" >"$work/$suite.json"
  echo "  - {name: $suite, policies: $here/$suite, entities: $work/$suite.json}" >>"$work/reeve.yaml"
done
serve_domains "$work/reeve.yaml"

# Every vector as one transfer of one curl: its body in a file, its answer in another.
mkdir "$work/v"
jq -r '[.suite, .endpoint, (.request | tojson), (.expected | tojson)] | @tsv' "$data/authzen-vectors.ndjson" |
  sed 's/\\\\/\\/g' >"$work/vectors.tsv"
n=0
while IFS=$'\t' read -r suite endpoint request expected; do
  [[ $suite != idp ]] || suite=search
  printf %s "$request" >"$work/v/$n.request"
  echo "$expected" >"$work/v/$n.expected"
  [[ $n -eq 0 ]] || echo next
  cat "$work/token" - <<C
url = "$url/domains/$suite$endpoint"
header = "Content-Type: application/json"
data-binary = "@$work/v/$n.request"
output = "$work/v/$n.answer"
silent
C
  n=$((n + 1))
done <"$work/vectors.tsv" >"$work/transfers"
curl -K "$work/transfers"

# An answer says more than a vector expects: only the decisions count, and results as a set.
told='if has("evaluations") then [.evaluations[] | {decision}] elif has("results") then {results: (.results | sort)} else .decision end'
wanted='if type == "object" then {results: (.results | sort)} else . end'
mapfile -t asked <"$work/vectors.tsv"
files=()
for ((at = 0; at < n; at++)); do files+=("$work/v/$at"); done
mapfile -t told < <(jq -cS "$told" "${files[@]/%/.answer}")
mapfile -t wanted < <(jq -cS "$wanted" "${files[@]/%/.expected}")
passed=0
for ((at = 0; at < n; at++)); do
  if [[ ${told[at]:-} == "${wanted[at]:-none}" ]]; then
    passed=$((passed + 1))
  else
    printf 'FAIL  %s\n      wanted %s\n      got %s\n' "${asked[at]:0:300}" "${wanted[at]:-}" "$(cut -c1-300 "$work/v/$at.answer")"
  fi
done
echo "$n vectors, $passed passed"
[[ $n -gt 0 && $passed -eq $n ]]
