#!/bin/bash
# The verbs of `reeve policy` as a person calls them: run.sh REEVE. Each case: what it must print, a line of it at
# least, and the exit code.
set -uo pipefail
reeve=$(realpath "$1")
cd "$(dirname "$0")"
failed=0

check() { # check EXIT 'LINE THAT MUST BE PRINTED' ARGUMENT...
  local want=$1 line=$2 out rc=0
  shift 2
  out=$("$reeve" policy "$@" 2>&1) || rc=$?
  if [[ $rc -ne $want ]] || { [[ -n $line ]] && ! grep -qxF -- "$line" <<<"$out"; }; then
    echo "FAILED: reeve policy $*"
    echo "  wanted exit $want and: $line"
    echo "  exit $rc: $out"
    failed=1
  fi
}
ask=(--entities entities.json --action 'Action::"call"' --resource 'Tool::"db"' --context context.json)

# explain: three outcomes, each with its exit code and what to do about it
check 0 'allow: permitted by office-hours' explain agents.cedar "${ask[@]}" --principal 'Agent::"cyd"'
check 0 'stands: may be another from 2026-12-01T00:00:00.000Z on' explain agents.cedar "${ask[@]}" --principal 'Agent::"cyd"'
check 1 'deny: forbidden by no-quarantined: `principal.quarantined`, as principal.quarantined is true' \
  explain agents.cedar "${ask[@]}" --principal 'Agent::"bob"'
check 1 '    agents.cedar:8:8: when: context.attest.level >= 2' explain agents.cedar "${ask[@]}" --principal 'Agent::"ann"'
check 1 '      context.attest.level = 1' explain agents.cedar "${ask[@]}" --principal 'Agent::"ann"'
check 1 '  "outcome": "not_permitted",' explain agents.cedar "${ask[@]}" --principal 'Agent::"ann"' --output json
check 2 'reeve: give --request, or --principal, --action and --resource [invalid]' explain agents.cedar
check 2 'broken.cedar:3:1: syntax: the scope is `principal, action, resource` in this order: expected `principal`, found `)`' \
  explain broken.cedar "${ask[@]}" --principal 'Agent::"ann"'

# check and validate: where and what
check 0 '' check agents.cedar
check 2 'broken.cedar:3:1: syntax: the scope is `principal, action, resource` in this order: expected `principal`, found `)`' check broken.cedar
check 2 '<testsuite name="reeve policy" tests="2" failures="1">' check agents.cedar broken.cedar --output junit

# test: good, a case that fails, a file that cannot be read
check 0 '5 cases, 0 failed' test agents.test.yaml
check 0 '<testsuite name="reeve policy" tests="5" failures="0">' test agents.test.yaml --output junit
check 1 'failing.test.yaml:7:3: decision: not of ops: expected allow, got deny: not permitted: call-tools needs `context.attest.level >= 2`, but context.attest.level is 1' \
  test agents.test.yaml failing.test.yaml
check 1 '6 cases, 1 failed' test agents.test.yaml failing.test.yaml
check 2 'broken.test.yaml:2:1: cases: line 2: unknown member `case`; did you mean `cases`?' test broken.test.yaml

# replay and diff: flips by principal and action; lines of other entities are left out
check 1 'Agent::"ann"  Action::"call"  allow -> deny  1' replay log.ndjson --policies agents.cedar --entities entities.json
check 1 '  first at line 2: Tool::"db"' replay log.ndjson --policies agents.cedar --entities entities.json
check 1 '3 decisions, 1 from allow to deny, 0 from deny to allow' replay log.ndjson --policies agents.cedar --entities entities.json
check 1 '1 left out: made on other entities' replay log.ndjson --policies agents.cedar --entities entities.json
check 1 '  "allow_to_deny": 2,' replay log.ndjson --policies stricter.cedar --entities entities.json --output json
check 2 'entities.json:1:1: log: line 1, column 2: incomplete JSON' replay entities.json --policies agents.cedar
check 0 '0 policies differ' diff --before agents.cedar --after agents.cedar --requests log.ndjson
check 1 'removed no-quarantined' diff --before agents.cedar --after stricter.cedar
check 1 '3 decisions, 1 from allow to deny, 0 from deny to allow' diff --before agents.cedar --after stricter.cedar \
  --requests log.ndjson --entities entities.json

# search: the third by the other two
check 0 'Agent::"ann"' search agents.cedar --entities entities.json --context strong.json --action 'Action::"call"' --resource 'Tool::"db"'
check 0 'Tool::"db"' search agents.cedar --entities entities.json --context strong.json --principal 'Agent::"ann"' --action 'Action::"call"'
check 0 'Action::"call"' search agents.cedar --entities entities.json --context strong.json --principal 'Agent::"ann"' --resource 'Tool::"db"'
check 1 'nothing' search agents.cedar --entities entities.json --context strong.json --principal 'Agent::"bob"' --resource 'Tool::"db"'
check 2 'reeve: give two of --principal, --action and --resource [invalid]' search agents.cedar --principal 'Agent::"bob"'

[[ $failed -eq 0 ]] && echo "all as wanted"
exit "$failed"
