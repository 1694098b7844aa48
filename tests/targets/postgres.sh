#!/usr/bin/env bash
# PostgreSQL 15 (POSTGRES_BIN: the programs of another version), with TLS, passwords by SCRAM. It keeps nothing safe on
# disk: a crash of the machine may take it. After `seed`, DIR/logins holds each role's password (role, tab, password).
source "$(dirname "$0")/lib.sh"
bin=${POSTGRES_BIN:-/usr/lib/postgresql/15/bin}
stop_signal=INT # a fast shutdown: it does not wait for sessions
admin=reeve_admin

client() { PGPASSWORD=$(cat "$dir/password") psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" -U "$admin" -d postgres "$@"; }
launch() {
  serve env LC_ALL=C.UTF-8 "${drop[@]}" "$bin/postgres" -D "$dir/data" -p "$port"
  until_true 30 client -c 'select 1'
}
target_start() {
  [[ -x $bin/initdb ]] || skip "no $bin/initdb; apt-get install postgresql-15"
  need psql postgresql-15
  drop=()
  [[ $EUID -ne 0 ]] || drop=(setpriv --reuid=postgres --regid="$(id -g postgres)" --init-groups)
  (umask 077 && openssl rand -hex 16 >"$dir/password")
  mkdir "$dir/data" "$dir/run"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$dir/server.key" -out "$dir/server.crt" 2>>"$dir/log"
  chmod 600 "$dir/server.key"
  give postgres "$dir"
  "${drop[@]}" "$bin/initdb" -D "$dir/data" -U "$admin" --pwfile="$dir/password" -A scram-sha-256 --no-sync \
    -E UTF8 --locale=C.UTF-8 >>"$dir/log" 2>&1
  cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir/run'
ssl = on
ssl_cert_file = '$dir/server.crt'
ssl_key_file = '$dir/server.key'
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 60
shared_buffers = 64MB
log_connections = on
CONF
  start_with_port launch
  PGPORT=$port
  PGADMIN=$admin
  PGURL=postgres://$admin:$(cat "$dir/password")@127.0.0.1:$port/postgres
  PGCA=$dir/server.crt
  publish PGPORT PGADMIN PGURL PGCA
}
target_seed() {
  port=$PGPORT
  local role word
  # By file, since an argument can be read by every process of the machine.
  (umask 077 && : >"$dir/logins" && : >"$dir/passwords.sql")
  for role in $(grep -o ":'pw_[a-z0-9_]*" "$here/postgres.sql" | sed "s/:'pw_//" | sort -u); do
    word=$(password)
    printf '%s\t%s\n' "$role" "$word" >>"$dir/logins"
    printf '\\set pw_%s %s\n' "$role" "$word" >>"$dir/passwords.sql"
  done
  client -v soon="$(date -u -d '+40 days' +%F)" -f "$dir/passwords.sql" -f "$here/postgres.sql"
  PGREADER_URL=postgres://reeve_reader:$(sed -n 's/^reeve_reader\t//p' "$dir/logins")@127.0.0.1:$port/postgres
  publish PGPORT PGADMIN PGURL PGCA PGREADER_URL
}
main "$@"
