#!/usr/bin/env bash
# A finding becomes a plan, the plan a changed world, and undo the world as it was: proved by `ssh` against a real sshd,
# by `psql` against real servers and by the files themselves, never by what the program says of itself. Then the same
# again, killed (SIGKILL, by REEVE_CRASH_AT) at every step of the plan and of its undo: the next start ends what was
# begun, and world, journal and audit log agree.
#
# Each fix is a name; before_NAME and after_NAME are the proofs of the two worlds, wish_NAME what is asked for.
source "$(dirname "$0")/lib.sh"
for program in ssh ssh-keygen; do command -v $program >/dev/null || skip "no $program here"; done
estate host postgres pg18
keys=$HOST_ROOT/home/svc-deploy/.ssh/authorized_keys

# --- a private key that everybody can read, and the key of one who left; both open the account ---
private=$HOST_ROOT/root/.ssh/id_vault
ssh-keygen -q -t ed25519 -N '' -C backup@vault -f "$private"
cat "$private.pub" >>"$keys"
chmod 644 "$private"
leaver=$HOST_KEYS/leaver
sshd=$work/estate/sshd
rc=0
"$targets/sshd.sh" start "$sshd" "$keys" || rc=$?
[[ $rc -ne 77 ]] || skip "sshd cannot run here"
set -a && source "$sshd/env" && set +a
# ssh itself refuses a private key that others can read, so the mode of a file is proved by a login, too.
login() { "$targets/sshd.sh" try "$sshd" "$1"; }
no_login() { ! login "$1"; }
[[ $(id -u) -eq $(stat -c %u "$private") ]] || skip "the key file is not ours"

# --- roles and sessions ---
# psql_as SERVER ROLE [ARGUMENT...]: as that role, by its password.
psql_as() {
  local server=$1 role=$2 port=$PGPORT
  shift 2
  [[ $server == postgres ]] || port=$PG18_PORT
  PGPASSWORD=$(sed -n "s/^$role\t//p" "$work/estate/$server/logins") PGAPPNAME=at-work PGCONNECT_TIMEOUT=10 \
    psql -XqAt -h 127.0.0.1 -p "$port" -U "$role" -d postgres "$@"
}
role_logs_in() { [[ $(psql_as "$1" "$2" -c 'select 1') == 1 ]]; }
role_is_out() { ! role_logs_in "$1" "$2"; }
admin() { # admin SERVER SQL
  local url=$PGURL
  [[ $1 == postgres ]] || url=$PG18_URL
  psql -XqAt "$url" -c "$2"
}
sessions() { admin "$1" "select count(*) from pg_stat_activity where usename = '$2'"; }
no_session() { [[ $(sessions "$1" "$2") == 0 ]]; }
some_session() { [[ $(sessions "$1" "$2") != 0 ]]; }
expiry_of() { admin "$1" "select coalesce(rolvaliduntil::text, 'none') from pg_roles where rolname = '$2'"; }
# A program at work as a role: it holds a session until somebody ends it.
work_as() { # work_as SERVER ROLE
  psql_as "$1" "$2" -c 'select pg_sleep(600)' >/dev/null 2>&1 &
  children+=($!)
  poll 20 some_session "$1" "$2"
}

# --- the fixes ---
servers=(postgres)
[[ -z ${PG18_URL:-} ]] && echo "SKIP: no PostgreSQL 18 here" || servers+=(pg18)
fixes=(mode remove confine owner)
for server in "${servers[@]}"; do fixes+=("nologin_$server" "expiry_$server"); done

before_mode() { [[ $(stat -c %a "$private") == 644 ]] && no_login "$private" 2>/dev/null; }
after_mode() { [[ $(stat -c %a "$private") == 600 ]] && login "$private"; }
wish_mode=(H-04 'place=file:/root/.ssh/id_vault:1')

cp -p "$keys" "$work/keys"
as_seeded() { cmp "$keys" "$work/keys" && [[ $(stat -c '%a %u %g' "$keys") == $(stat -c '%a %u %g' "$work/keys") ]]; }
before_remove() { login "$leaver" && as_seeded; }
after_remove() { no_login "$leaver" 2>/dev/null && diff <(grep -v bob@old-laptop "$work/keys") "$keys"; }
wish_remove=(N1-09 opens=svc-deploy)

