#!/usr/bin/env bash
# `reeve serve`: who may do what over TCP, the command line over its socket, and how it ends. Then what belongs to the
# command line alone: exit codes, the shapes of its output, completion.
source "$(dirname "$0")/lib.sh"
command -v curl >/dev/null || skip "no curl here"
estate host
use_store sqlite served

# --- exit codes and shapes, with nobody serving ---
look discover people --file "$PEOPLE_CSV"
check "people are read" exits 0
look discover host --name web01 --root "$HOST_ROOT" --fail-on critical
check "--fail-on critical with a critical finding ends with 1" exits 1
look discover host --name web01 --root "$HOST_ROOT"
check "without it, with 0" exits 0
look discover host --name web01 --root "$HOST_ROOT" --strict
check "--strict with something unseen ends with 3" exits 3
look discover nosuchkind
check "an unknown source ends with 2" exits 2
check "and says what to do" has "$work/err" "reeve source list"
look discover hots --root /
check "a kind that is mistyped ends with 2" exits 2
look identity list nosuchfield=1
check "an unknown filter ends with 2" exits 2
look identity show nhi_999999
check "an unknown id ends with 2" exits 2
check "and is named" has "$work/err" nhi_999999
look --nonsense
check "an unknown option ends with 2" exits 2
rc=0; "$reeve" --store mysql://x identity list >"$work/out" 2>"$work/err" || rc=$?
check "a store of another kind ends with 2" exits 2
check "and the choices are named" has "$work/err" postgres://
rc=0; "$reeve" --store "$store" identity list >/dev/full 2>"$work/err" || rc=$?
check "an output that is full is an error" test $rc -ne 0
look identity list --all --output json
check "a list as JSON is an array of objects" holds "$work/out" 'type == "array" and length > 20 and all(.[]; .id and .source and .native_id)'
json_rows=$(jq length "$work/out")
look identity list --all --output csv
check "a list as CSV has a line of names first" grep -q '^id,source,native_id,name,kind' "$work/out"
check "and as many lines as JSON has rows" test "$(wc -l <"$work/out")" -eq $((json_rows + 1))
look identity list --limit 5 --output json
check "a page has as many as were asked for" holds "$work/out" 'length == 5'
look finding show fnd_1 --output json
check "one object as JSON" holds "$work/out" '.id == "fnd_1" and .rule and .severity'
look sql 'select count(*) as n from v_identity' --output json
check "sql as JSON" holds "$work/out" "(.[0].n | tonumber) == $json_rows"
look sql 'delete from identities'
check "sql that writes is refused" test $rc -ne 0
look up --once --output json --quiet
check "up --once is done" exits 0
check "it gives map, findings, coverage and next" holds "$work/out" 'keys == ["coverage", "findings", "map", "next"]'
look up --once
check "as a screen, too" grep -q 'system-driven automation' "$work/out"
for shell in bash zsh fish; do
  look completion $shell
  check "completion for $shell" exits 0
  cp "$work/out" "$work/completion.$shell"
done
check "bash takes its completion" bash -n "$work/completion.bash"
completes() { bash -c "source $work/completion.bash; complete -p reeve"; }
check "and binds it to reeve" completes
if command -v zsh >/dev/null; then check "zsh takes its completion" zsh -n "$work/completion.zsh"; else echo "SKIP: no zsh here"; fi
if command -v fish >/dev/null; then check "fish takes its completion" fish -n "$work/completion.fish"; else echo "SKIP: no fish here"; fi
look completion tcsh
check "another shell ends with 2" exits 2

# --- serve ---
"$reeve" --store "$store" serve --listen 127.0.0.1:0 >"$work/serve.out" 2>"$work/serve.err" &
server=$!
children+=($server)
address() { sed -n 's#^serving on http://\([^ ]*\) and .*#\1#p' "$work/serve.err"; }
serves() { [[ -n $(address) ]] && curl -fs "http://$(address)/healthz"; }
check "it serves" poll 20 serves
url=http://$(address)
socket=$(sed -n 's#^serving on .* and \(/.*\)#\1#p' "$work/serve.err")
operator=$(grep -o 'reeve_[A-Za-z0-9_-]*' "$work/serve.err" | head -1)
check "its socket is for its user alone" test "$(stat -c %a "$socket")" = 600

