#!/usr/bin/env bash
# What is wrong around the program: sources that are dead, mute or hostile, broken files, a store that is full, locked
# or of a newer program. Each is told with the source and the object it is about, the rest of the run completes, and
# nothing half-written is shown.
source "$(dirname "$0")/lib.sh"
command -v perl >/dev/null || skip "no perl here"
estate postgres nginx host
use_store sqlite faults

# peer NAME CODE: a server of ours on a free port; $port. CODE gets $client, an accepted connection.
peer() {
  perl -MIO::Socket::INET -e '
    my $server = IO::Socket::INET->new(Listen => 20, LocalAddr => "127.0.0.1") or die; my @kept;
    open my $out, ">", "$ARGV[0].new"; print $out $server->sockport, "\n"; close $out; rename "$ARGV[0].new", $ARGV[0];
    while (my $client = $server->accept) { push @kept, $client; eval $ARGV[1]; }' "$work/$1.port" "$2" &
  children+=($!)
  poll 20 test -e "$work/$1.port"
  port=$(cat "$work/$1.port")
}
reads() { [[ $(jq -r --arg name "$1" '.sources[] | select(.source == $name) | .complete' "$work/out") == true ]]; }
# failed_with NAME TEXT...: the source failed, its error names it and has these words.
failed_with() {
  local name=$1 error word
  shift
  error=$(jq -r --arg name "$name" '.sources[] | select(.source == $name and (.complete | not)) | .error' "$work/out")
  for word in "$@"; do
    grep -qiE -- "$word" <<<"$error" || { echo "no \"$word\" in: $error"; head -c 1500 "$work/out"; cat "$work/err"; return 1; }
  done
}
secret_free() { ! grep -aF -f "$work/estate/canaries" "$work/out" "$work/err"; }
within() { [[ $((SECONDS - began)) -le $1 ]] || { echo "took $((SECONDS - began)) s"; return 1; }; }
# With a healthy source beside it.
beside() { began=$SECONDS; look discover "$@" --people "$PEOPLE_CSV" --output json; }

# --- sources that do not answer, or wrongly ---
export DEAD_URL=postgres://reader:s3cr3tw0rd@127.0.0.1:1/postgres
beside postgres --name dead-pg --url-env DEAD_URL --timeout 2s
check "a dead database does not stop the rest" reads people
check "and is named with its address" failed_with dead-pg 127.0.0.1 "refused"
check "without its password" lacks "$work/out" s3cr3tw0rd
check "discovery itself is done" exits 0
beside postgres --name dead-pg --url-env DEAD_URL --timeout 2s --strict
check "--strict ends with 3" exits 3

export WRONG_URL
WRONG_URL=$(sed 's#reeve_reader:[^@]*@#reeve_reader:wr0ngw0rd@#' <<<"$PGREADER_URL")
beside postgres --name wrong-pg --url-env WRONG_URL
check "a wrong password is named as such" failed_with wrong-pg "password authentication failed" reeve_reader
check "and not shown" lacks "$work/out" wr0ngw0rd

peer mute ''
mute=$port
export MUTE_URL=postgres://reader@127.0.0.1:$mute/postgres
beside postgres --name mute-pg --url-env MUTE_URL --timeout 1s
check "a database that hangs is left" failed_with mute-pg "tim(e|ed) ?out|did not answer|no answer|expired"
check "in time" within 20
check "the rest is read" reads people
beside ldap --name mute-ldap --url "ldap://127.0.0.1:$mute" --base dc=x --timeout 1s
check "a directory that hangs is left" failed_with mute-ldap "tim(e|ed) ?out|did not answer|no answer|cannot contact"
check "in time" within 20
beside x509 --name mute-tls --endpoints "127.0.0.1:$mute" --timeout 1s
check "an endpoint that hangs is a gap with its address" has "$work/out" "127.0.0.1:$mute"
check "in time" within 20