before_confine() { login "$leaver" && as_seeded; }
after_confine() { no_login "$leaver" 2>/dev/null && grep -q '^from="192.0.2.0/24" ssh-ed25519 .* bob@old-laptop$' "$keys"; }
wish_confine=(N1-09 opens=svc-deploy --kind authorized_key_from --with networks=192.0.2.0/24)

owner_of() { # of svc-legacy, whom nobody is proposed for
  "$reeve" --store "$store" export | jq -r '(.identities[] | select(.native_id == "account:svc-legacy") | .id) as $id
    | [.owners[] | select(.identity == $id) | .state] | join(",")'
}
before_owner() { [[ -z $(owner_of) ]]; }
after_owner() { [[ $(owner_of) == assigned ]]; }
wish_owner=(N1-02 account:svc-legacy --with person=PERSON)

for server in "${servers[@]}"; do
  source /dev/stdin <<CODE
before_nologin_$server() { role_logs_in $server svc_legacy_etl && work_as $server svc_legacy_etl; }
after_nologin_$server() { role_is_out $server svc_legacy_etl 2>/dev/null && no_session $server svc_legacy_etl; }
undone_nologin_$server() { role_logs_in $server svc_legacy_etl; }
wish_nologin_$server=(N7-10 role=svc_legacy_etl@$server --kind postgres_nologin)
before_expiry_$server() { role_logs_in $server svc_backup && work_as $server svc_backup && [[ \$(expiry_of $server svc_backup) =~ ^(none|infinity)\$ ]]; }
after_expiry_$server() { role_is_out $server svc_backup 2>/dev/null && no_session $server svc_backup; }
undone_expiry_$server() { role_logs_in $server svc_backup && [[ \$(expiry_of $server svc_backup) =~ ^(none|infinity)\$ ]]; }
wish_expiry_$server=(N7-10 role=svc_backup@$server --with until=now)
CODE
done
proves() { # proves before|after|undone FIX
  if [[ $1 == undone ]] && ! declare -F "undone_$2" >/dev/null; then "before_$2"; else "$1_$2"; fi
}

