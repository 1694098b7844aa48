#!/usr/bin/env bash
# Discovery is killed (SIGKILL, by REEVE_CRASH_AT) at each place where that could hurt. Afterwards the export is that of
# the last complete run byte for byte, and the next discovery brings the store to where one that was never killed is.
source "$(dirname "$0")/lib.sh"
estate host
root=$work/root

before() { rm -rf "$root" && cp -a "$HOST_ROOT" "$root"; }
# One account more, one less, one that changes, and a finding with each.
after() {
  sed -i '/^svc-nopass:/d; s/^alice:\(.*\)\/bin\/bash/alice:\1\/bin\/sh/' "$root/etc/passwd"
  echo 'svc-new:x:0:0:a third root:/root:/bin/bash' >>"$root/etc/passwd"
}
discover() { look discover host --name web01 --root "$root" --page-size 20 -q; }
# What a history of crashes may change: numbers of runs and of what a killed run had begun.
normal_of() { normal "$1" | sed 's/"risk_parts".*//'; }

verified() { look audit verify --output json && exits 0 && holds "$work/out" .good; }
runs_once() {
  "$reeve" --store "$store" audit list --count 1000 --output json >"$work/log"
  export_to "$work/complete-runs"
  jq -e --slurpfile export "$work/complete-runs" '[.[].entry | select(.kind == "run") | .object] as $noted
    | ($noted | length) == ($noted | unique | length) and (($export[0].runs | map(.id)) - $noted) == []' "$work/log" >/dev/null ||
    { jq -c '.[].entry | select(.kind == "run") | .object' "$work/log"; jq -c '.runs[].id' "$work/complete-runs"; return 1; }
}

for kind in sqlite postgres; do
  before
  use_store $kind reference
  discover
  after
  discover
  export_to "$work/reference.json"
  normal_of "$work/reference.json" >"$work/reference"
  number=0
  for place in begin page:1 page:2 merge promote audit; do
    number=$((number + 1))
    before
    use_store $kind "crash$number"
    discover
    check "$kind, $place: the first discovery is done" exits 0
    export_to "$work/complete.json"
    check "$kind, $place: it found the account that will go" has "$work/complete.json" account:svc-nopass
    after
    export REEVE_CRASH_AT=$place
    discover
    unset REEVE_CRASH_AT
    check "$kind, $place: the program dies by SIGKILL" exits 137
    export_to "$work/crashed.json"
    if [[ $place == promote || $place == audit ]]; then # from here on the new run is the last complete one
      normal_of "$work/crashed.json" >"$work/crashed"
      check "$kind, $place: the export is the new run, with its findings" same "$work/reference" "$work/crashed"
    else
      check "$kind, $place: the export is the last complete run" same_export "$work/complete.json" "$work/crashed.json"
    fi
    check "$kind, $place: the audit log is proven" verified
    discover
    check "$kind, $place: the next discovery is done" exits 0
    check "$kind, $place: each complete run is on record once" runs_once
    export_to "$work/next.json"
    normal_of "$work/next.json" >"$work/next"
    check "$kind, $place: and ends where one without a crash ends" same "$work/reference" "$work/next"
    # A first discovery that is killed leaves nothing that could be taken for an estate.
    use_store $kind "first$number"
    export REEVE_CRASH_AT=$place
    discover
    unset REEVE_CRASH_AT
    check "$kind, $place: a first discovery dies as well" exits 137
    [[ $place == promote || $place == audit ]] && continue
    export_to "$work/empty.json"
    check "$kind, $place: and shows nothing of it" holds "$work/empty.json" 'del(.sources) | [.[] | arrays | length] | add == 0'
  done
done
done_testing