call() { # call TOKEN METHOD PATH [BODY]: $status, $type, $work/body; the token goes by file, not as an argument
  local token=$1 method=$2 path=$3 body=${4:-} said
  : >"$work/curl.conf"
  [[ -z $token ]] || (umask 077 && echo "header = \"Authorization: Bearer $token\"" >"$work/curl.conf")
  said=$(curl -sS -K "$work/curl.conf" -X "$method" ${body:+--data-binary "$body"} -o "$work/body" \
    -w '%{http_code} %{content_type}' "$url$path")
  status=${said%% *} type=${said#* }
}
answers() { [[ $status == "$1" ]] || { echo "status $status, not $1"; cat "$work/body"; return 1; }; }
is_problem() { # is_problem CODE
  [[ $type == application/problem+json* ]] || { echo "type $type"; return 1; }
  holds "$work/body" '.status and .title and .detail and .code == $code' --arg code "$1"
}
call "" GET /v1/identities
check "without a token: 401" answers 401
check "as a problem" is_problem unauthenticated
call reeve_wrong GET /v1/identities
check "with a wrong token: 401" answers 401
call "$operator" GET '/v1/identities?limit=2'
check "the first operator reads" answers 200
check "a page of it" holds "$work/body" '(.items | length) == 2 and .next'
call "$operator" POST /v1/tokens "$(jq -nc --arg until "$(date -u -d '+1 hour' +%FT%TZ)" '{name: "dashboard", role: "reader", until: $until}')"
check "and makes a reader's token" answers 201
reader=$(jq -r '.token // .secret' "$work/body")
call "$reader" GET /v1/findings
check "the reader reads" answers 200
call "$reader" POST /v1/source-configs '{"name": "x", "kind": "host", "options": {}}'
check "the reader adds no source: 403" answers 403
check "as a problem that says why" is_problem denied
call "$reader" POST /v1/discoveries '{}'
check "the reader starts no discovery: 403" answers 403
call "$reader" GET /v1/tokens
check "the reader sees no tokens: 403" answers 403
call "$operator" GET /v1/nothing
check "no such path: 404" answers 404
check "as a problem" is_problem not_found
call "$operator" POST /v1/source-configs '{"name": "x", "name": "y"}'
check "a body with a repeated key: 400" answers 400
check "as a problem" is_problem invalid
call "$operator" GET '/v1/identities?limit=abc'
check "a limit that is none: 400" answers 400
call "$operator" POST /v1/tokens "$(jq -nc --arg until "$(date -u -d '+1 hour' +%FT%TZ)" '{name: "x", role: "root", until: $until}')"
check "a role there is not: 400" answers 400

# --- the command line beside it goes over the socket ---
look identity list --limit 3 --output json
check "the command line speaks to the server" exits 0
check "and gets the same" holds "$work/out" 'length == 3'
asked() { grep -q 'GET /v1/identities 200 unix\|GET /v1/identities 200' "$work/serve.err"; }
check "the server saw it" asked
look discover host --name web01 --root "$HOST_ROOT" --output json
check "a discovery through the server" exits 0
check "gives its result" holds "$work/out" '.sources[0].complete'
look serve
check "a second server on this store is refused with 2" exits 2
check "with the socket of the first" has "$work/err" "$socket"
install -m 755 "$reeve" "$work/reeve"
other() { setpriv --reuid=nobody --regid=nogroup --clear-groups curl -s --unix-socket "$socket" http://reeve/v1/identities; }
check "another user does not get through the socket" bash -c "! setpriv --reuid=nobody --regid=nogroup --clear-groups curl -s --unix-socket '$socket' http://reeve/v1/identities"
look token list --output json
token=$(jq -r '.[] | select(.name == "dashboard") | .id' "$work/out")
look token revoke "$token"
check "a token is revoked" exits 0
call "$reader" GET /v1/findings
check "from then on: 401" answers 401
call "" GET /metrics
check "metrics are there" grep -q '^# TYPE' "$work/body"

# --- its end ---
kill -TERM $server
gone() { ! kill -0 $server; }
check "SIGTERM ends it" poll 20 gone
rc=0; wait $server || rc=$?
check "with 0" exits 0
check "its socket is gone" test ! -e "$socket"
check "no token is in what it said of calls" bash -c "! grep -vi 'first start' '$work/serve.err' | grep -F '$reader'"
look identity list --limit 1 --output json
check "and the store is free again" exits 0
done_testing