# finding RULE TEXT: the open finding of that rule whose evidence or subject holds the text; "@pg18" or "@postgres" after it: its source.
finding() {
  local text=$2 source=
  [[ $2 != *@postgres && $2 != *@pg18 ]] || text=${2%@*} source=${2##*@}
  jq -r --arg rule "$1" --arg text "$text" --arg source "${source/#postgres/pg15}" '
    ([.credentials[], .identities[], .sightings[]] | map({key: .id, value: .native_id}) | from_entries) as $names
    | [.findings[] | select(.rule == $rule and .state == "open" and ($source == "" or .source == $source))
       | select((.evidence | index($text)) or $names[.subject] == $text) | .id] | first // ""' "$work/estate.json"
}
# ask FIX ARGUMENT...: `reeve fix` for it.
ask() {
  local -n wish=wish_$1
  local more=("${wish[@]:2}") found
  shift
  found=$(finding "${wish[0]}" "${wish[1]}")
  [[ -n $found ]] || { echo "no finding ${wish[0]} ${wish[1]}" >&2; rc=99; return; }
  look fix "$found" "${more[@]/PERSON/$person}" "$@"
}
planned() { jq -r .id "$work/out"; }
prepare() { # prepare sqlite|postgres NAME: a store with the estate in it
  use_store "$1" "$2"
  export ADMIN15=$PGURL ADMIN18=${PG18_URL:-}
  {
    "$reeve" --store "$store" source add people people --file "$PEOPLE_CSV"
    "$reeve" --store "$store" source add web01 host --root "$HOST_ROOT"
    "$reeve" --store "$store" source add pg15 postgres --url-env PGREADER_URL --admin-url-env ADMIN15
    [[ -z $ADMIN18 ]] || "$reeve" --store "$store" source add pg18 postgres --url-env PG18_READER_URL --admin-url-env ADMIN18
  } >/dev/null
  look discover -q
  check "$1: discovery is done" exits 0
  export_to "$work/estate.json"
  person=$(jq -r '.persons[] | select(.name == "Erin Evans" or (.native_id | test("^erin"))) | .id' "$work/estate.json" | head -1)
}
state_is() { # state_is PLAN STATE: in the journal, and each step as it should be
  look plan show "$1" --output json
  holds "$work/out" '.state == $state and ([.steps[] | .state] - (if $state == "done" then ["verified"] else ["undone", "verified"] end) == [])
    and (if $state == "undone" then [.steps[] | select(.reversible) | .state] - ["undone"] == [] else true end)' --arg state "$2"
}

# --- preview, apply, undo ---
for server in "${servers[@]}"; do work_as "$server" svc_legacy_etl && work_as "$server" svc_backup; done
prepare sqlite fix
# What the preview has to tell, beside steps and what uses it.
tells_mode=('chmod 0600' 'no log keeps who reads a file')
tells_remove=('- ed25519 SHA256:' 'Sessions that are open stay open')
tells_confine=('+ from="192.0.2.0/24" ed25519 SHA256:' 'since')
tells_owner=('answers for it as owner')
for server in "${servers[@]}"; do
  declare "tells_nologin_$server=ALTER ROLE \"svc_legacy_etl\" NOLOGIN;"
  declare "tells_expiry_$server=ALTER ROLE \"svc_backup\" VALID UNTIL"
done
for fix in "${fixes[@]}"; do
  check "$fix: the world is as it was seeded" proves before "$fix"
  ask "$fix"
  check "$fix: a preview" exits 0
  for part in 'What uses it now' 'What would have failed' "To do it: reeve --store $store plan apply pln_"; do
    check "$fix: it says: $part" has "$work/out" "$part"
  done
  declare -n tells=tells_$fix
  for part in "${tells[@]}"; do check "$fix: it says: $part" has "$work/out" "$part"; done
  if [[ $fix == nologin* || $fix == expiry* ]]; then
    check "$fix: it says what cannot be undone" has "$work/out" 'What cannot be undone'
    check "$fix: it names the program that is at work" has "$work/out" 'at-work'
  fi
  cp "$work/out" "$work/preview-$fix"
  check "$fix: a preview changes nothing" proves undone "$fix"
  ask "$fix" --apply --output json
  check "$fix: it is done" exits 0
  plan=$(planned)
  check "$fix: the plan is done, and each step verified" state_is "$plan" done
  check "$fix: and so is the world" proves after "$fix"
  look undo "$plan"
  check "$fix: undo is done" exits 0
  check "$fix: the journal says so" state_is "$plan" undone
  check "$fix: and the world is as before" proves undone "$fix"
  look undo "$plan"
  check "$fix: a second undo is refused" exits 2
done


# --- a source that was only named on the spot ---
use_store sqlite spot
cd "$HOST_ROOT/.."
look discover host --root root
check "on the spot: discovery is done" exits 0
cd /
export_to "$work/estate.json"
ask mode --apply --output json
check "on the spot: what was found there can be mended, from anywhere" exits 0
check "on the spot: and the world agrees" proves after mode
check "on the spot: the command to look again is whole" holds "$work/out" '.look == "reeve discover host --root \($root)"' --arg root "$HOST_ROOT"
look undo "$(planned)"
check "on the spot: and it is taken back" proves undone mode
look discover host
check "on the spot: another system under its name is refused, else all of it would vanish" exits 2
check "on the spot: and told how" has "$work/err" "--name NAME"
export_to "$work/after.json"
check "on the spot: nothing of it vanished" test "$(jq '.identities | length' "$work/estate.json")" = "$(jq '.identities | length' "$work/after.json")"
# What no plan is for has steps to do by hand, with the plans that would do as well.
look fix "$(finding N9-04 label=ci@build)"
check "no plan: it says what to do by hand" has "$work/out" 'By hand:'
check "no plan: and which plans would do" has "$work/out" '--kind authorized_key'

# --- killed at every step ---
points() { # points plan|undo STEPS: where it can be killed, in order; of an undo the reversible ones count, which come first
  local n
  echo "$1:begin"
  if [[ $1 == plan ]]; then
    for ((n = 1; n <= $2; n++)); do printf "plan:step:$n:%s\n" intent before after done noted; done
  else
    printf 'undo:step:1:%s\n' intent before after noted
  fi
  printf "$1:%s\n" commit noted
}
dies_at() { # dies_at POINT ARGUMENT...: the program ends by SIGKILL there
  export REEVE_CRASH_AT=$1
  shift
  look "$@"
  unset REEVE_CRASH_AT
  exits 137
}
# What the world is at the moment of death, where one step is all there is.
world_at() {
  case $1 in
    plan:begin | *:intent | *:before) echo before ;;
    *) echo after ;;
  esac
}
kills=0
matrix() { # matrix NAME FIX
  local name=$1 fix=$2 steps plan i point
  ask "$fix" --output json
  steps=$(jq '.steps | length' "$work/out")
  local forward back
  mapfile -t forward < <(points plan "$steps")
  mapfile -t back < <(points undo "$steps")
  for i in "${!forward[@]}"; do
    point=${forward[i]}
    check "$name, $fix: the world is as it was seeded" proves before "$fix"
    ask "$fix" --output json
    plan=$(planned)
    check "$name, $fix, $point: the program dies by SIGKILL" dies_at "$point" fix "$(jq -r .finding "$work/out")" --apply
    [[ $steps -ne 1 || $fix == owner ]] || check "$name, $fix, $point: it had come that far" proves "$(world_at "$point")" "$fix"
    check "$name, $fix, $point: the next start ends the plan" state_is "$plan" done
    check "$name, $fix, $point: and the world agrees" proves after "$fix"
    kills=$((kills + 1))
    point=${back[i]:-}
    if [[ -z $point ]]; then
      look undo "$plan"
    else
      check "$name, $fix, $point: the program dies by SIGKILL" dies_at "$point" undo "$plan"
      kills=$((kills + 1))
    fi
    check "$name, $fix, ${point:-undo}: the next start ends the undo" state_is "$plan" undone
    check "$name, $fix, ${point:-undo}: and the world agrees" proves undone "$fix"
  done
}

