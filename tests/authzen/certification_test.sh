#!/usr/bin/env bash
# The certification scenario of AuthZEN Authorization API 1.0, over HTTP: levels Basic, Batch, Search and Discovery, each
# Core and Properties. Numbers are those of the scenario's sections.
source "$(dirname "$0")/lib.sh"
cat >"$work/reeve.yaml" <<Y
public_url: https://pdp.example.com
policy_domains:
  - {name: default, policies: $here/certification, entities: $here/certification.json}
Y
serve_domains "$work/reeve.yaml"

alice='"subject":{"type":"user","id":"alice"}' bob='"subject":{"type":"user","id":"bob"}'
admin='"subject":{"type":"user","id":"bob","properties":{"role":"admin"}}'
record='"resource":{"type":"record","id":"record-1"}'
archived='"resource":{"type":"record","id":"record-2","properties":{"status":"archived"}}'
read='"action":{"name":"read"}' write='"action":{"name":"write"}'
delete() { echo '"action":{"name":"delete","properties":{"soft":'"$1"'}}'; }
context='"context":{"time":"2025-06-27T18:03-07:00","ip":"192.168.1.1"}'

# --- 2: evaluation ---
decides() { # decides SENTENCE true|false MEMBERS
  ask /access/v1/evaluation "{$3}"
  check "$1" 200 ".decision == $2"
}
decides "rule 1" true "$alice,$read,$record"
decides "rule 2" true "$alice,$write,$record"
decides "rule 3" true "$bob,$read,$record"
decides "rule 4" false "$bob,$write,$record"
decides "rule 5" false "$alice,$write,$archived"
decides "rule 6" true "$admin,$write,$archived"
decides "rule 7" true "$alice,$(delete true),$record"
decides "rule 8" false "$alice,$(delete false),$record"
for rule in "$alice,$read,$record true" "$bob,$write,$record false"; do
  decides "2.2.3: a context changes nothing" "${rule##* }" "${rule% *},$context"
done
decides "2.2.8: more properties" true '"subject":{"type":"user","id":"alice","properties":{"department":"Sales","role":"manager"}},
  "action":{"name":"read","properties":{"method":"GET"}},
  "resource":{"type":"record","id":"record-1","properties":{"status":"active","owner":"bob"}}'
decides "2.2.9: unknown fields" true "$alice,$read,$record,\"foo\":\"bar\",\"futureField\":{\"nested\":true}"
check "2.3: the context of an answer is an object" 200 '.context == null or (.context | type) == "object"'
for n in 1 2 3 4 5; do decides "2.6: the same again, $n" true "$alice,$read,$record"; done
for body in "{$read,$record}" "{$alice,$record}" "{$alice,$read}" "{\"subject\":{\"id\":\"alice\"},$read,$record}" \
  "{\"subject\":{\"type\":\"user\"},$read,$record}" "{$alice,\"action\":{},$record}" \
  "{$alice,$read,\"resource\":{\"id\":\"record-1\"}}" "{$alice,$read,\"resource\":{\"type\":\"record\"}}" \
  "{\"subject\":\"alice\",$read,$record}" "{$alice,\"action\":{\"name\":123},$record}" '{"subject":' '[]'; do
  ask /access/v1/evaluation "$body"
  check "2.4: refused: $body" 400
done
ask /access/v1/evaluation "" -X POST -H 'Content-Type: application/json' -H 'Content-Length: 0'
check "2.4.5: an empty body" 400
ask /access/v1/evaluation "{$alice,$read,$record}" -H 'Content-Type: text/plain'
check "2.4.3: another content type" 400
ask /access/v1/evaluation "{$alice,$read,$record}" -H 'X-Request-ID: bfe9eb29-ab87-4ca3-be83-a1d5d8305716'
check "2.5.1: with a request id" 200 .decision
answer=$(jq -R . <"$work/head" | jq -s .)
check "2.5.1: which comes back" 200 'any(test("^x-request-id: bfe9eb29-ab87-4ca3-be83-a1d5d8305716"; "i"))'
check "5.2: and the content type is JSON" 200 'any(test("^content-type: application/json"; "i"))'

# --- 3: evaluations ---
told() { # told SENTENCE '[true,false]' MEMBERS
  ask /access/v1/evaluations "{$3}"
  check "$1" 200 "[.evaluations[].decision] == $2 and (has(\"decision\") | not)"
}
second='"resource":{"type":"record","id":"record-2"}'
told "3.2.1" '[true,true]' "$alice,$read,\"evaluations\":[{$record},{$second}]"
told "3.2.2" '[true,false]' "$bob,$record,\"evaluations\":[{$read},{$write}]"
told "3.2.3" '[true,false]' "$alice,$write,\"evaluations\":[{$record},{$archived}]"
told "3.2.4" '[false,true]' "$write,$archived,\"evaluations\":[{$alice},{$admin}]"
told "3.2.5" '[true,false]' "\"evaluations\":[{$alice,$read,$record},{$bob,$write,$record}]"
told "3.2.6" '[true,true]' "$alice,$read,$context,\"evaluations\":[{$record},{$second,\"context\":{\"source\":\"batch\"}}]"
told "3.2.7" '[true,false]' "$alice,$write,$record,\"evaluations\":[{},{$archived}]"
all='"options":{"evaluations_semantic":"execute_all"}'
told "3.4.1: one entry is no request" '[true,false]' "$alice,$read,$all,\"evaluations\":[{$record},{}]"
for list in '' ',"evaluations":[]'; do
  ask /access/v1/evaluations "{$alice,$read,$record$list}"
  check "3.4.2, 3.4.3: no list is one evaluation" 200 '.decision == true'
