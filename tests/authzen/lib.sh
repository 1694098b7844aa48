# A served reeve with policy domains, for the AuthZEN tests; sourced. REEVE is the binary. `serve_domains FILE.yaml` starts
# it, `ask TARGET BODY [CURL ARGUMENT...]` asks it as an enforcement point, with $status and $answer as its answer.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
unset REEVE_STORE REEVE_RULES REEVE_PUBLIC_URL
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
reeve=$(realpath "${REEVE:?the binary to test}")
source "$here/../poll.sh"
for program in jq curl; do
  command -v $program >/dev/null || { echo "SKIP: no $program here"; exit 77; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/reeve-authzen.XXXXXX")
export HOME=$work XDG_STATE_HOME=$work/state
store=sqlite://$work/served.db
checks=0 failed=0 server=
finish() {
  local rc=$?
  [[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
  exit $rc
}
trap finish EXIT
trap 'exit 130' INT TERM

serving() { # $url once it says where, or false; done as well when it is gone
  url=$(sed -n 's|^serving on \(http://[0-9.:]*\) and .*|\1|p' "$work/serve.log")
  [[ -n $url ]] || ! kill -0 "$server"
}
serve_domains() { # serve_domains CONFIG
  "$reeve" --store "$store" --config "$1" serve --listen 127.0.0.1:0 --quiet >"$work/serve.log" 2>&1 &
  server=$!
  poll 30 serving || true
  [[ -n $url ]] || { echo "reeve does not serve:"; cat "$work/serve.log"; exit 1; }
  (umask 077 && "$reeve" --store "$store" --output json token create gateway --role enforcer --until "$(date -u -d "+1 day" +%FT%TZ)" |
    jq -r '"header = \"Authorization: Bearer \(.token)\""' >"$work/token")
}
ask() { # ask TARGET BODY [CURL ARGUMENT...]; a body "" is a GET
  local target=$1 body=$2
  shift 2
  [[ -z $body ]] || set -- -H 'Content-Type: application/json' --data-binary "$body" "$@"
  status=$(curl -sS -K "$work/token" -D "$work/head" -o "$work/body" -w '%{http_code}' "$@" "$url$target")
  answer=$(<"$work/body")
}
check() { # check SENTENCE STATUS [JQ FILTER]: of the last answer
  checks=$((checks + 1))
  if [[ $status == "$2" ]] && { [[ $# -lt 3 ]] || jq -e "$3" <<<"$answer" >/dev/null; }; then return; fi
  failed=$((failed + 1))
  echo "FAIL  $1"
  echo "      wanted $2 ${3:-}"
  echo "      got $status $answer"
}
done_testing() {
  echo "$checks checks, $failed failed"
  [[ $failed -eq 0 && $checks -gt 0 ]]
}