# --- what the log says of it all ---
# Every step of every plan was begun before it was settled; every plan is over; what a start went on with names the system
# behind the person who wanted it.
log_to() { # log_to FILE: every entry
  local from=0
  : >"$1"
  while :; do
    look audit list --from $from --count 1000 --output json
    [[ $(jq length "$work/out") -gt 0 ]] || break
    jq -c '.[]' "$work/out" >>"$1"
    from=$((from + 1000))
  done
}
log_agrees() {
  "$reeve" --store "$store" plan list --output json | jq 'map(select(.state != "planned"))' >"$work/plans.json"
  jq -se --slurpfile plans "$work/plans.json" '
    [.[].entry | select(.kind == "plan")] as $all
    | ($plans[0] | length) as $count
    | ($all | group_by(.object)) as $of
    | $count > 0 and ($of | length) == $count
      and ($of | all(
        (last | .details.step == null and .outcome == "ok" and .action == "plan.undo")
        and ([.[] | select(.details.step)] | group_by([.action, .details.step]) | all(first.outcome == "begun" and last.outcome == "ok"))
        and any(.action == "plan.apply" and .details.step == null and .outcome == "ok")))
      and ($all | all(if .details.recovered == "yes"
        then (.actors | length) == 2 and .actors[0].kind == "person" and .actors[1] == {kind: "system", id: "reeve"} and .request == ""
        else (.actors | length) == 1 and .actors[0].kind == "person" and .request != "" end))' "$1" >/dev/null
}
runs_once() { # every complete run has one entry, with the root of its change set
  jq -se --slurpfile export "$work/estate.json" '
    [.[].entry | select(.kind == "run")] as $runs
    | ($runs | map(.object) | sort) == ($runs | map(.object) | unique) and ($runs | all(.details.change_root | length == 64))
      and (($export[0].runs | map(.id)) - ($runs | map(.object)) == [])' "$1" >/dev/null
}
recovered() { jq -se --argjson least "$2" '[.[].entry | select(.details.recovered == "yes")] | length >= $least' "$1" >/dev/null; }
verified() { look audit verify --output json && exits 0 && holds "$work/out" '.good and .checked == .entries and .entries > $least' --argjson least "$1"; }
audit_is_whole() { # audit_is_whole NAME
  local name=$1
  check "$name: the audit log is whole" verified 50
  log_to "$work/log"
  check "$name: each deed was on record before it was begun, and when it was settled" log_agrees "$work/log"
  check "$name: each run is on record once" runs_once "$work/log"
  check "$name: and what starts went on with says so" recovered "$work/log" "${2:-1}"
}