done
stops() { told "$1" "$2" "$bob,$record,\"options\":{\"evaluations_semantic\":\"$1\"},\"evaluations\":[$3]"; }
stops deny_on_first_deny '[true,false]' "{$read},{$write},{$read}"
stops permit_on_first_permit '[false,true]' "{$write},{$read},{$write}"

# --- 4: searches ---
finds() { # finds SENTENCE subject|resource|action JQ MEMBERS
  ask "/access/v1/search/$2" "{$4}"
  check "$1" 200 "$3"
}
who='"subject":{"type":"user"}' what='"resource":{"type":"record"}'
finds "S1" subject '[.results[].id] | contains(["alice","bob"])' "$who,$read,$record"
finds "S2" resource '[.results[].id] | contains(["record-1"])' "$alice,$read,$what"
finds "S3" action '[.results[].name] | contains(["read","write"])' "$alice,$record"
finds "S4" subject '[.results[].id] | contains(["bob"])' "$who,$write,$archived"
finds "S5" resource '[.results[].id] | contains(["record-2"])' "$admin,$write,$what"
finds "S6" action '[.results[].name] | contains(["write"])' "$admin,$archived"
finds "4.2: the searched id is ignored" subject '[.results[].id] == ["alice","bob"]' "$alice,$read,$record"
finds "4.2: and results have the searched type" subject 'all(.results[]; .type == "user")' "$who,$read,$record"
finds "4.6.1" action '.results == []' "\"subject\":{\"type\":\"user\",\"id\":\"nonexistent-user\"},$record"
finds "4.6.1, resources" resource '.results == []' "\"subject\":{\"type\":\"user\",\"id\":\"nonexistent-user\"},$read,$what"
finds "4.6.1, subjects" subject '.results == []' "$who,$read,\"resource\":{\"type\":\"record\",\"id\":\"record-9\"}"
finds "4.6.2" subject '.results == []' "\"subject\":{\"type\":\"spaceship\"},$read,$record"
finds "4.6.2, no Cedar name" resource '.results == []' "$alice,$read,\"resource\":{\"type\":\"a b\"}"
finds "4.5.1" subject '(.results | length) == 1 and (.page.next_token | length) > 0' "$who,$read,$record,\"page\":{\"limit\":1}"
token=$(jq -r .page.next_token <<<"$answer")
finds "4.5.2" subject '[.results[].id] == ["bob"] and .page.next_token == ""' "$who,$read,$record,\"page\":{\"token\":\"$token\"}"
ask /access/v1/search/subject "{$who,$write,$record,\"page\":{\"token\":\"$token\"}}"
check "4.5.2: the token of another search" 400
for case in "subject {$who,$record}" "resource {$read,$what}" "action {$alice}" "subject {$who,$read,$what}" \
  "resource {$who,$read,$what}" "action {$who,$record}"; do
  ask "/access/v1/search/${case%% *}" "${case#* }"
  check "4.7: refused: $case" 400
done

# --- 6: metadata ---
ask /.well-known/authzen-configuration ""
check "6.3" 200 '.policy_decision_point == "https://pdp.example.com"
  and .access_evaluation_endpoint == "https://pdp.example.com/access/v1/evaluation"'
check "6.4" 200 '[.[] | select(type == "string")] | all(startswith("https://pdp.example.com"))'
while read -r endpoint; do
  ask "${endpoint#https://pdp.example.com}" "{}"
  check "6: $endpoint is there" 400
done < <(ask /.well-known/authzen-configuration "" && jq -r 'to_entries[] | select(.key | endswith("_endpoint")) | .value' <<<"$answer")

# --- who asks ---
: >"$work/nobody" && cp "$work/token" "$work/kept" && cp "$work/nobody" "$work/token"
ask /access/v1/evaluation "{$alice,$read,$record}"
check "without a token" 401
"$reeve" --store "$store" --output json token create eyes --role reader --until "$(date -u -d "+1 day" +%FT%TZ)" |
  jq -r '"header = \"Authorization: Bearer \(.token)\""' >"$work/token"
ask /access/v1/evaluation "{$alice,$read,$record}"
check "with a token that may not ask" 403
done_testing
