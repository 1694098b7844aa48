# What the targets share; sourced. A target is a real server that runs on a free loopback port, with everything it
# writes below the folder DIR that the caller names:
#   TARGET.sh start DIR   from nothing to answering        TARGET.sh env DIR    KEY=value lines, shell-quoted
#   TARGET.sh seed DIR    the identities of README.md      TARGET.sh stop DIR   ends it and removes DIR
# As root a server drops to the user its package made; as anybody else it runs as the caller. Exit 77: cannot run here,
# and says why.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=$(basename "$0" .sh)
PATH=$PATH:/usr/sbin:/sbin

fail() {
  echo "$target: $*" >&2
  exit 1
}
skip() {
  echo "SKIP $target: $*" >&2
  exit 77
}
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null || skip "no $1 here; apt-get install $2"
}

# A port that nobody listens on, below the range from which the kernel serves outgoing connections. Between this look
# and the server's bind another process may take it: start_with_port then tries the next.
free_port() {
  local port
  while :; do
    port=$((RANDOM % 12000 + 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}
# start_with_port COMMAND...: sets $port, runs the command, which starts the server and waits until it answers.
start_with_port() {
  local try
  for try in 1 2 3 4; do
    port=$(free_port)
    ! "$@" || return 0
    kill_server
  done
  tail -20 "$dir/log" >&2
  fail "did not start in $try tries"
}
until_true() { # until_true SECONDS COMMAND...: false when our server died meanwhile, or the time is over
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    is_up && [[ $SECONDS -lt $end ]] || return 1
    sleep 0.05
  done
}

# --- the process: its number alone is not enough, the kernel gives numbers again ---
born() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
is_up() {
  local pid
  pid=$(cat "$dir/pid" 2>/dev/null) && [[ -n $(born "$pid") && $(born "$pid") == "$(cat "$dir/pid.born")" ]] &&
    [[ $(sed 's/.*) //' "/proc/$pid/stat") != Z* ]]
}
serve() { # serve COMMAND...: in the background, in a session of its own, output to DIR/log
  setsid "$@" >>"$dir/log" 2>&1 </dev/null 9>&- &
  echo $! >"$dir/pid"
  born $! >"$dir/pid.born"
}
kill_server() { # kill_server [SIGNAL]
  local pid tries
  is_up || return 0
  pid=$(cat "$dir/pid")
  kill "-${1:-TERM}" "$pid" || true
  for ((tries = 0; tries < 200; tries++)); do
    is_up || return 0
    sleep 0.05
  done
  kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid"
}

# --- users ---
as() { # as USER COMMAND...: drops root for good; without root it runs the command as it is
  local user=$1
  shift
  if [[ $EUID -ne 0 ]]; then "$@"; else setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"; fi
}
give() { # give USER PATH...
  local user=$1
  shift
  [[ $EUID -ne 0 ]] || chown -R "$user:" "$@"
}

# --- secrets: made anew each time, kept in DIR/canaries (one a line, mode 600) so that a test can grep for them all ---
planted() { # planted VALUE: remembers and prints it
  (umask 077 && echo "$1" >>"$dir/canaries")
  echo "$1"
}
random_of() { # random_of ALPHABET LENGTH
  local out=
  while [[ ${#out} -lt $2 ]]; do out+=$(openssl rand 512 | tr -dc "$1"); done
  echo "${out:0:$2}"
}
password() { planted "$(random_of A-Za-z0-9 "${1:-20}")"; }
aws_key_id() { echo "AKIA$(random_of A-Z2-7 16)"; } # an id, no secret
aws_secret() { planted "$(random_of A-Za-z0-9/+ 40)"; }
# Ends in a checksum (CRC-32 in base 62, six digits), by which scanners tell a token from something like it.
github_token() {
  local body crc digits=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz check= at
  body=$(random_of A-Za-z0-9 30)
  crc=$((0x$(printf %s "$body" | gzip -c | tail -c 8 | od -An -N4 -tx4 | tr -d ' ')))
  for at in 1 2 3 4 5 6; do
    check=${digits:crc % 62:1}$check
    crc=$((crc / 62))
  done
  planted "ghp_$body$check"
}

# --- what callers learn ---
publish() { # publish NAME...: the values of these variables are what `env` prints
  local name
  for name in "$@"; do printf '%s=%q\n' "$name" "${!name}"; done >"$dir/env.new"
  mv "$dir/env.new" "$dir/env"
}
main() {
  local verb=${1:-}
  [[ $# -ge 2 ]] || { echo "usage: $target.sh start|seed|env|stop DIR" >&2; exit 2; }
  dir=$(realpath -m "$2")
  shift 2
  case $verb in
    start)
      [[ ! -e $dir/pid ]] || fail "$dir is in use"
      mkdir -p "$dir"
      chmod 755 "$dir" # a server that dropped root has to reach its files
      target_start "$@"
      ;;
    seed)
      [[ -f $dir/env ]] || fail "not started in $dir"
      source "$dir/env"
      target_seed "$@"
      ;;
    env) cat "$dir/env" ;;
    stop)
      kill_server "${stop_signal:-TERM}"
      rm -rf "$dir"
      ;;
    *) fail "no verb \"$verb\"; one of: start, seed, env, stop" ;;
  esac
}