prepare sqlite fix_matrix
for fix in mode remove confine owner nologin_postgres expiry_postgres; do matrix sqlite $fix; done
audit_is_whole sqlite 20
prepare postgres fix_matrix
for fix in remove "nologin_${servers[-1]}"; do matrix postgres $fix; done
audit_is_whole postgres 10
echo "$kills kills"

# --- the log offline, and with one byte flipped ---
rm -rf "$work/exported" && look audit export "$work/exported"
check "the log is exported" exits 0
public=$("$reeve" --store "$store" audit key)
entries=$(wc -l <"$work/log")
# With nothing of the store at hand.
offline() { # offline [FOLDER]
  rc=0
  env -i PATH="$PATH" HOME=/nonexistent "$reeve" --store sqlite:///nonexistent/x.db audit verify --folder "${1:-$work/exported}" --key "$public" \
    --output json >"$work/out" 2>"$work/err" || rc=$?
}
proven() { offline && exits 0 && holds "$work/out" '.good and .checked >= $n' --argjson n "$entries"; }
check "it is proven from the exported files alone" proven
flipped() { # flipped FILE OFFSET EXPECTED: with that byte changed, the verdict's first_tampered is so ("null": none can be told)
  local file=$work/exported/$1 byte
  cp "$file" "$work/kept-file"
  byte=$(od -An -tu1 -j "$2" -N 1 "$file")
  printf "$(printf '\\x%02x' $((byte ^ 1)))" | dd of="$file" bs=1 seek="$2" conv=notrunc status=none
  offline
  cp "$work/kept-file" "$file"
  exits 1 && holds "$work/out" "(.good | not) and (.file | length > 0) and (.what | length > 0) and .first_tampered == $3"
}
# Where entry N begins in its bundle: each is a 16-bit length, big endian, and its bytes.
offset_of() { # offset_of BUNDLE N
  od -An -v -tu1 -w1 "$1" | awk -v n="$2" '
    NR - 1 == next_at { if (seen == n) print NR + 1; high = $1; next }
    NR - 2 == next_at { next_at += 2 + high * 256 + $1; seen++ }'
}
bundle=$(cd "$work/exported" && find tile/entries/000* -type f | head -1)
hashes=${bundle/entries/0}
for n in 0 1 17 100; do
  at=$(offset_of "$work/exported/$bundle" $n)
  check "one byte flipped in the text of entry $n: it is named" flipped "$bundle" $((at + 15)) $n
  check "one byte flipped in the length of entry $n: it is named" flipped "$bundle" $((at - 1)) $n
  check "one byte flipped in the hash of entry $n: it is named" flipped "$hashes" $((n * 32 + 5)) $n
done
[[ $entries -le 256 ]] || check "one byte flipped in a tile above: its first entry is named" flipped "$(cd "$work/exported" && find tile/1 -type f | head -1)" 3 0
note=$work/exported/checkpoint
check "one byte flipped in the origin of the checkpoint: none can be told" flipped checkpoint 2 null
line() { head -n "$1" "$note" | wc -c; }
check "one byte flipped in its size" flipped checkpoint "$(line 1)" null
check "one byte flipped in its root" flipped checkpoint $(($(line 2) + 5)) null
check "one byte flipped in its signature" flipped checkpoint $(($(wc -c <"$note") - 20)) null
check "one byte flipped in the name of its key" flipped checkpoint $(($(line 4) + 5)) null
check "and with every byte in its place it is proven again" proven
done_testing
