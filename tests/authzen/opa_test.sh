#!/usr/bin/env bash
# A real Open Policy Agent beside Cedar: as the engine of a domain, joined with it, and in its shadow, where agreements
# and differences are counted and the first ten that differ are kept. Its policies make two slips that Cedar does not.
source "$(dirname "$0")/lib.sh"
targets=$here/../targets
"$targets/opa.sh" start "$work/opa" || exit $?
end_opa() { "$targets/opa.sh" stop "$work/opa" || true; }
trap 'end_opa; finish' EXIT
eval "$("$targets/opa.sh" env "$work/opa")"
cedar="policies: $here/certification, entities: $here/certification.json"
opa() { echo "{engine: opa-rest, url: \"$OPA_URL/v1/data/records/$1\", token_file: \"$OPA_TOKEN_FILE\"}"; }
cat >"$work/reeve.yaml" <<Y
policy_domains:
  - {name: cedar, $cedar}
  - {name: tried, $cedar, combine: shadow, with: $(opa allow)}
  - {name: both, $cedar, combine: deny-overrides, with: $(opa allow)}
  - $(opa allow | sed 's/^{/{name: opa, /')
  - $(opa verdict | sed 's/^{/{name: reasons, /')
  - $(opa odd | sed 's/^{/{name: odd, /')
  - $(opa reading | sed 's/^{/{name: reading, /')
  - $(opa none | sed 's/^{/{name: undefined, /')
  - {name: stranger, engine: opa-rest, url: "$OPA_URL/v1/data/records/allow"}
Y
serve_domains "$work/reeve.yaml"

question() { # question WHO ACTION WHAT [ACTION PROPERTIES]
  local who='{"type":"user","id":"alice"}' what='{"type":"record","id":"record-1","properties":{"status":"active"}}'
  [[ $1 == alice ]] || who='{"type":"user","id":"bob","properties":{"role":"admin"}}'
  [[ $3 == active ]] || what='{"type":"record","id":"record-2","properties":{"status":"archived"}}'
  echo "{\"subject\":$who,\"action\":{\"name\":\"$2\",\"properties\":${4:-{\}}},\"resource\":$what}"
}
hard='{"soft":false}' soft='{"soft":true}'
decides() { # decides DOMAIN true|false QUESTION...
  local domain=$1 want=$2
  shift 2
  ask "/domains/$domain/access/v1/evaluation" "$(question "$@")"
  check "$domain: $*" 200 ".decision == $want"
}

# --- as the engine ---
decides opa true alice read active
decides opa true bob write active
decides opa false alice write archived
decides reasons true alice read active
check "reasons and obligations come along" 200 '.context.reasons == ["records"] and .context.obligations[0].type == "step-up"'
decides odd false alice read active
check "a text is no decision" 200 '.context.cause == "failed" and (.context.reason | contains("no boolean"))'
decides reading true alice read active
decides reading false alice write active
check "an undefined rule is a denial" 200 '.context.reason | contains("undefined")'
decides undefined false alice read active
decides stranger false alice read active
check "one whom OPA does not let in denies" 200 '.context.cause == "failed"'
ask /domains/opa/access/v1/search/action '{"subject":{"type":"user","id":"alice"},"resource":{"type":"record","id":"record-1"}}'
check "nobody can list what OPA knows" 501

# --- joined: what either denies is denied ---
decides cedar false bob write active
decides both false bob write active
decides both false alice delete active "$hard"
decides both true alice delete active "$soft"
decides both true alice write active

# --- in the shadow: 16 agree; 12 differ by the first slip, 4 by the second ---
for n in 1 2 3 4; do
  decides tried true alice read active
  decides tried true alice write active
  decides tried false alice write archived
  decides tried true alice delete active "$soft"
  decides tried false alice delete active "$hard"
  for _ in 1 2 3; do decides tried false bob write active; done
done
compared() { # all that was asked of it
  answer=$("$reeve" --store "$store" policy domain tried --output json) status=0
  jq -e '.compared | .agreements + .differences + .skipped == 32' <<<"$answer"
}
poll 10 compared || true
check "agreements, differences and the first ten" 0 '.compared | .agreements == 16 and .differences == 16 and .failures == 0
  and (.first | length) == 10 and all(.first[]; .enforced.decision == false and .candidate.decision == true)'
"$reeve" --store "$store" policy domain tried

# --- it goes away: what it decided is denied, what it shadowed goes on ---
"$targets/opa.sh" stop "$work/opa"
decides opa false alice read active
check "nobody could be asked" 200 '.context.reason | contains("unavailable")'
decides both false alice read active
decides tried true alice read active

# --- by hand ---
said() { # said EXIT 'ARGUMENTS' 'LINE'
  local rc=0
  answer=$("$reeve" --store "$store" policy ask $2 2>&1) || rc=$?
  status=$rc
  check "policy ask $2" "$1"
  answer=$(jq -Rs . <<<"$answer")
  check "policy ask $2 says $3" "$1" "contains(\"$3\")"
}
said 0 '--domain cedar user:alice read record:record-1' 'permitted by read'
said 1 '--domain cedar user:bob write record:record-1' 'no policy permits it'
said 1 '--domain opa user:alice read record:record-1' 'nobody could be asked'
said 2 '--domain cedar alice read record:record-1' 'TYPE:ID'
done_testing
