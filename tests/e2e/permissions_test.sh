#!/usr/bin/env bash
# Each right that discovery needs is taken away in turn: coverage names it with the line that gives it back, --strict
# ends with 3, and where the line can be run as it stands it is run, after which all is seen again.
source "$(dirname "$0")/lib.sh"
estate postgres slapd host
use_store sqlite rights
admin() { psql -Xq -v ON_ERROR_STOP=1 "$PGURL" "$@"; }

partial() { jq -r --arg class "$1" '.sources[].partial[] | select(.class == $class) | .missing' "$work/out"; }
fix_of() { jq -r --arg class "$1" '.sources[].partial[] | select(.class == $class) | .fix' "$work/out" | head -1; }
misses() { # misses CLASS PERMISSION FIX-TEXT
  [[ $(partial "$1") == "$2" && $(fix_of "$1") == *"$3"* ]] || { jq '.sources[].partial' "$work/out"; return 1; }
}
complete() { [[ -z $(partial "$1") ]] || { jq '.sources[].partial' "$work/out"; return 1; }; }
seen() { "$reeve" --store "$store" coverage list --all --output json >"$work/coverage"; }

pg() { look discover postgres --name pg15 --url-env PGREADER_URL --strict --output json; }
pg
for class in identity credential grant consumer; do check "postgres: $class is complete with every right" complete $class; done

admin -c 'revoke select on pg_authid from reeve_reader'
pg
check "postgres: without pg_authid --strict ends with 3" exits 3
check "postgres: pg_authid is named" misses credential "SELECT ON pg_catalog.pg_authid" "reeve.verifiers()"
admin -c "$(fix_of credential)"
pg
check "postgres: the function of the fix gives verifiers back" complete credential

admin -c 'revoke pg_monitor from reeve_reader'
pg
check "postgres: without pg_read_all_stats --strict ends with 3" exits 3
check "postgres: pg_read_all_stats is named" misses consumer pg_read_all_stats 'GRANT pg_read_all_stats TO "reeve_reader";'
admin -c "$(fix_of consumer)"
pg
check "postgres: the fix gives sessions back" complete consumer

admin -c 'create database closed' -c 'revoke connect on database closed from public'
pg
check "postgres: a closed database is named" misses grant "CONNECT ON DATABASE" 'GRANT CONNECT ON DATABASE "closed" TO "reeve_reader";'
seen
check "coverage list says so too" holds "$work/coverage" \
  'any(.[]; .source == "pg15" and .class == "grant" and .state == "partial" and (.fix | contains("closed")))'
admin -c "$(fix_of grant)"
pg
check "postgres: the fix opens it" complete grant

# --- slapd: its rules are changed in its file, so it is started again on the same port ---
restart_slapd() { # restart_slapd RULE...: these go before all others
  local dir=$work/estate/slapd pid command
  pid=$(cat "$dir/pid")
  mapfile -d '' command <"/proc/$pid/cmdline"
  kill "$pid"
  poll 20 gone "$pid" || return 1
  [[ -f $dir/slapd.conf.first ]] || cp "$dir/slapd.conf" "$dir/slapd.conf.first"
  awk -v rules="$(printf '%s\n' "$@")" '/^access/ && !done { print rules; done = 1 } { print }' "$dir/slapd.conf.first" >"$dir/slapd.conf"
  setsid "${command[@]}" >>"$dir/log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
  sed 's/.*) //' "/proc/$!/stat" | cut -d' ' -f20 >"$dir/pid.born"
  poll 20 ldapwhoami -x -H "$LDAP_URL"
}
gone() { [[ ! -e /proc/$1 || $(sed 's/.*) //' "/proc/$1/stat") == Z* ]]; }
ldap() {
  look discover ldap --name directory --url "$LDAP_URL" --base "$LDAP_BASE" --bind-dn "$LDAP_READER_DN" \
    --password-env LDAP_READER_PASSWORD --strict --output json
}
use_store sqlite directory # --strict is about all of a store, and PostgreSQL keeps no last login
reader="dn.exact=\"$LDAP_READER_DN\""
ldap
for class in identity person credential grant usage; do check "ldap: $class is complete with every right" complete $class; done
check "ldap: all is seen, so --strict ends with 0" exits 0
check "slapd starts again" restart_slapd "access to attrs=pwdLastSuccess by * none"
ldap
check "ldap: without pwdLastSuccess --strict ends with 3" exits 3
check "ldap: pwdLastSuccess is named" misses usage "read access to pwdLastSuccess" "attrs=pwdLastSuccess by dn.exact=\"$LDAP_READER_DN\" read"
check "slapd starts again" restart_slapd "access to attrs=pwdChangedTime,pwdAccountLockedTime,pwdPolicySubentry by * none"
ldap
check "ldap: pwdChangedTime is named" misses credential "read access to pwdChangedTime" "attrs=pwdChangedTime"
check "slapd starts again" restart_slapd "access to attrs=userPassword by $reader none by anonymous auth"
ldap
check "ldap: userPassword is named" misses credential "search access to userPassword" "attrs=userPassword"
check "slapd starts again" restart_slapd "access to attrs=member by * none"
ldap
check "ldap: member is named" misses grant "read access to member" "attrs=member"
check "slapd starts again" restart_slapd
ldap
check "ldap: all is seen again" exits 0

# --- a plain user ---
plain() { # plain COMMAND...: as nobody, who may write the folder of his own store
  mkdir -p "$work/plain"
  chown nobody "$work/plain"
  store=sqlite://$work/plain/look.db
  rc=0
  setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME="$work/plain" XDG_STATE_HOME="$work/plain" \
    timeout 60 "$work/reeve" --store "$store" "$@" >"$work/out" 2>"$work/err" </dev/null || rc=$?
}
install -m 755 "$reeve" "$work/reeve" # where he can reach it
plain discover host --name web01 --root "$HOST_ROOT" --strict --output json
check "host: a plain user's --strict ends with 3" exits 3
check "host: /etc/shadow is named, and sudo" misses credential "read /etc/shadow" "sudo reeve discover host"
check "host: /etc/sudoers is named, and sudo" misses grant "read /etc/sudoers" "sudo reeve discover host"
plain up --once --output json --quiet
check "up --once as a plain user is done" exits 0
check "it has map, findings, coverage and next" holds "$work/out" 'keys == ["coverage", "findings", "map", "next"]'
check "it names /etc/shadow" holds "$work/out" 'any(.coverage.partial[]; .missing == "read /etc/shadow" and (.fix | startswith("sudo ")))'
plain up --once --strict
check "up --once --strict as a plain user ends with 3" exits 3
check "its first screen names /etc/shadow" has "$work/out" /etc/shadow
done_testing