peer noise 'my $b = ""; $b .= chr(int(rand(256))) for 1 .. 5000; print $client $b; $client->flush; shutdown($client, 1);'
noise=$port
export NOISE_URL=postgres://reader@127.0.0.1:$noise/postgres
beside postgres --name noise-pg --url-env NOISE_URL --timeout 2s
check "a database that talks garbage is left" failed_with noise-pg .
check "the rest is read" reads people
beside ldap --name noise-ldap --url "ldap://127.0.0.1:$noise" --base dc=x --timeout 2s
check "a directory that talks garbage is left" failed_with noise-ldap .
check "in time" within 20
beside x509 --name noise-tls --endpoints "127.0.0.1:$noise" --timeout 2s
check "an endpoint that talks garbage is a gap with its address" has "$work/out" "127.0.0.1:$noise"

# A directory behind an expired certificate: nothing is said to it.
mkfifo "$work/open" # at the end of its input it would hang up
openssl s_server -accept 127.0.0.1:0 -cert "$TLS_CERTS/expired.pem" -key "$TLS_CERTS/expired.key" >"$work/s_server" 2>&1 <>"$work/open" &
children+=($!)
check "a server with an expired certificate runs" poll 10 grep -q '^ACCEPT 127' "$work/s_server"
beside ldap --name old-ldap --url "ldaps://$(sed -n 's/^ACCEPT //p' "$work/s_server")" --base dc=x --ca-file "$TLS_CERTS/ca.pem" --timeout 2s
check "a directory with an expired certificate is left" failed_with old-ldap "certificate is not trusted"
beside x509 --name tls --endpoints "$(endpoints)"
check "expired certificates that are looked for are read" reads tls

beside people --name others --file "$work/missing.csv"
check "a file that is not there is named" failed_with others missing.csv

# --- names that are not meant for people ---
evil=$'evil\e[2J\e]0;owned\a<script>alert(1)</script>\u202e'
psql -Xq -v ON_ERROR_STOP=1 "$PGURL" -v name="$evil" <<<'create role :"name" login; comment on role :"name" is '"'<img src=x onerror=alert(2)> owner=alice@example.com';"
beside postgres --name evil-pg --url-env PGREADER_URL
check "a role with a hostile name is read" reads evil-pg
# Nothing that moves a cursor; for readers of tables nothing that turns the line round, either.
no_control() { ! grep -aP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]' "$1"; }
no_escape() { no_control "$1" && ! grep -aF $'\u202e' "$1"; }
look identity list --all
check "it is in the table" has "$work/out" evil
check "a table has no control characters" no_escape "$work/out"
look identity list --all --output csv
check "nor has CSV" no_escape "$work/out"
look identity list --all --output json
check "JSON gives the name as it is, escaped" holds "$work/out" 'any(.[]; .name == $evil)' --arg evil "$evil"
check "and has no control characters" no_control "$work/out"
id=$(jq -r --arg evil "$evil" '.[] | select(.name == $evil) | .id' "$work/out" | head -1)
look identity explain "$id"
check "nor has its explanation" no_escape "$work/out"
look up --once --quiet
check "nor has the first screen" no_escape "$work/out"
look report --file "$work/report.html"
check "the report is written" exits 0
check "its script is text there" lacks "$work/report.html" '<script>alert(1)'
check "and its picture, too" lacks "$work/report.html" '<img src=x'
export_to "$work/export.json"
check "the export is JSON" holds "$work/export.json" 'any(.identities[]; .name == $evil)' --arg evil "$evil"

# --- broken files ---
printf 'id,name,email\n1,Ann,ann@example.com\n2,"Ben,ben@example.com\n' >"$work/broken.csv"
beside people --name broken --file "$work/broken.csv"
check "a quote that does not end is named with its line" failed_with broken broken.csv "line [23]"
printf 'id,name,email\n1,Ann,ann@example.com\n1,Ben,ben@example.com\n' >"$work/twice.csv"
beside people --name twice --file "$work/twice.csv"
twice_told() { failed_with twice twice.csv "line 3|twice|again" || jq -e '.sources[] | select(.source == "twice") | .gaps > 0' "$work/out"; }
check "an id that comes twice is told" twice_told
printf '\xff\xfe\x00binary' >"$work/binary.csv"
beside people --name binary --file "$work/binary.csv"
check "a file that is no list of people is named" failed_with binary binary.csv

