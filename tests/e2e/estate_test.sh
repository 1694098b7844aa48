#!/usr/bin/env bash
# One discovery over every real server finds exactly what was seeded, on SQLite and on PostgreSQL; a second one finds
# nothing new; and no secret that was planted is in anything that was written, said or could be seen meanwhile.
#
# testdata/estate.txt is the export by natural keys, with PostgreSQL 18 in testdata/pg18.txt, since that server cannot be
# had everywhere. REEVE_UPDATE=1 rewrites them: review the difference line by line against tests/targets/README.md.
source "$(dirname "$0")/lib.sh"
estate postgres pg18 slapd nginx host

# A program that is at work: one session, idle, by a name of its own.
password_of() { sed -n "s/^$1\t//p" "$work/estate/postgres/logins"; }
coproc SESSION { PGPASSWORD=$(password_of svc_billing) PGAPPNAME=billing-worker psql -Xq -h 127.0.0.1 -p "$PGPORT" -U svc_billing postgres; }
children+=("$SESSION_PID")
admin() { psql -XqAt "$PGURL" "$@"; }
open_session() { [[ $(admin -c "select count(*) from pg_stat_activity where application_name = 'billing-worker'") == 1 ]]; }
check "the seeded session is open" poll 20 open_session

# What processes show of themselves while the program runs.
watch_arguments() {
  while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -aF -f "$work/estate/canaries" >>"$work/argv.hits" || true; done
}

nothing_in() { [[ ! -s $1 ]] || { cat "$1"; return 1; }; }
for kind in sqlite postgres; do
  use_store $kind estate
  add_sources
  check "$kind: the sources are as they were given" test "$("$reeve" --store "$store" source list --output csv | wc -l)" -ge 6
  watch_arguments & watcher=$!
  look discover
  { kill $watcher; wait $watcher; } 2>/dev/null || true
  cp "$work/err" "$work/$kind.err"
  cp "$work/out" "$work/$kind.out"
  check "$kind: discovery is done" exits 0
  export_to "$work/$kind.json"
  normal "$work/$kind.json" >"$work/$kind.txt"
  check "$kind: every id and name that the export refers to is in it" test -z "$(jq -r -f "$here/references.jq" "$work/$kind.json" | tee /dev/stderr)"

  look discover --output json
  check "$kind: a second discovery is done" exits 0
  cp "$work/out" "$work/$kind.second"
  export_to "$work/$kind.2.json"
  check "$kind: a second discovery of an unchanged estate changes no byte" same_export "$work/$kind.json" "$work/$kind.2.json"
  last_run=$(jq -r '.runs | map(.id) | max_by(.[4:] | tonumber)' "$work/$kind.json")
  look diff "$last_run" --output json
  check "$kind: diff since the first discovery is empty" holds "$work/out" 'length == 0 or (.items // []) == []'
  first_run=$(jq -r '.runs | map(.id) | min_by(.[4:] | tonumber)' "$work/$kind.json")
  look diff "$first_run" --output json
  check "$kind: diff since the first run names what came after it" exits 0

  look report --file "$work/$kind.html"
  check "$kind: the report is written" exits 0
  for table in identity credential finding owner resource grant sighting consumer usage coverage run person; do
    look "$table" list --all --output csv
    check "$kind: $table list" exits 0
    cat "$work/out" >>"$work/$kind.lists"
  done
  for form in sarif ocsf; do
    look finding list --all --output $form
    check "$kind: findings as $form" exits 0
    cp "$work/out" "$work/$kind.$form"
  done
  # A preview of what would mend each finding, or what to do by hand; nothing is applied.
  : >"$work/$kind.fixes"
  jq -r '.findings | group_by(.rule) | map(.[:5][]) | .[] | select(.state == "open") | .id' "$work/$kind.json" >"$work/open"
  while read -r finding; do
    look fix "$finding"
    cat "$work/out" "$work/err" >>"$work/$kind.fixes"
    # Else it says what has to be given before: an owner, networks, a source's right to change.
    [[ $rc -eq 0 ]] && grep -qE '^To do it: |By hand:$' "$work/out" ||
      grep -qE -- '--with|admin_url' "$work/err" || cat "$work/out" "$work/err" >>"$work/$kind.unmended"
  done <"$work/open"
  check "$kind: each finding has a preview, steps to do by hand, or says what is needed" nothing_in "$work/$kind.unmended"
  look plan list --output json
  cat "$work/out" >>"$work/$kind.fixes"
  look audit export "$work/$kind.audit"
  check "$kind: the audit log is exported" exits 0
  look audit list --count 1000
  cat "$work/out" >>"$work/$kind.lists"
done
check "both databases hold the same" same "$work/sqlite.txt" "$work/postgres.txt"

golden() { # golden NAME PATTERN-ARGUMENT...: those lines are as the file says
  local file=$here/testdata/$1
  shift
  grep "$@" "$work/sqlite.txt" >"$work/golden" || true
  [[ -z ${REEVE_UPDATE:-} ]] || cp "$work/golden" "$file"
  same "$file" "$work/golden"
}
check "the estate is what was seeded" golden estate.txt -v pg18
[[ -z ${PG18_READER_URL:-} ]] && echo "SKIP: no PostgreSQL 18 here" ||
  check "PostgreSQL 18 is what was seeded" golden pg18.txt pg18

# --- canaries ---
sort -u "$work/estate/canaries" | grep . >"$work/canaries"
planted=60
[[ -n ${PG18_READER_URL:-} ]] || planted=50 # PostgreSQL 18 has its own
check "secrets were planted" test "$(wc -l <"$work/canaries")" -gt $planted
# What is looked through for them finds them where they are.
check "the search for them works" grep -qaF -f "$work/canaries" "$HOST_ROOT/srv/app/billing/.env"
no_secret() { # no_secret FILE...
  local file
  for file in "$@"; do
    [[ -e $file ]] || { echo "no $file"; return 1; }
    ! grep -alF -f "$work/canaries" "$file" || { echo "a secret is in $file"; return 1; }
  done
}
check "no secret in the store of SQLite" no_secret "$work"/estate.db* "$work"/estate.inventory.db*
check "no secret in its folder, nor in the state of PostgreSQL's" \
  no_secret $(find "$work/estate.d" "$work"/state* "$HOME" -type f)
dump_store() { PGPASSWORD=$STORE_PASSWORD pg_dump "${cluster_url%/postgres}/estate" >"$work/dump.sql"; [[ -s $work/dump.sql ]]; }
check "the store of PostgreSQL can be dumped" dump_store
check "no secret in the store of PostgreSQL" no_secret "$work/dump.sql"
check "no secret in what was said" no_secret "$work"/{sqlite,postgres}.{out,err,second,lists,fixes}
check "no secret in findings for other programs" no_secret "$work"/{sqlite,postgres}.{sarif,ocsf}
check "no secret in the audit log, nor in its export" no_secret $(find "$work"/*.audit "$work"/estate.d/audit "$work"/state*/*/audit -type f 2>/dev/null)
check "no secret in exports" no_secret "$work"/{sqlite,postgres}{,.2}.json
check "no secret in reports" no_secret "$work"/{sqlite,postgres}.html
argv_clean() { [[ ! -s $work/argv.hits ]] || { sort -u "$work/argv.hits" | wc -l; return 1; }; }
check "no secret in the arguments of any process" argv_clean
done_testing