root=$work/root
cp -a "$HOST_ROOT" "$root"
perl -e 'print "Defaults env_reset\n"; print "user$_ ALL=(ALL) NOPASSWD: /bin/true # ", "x" x 80, "\n" for 1 .. 90_000' >"$root/etc/sudoers"
test "$(stat -c %s "$root/etc/sudoers")" -gt 10000000
began=$SECONDS
look discover host --name big --root "$root" --output json
check "a host with 10 MB of sudoers is read" exits 0
check "in time" within 30
sudoers_told() { jq -e '.sources[] | .gaps > 0 or any(.partial[]; .reason + .missing | test("sudoers"))' "$work/out"; }
check "what of it was too much is told" sudoers_told

rm -rf "$root"
cp -a "$HOST_ROOT" "$root"
ln -s loop "$root/home/loop"
ln -s ../sudoers.d "$root/etc/sudoers.d/self"
ln -sfn ../.. "$root/home/alice/.config/up"
mkdir -p "$root/home/carol/deep" && ln -s . "$root/home/carol/deep/deep"
ln -s /etc/shadow "$root/etc/cron.d/outside" # leads into the tree, never out of it
began=$SECONDS
look discover host --name loops --root "$root" --output json
check "a host with loops of links is read" exits 0
check "in time" within 30
check "completely" reads loops

# --- stores ---
use_store sqlite locked
look discover people --file "$PEOPLE_CSV"
export_to "$work/before.json"
sqlite3_there() { command -v sqlite3; }
if sqlite3_there >/dev/null; then
  coproc LOCK { sqlite3 "$work/locked.inventory.db" 2>&1; }
  lock_pid=$LOCK_PID
  echo "begin immediate; select 'locked';" >&"${LOCK[1]}"
  read -r -t 10 line <&"${LOCK[0]}"
  check "another process holds the store" test "$line" = locked
  began=$SECONDS
  look discover host --name web01 --root "$HOST_ROOT"
  check "a locked store is an error" test $rc -ne 0
  check "that says so" grep -qiE 'lock|busy|another' "$work/err"
  check "in time" within 60
  echo "rollback;" >&"${LOCK[1]}"
  kill "$lock_pid" 2>/dev/null || true
  check "the lock is gone" poll 10 "$reeve" --store "$store" source list
  export_to "$work/after.json"
  check "nothing half-written is shown" same_export "$work/before.json" "$work/after.json"
  sqlite3 "$work/locked.inventory.db" "insert into schema_version select module, 999, 'of the future' from schema_version limit 1"
  look identity list
  check "a store of a newer program ends with 2" exits 2
  check "and is told as such" has "$work/err" "a newer reeve has written it"
else
  echo "SKIP: no sqlite3 here: a locked store and a newer one"
fi

small=$work/small
mkdir "$small"
if mount -t tmpfs -o size=900k tmpfs "$small" 2>/dev/null; then
  store=sqlite://$small/look.db
  look discover people --file "$PEOPLE_CSV"
  first=$rc
  export_to "$work/before.json" 2>/dev/null || true
  look discover host --name web01 --root "$HOST_ROOT"
  check "a full disk is an error" test $rc -ne 0 -a $rc -lt 128
  check "that says so" grep -qiE 'full|space|disk' "$work/err"
  mount -o remount,size=64m "$small"
  export_to "$work/after.json"
  [[ $first -ne 0 ]] || check "nothing half-written is shown" same_export "$work/before.json" "$work/after.json"
  look discover host --name web01 --root "$HOST_ROOT"
  check "with space again it goes on" exits 0
  umount "$small"
else
  echo "SKIP: cannot mount a small tmpfs here: a full disk"
fi
store=sqlite:///proc/look.db
look identity list
check "a store that cannot be is an error" test $rc -ne 0
check "and named" has "$work/err" /proc
done_testing
