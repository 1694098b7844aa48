# What the end-to-end tests share; sourced. They know the program by its command line, its files and its API alone:
# REEVE is the binary, TARGETS the folder of the scripts that start real servers. A test needs root, because only root
# can be several users; without it the test says so and is skipped (77).
#
# check SENTENCE COMMAND...   counts and prints; the test goes on, and fails in the end when one failed.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
unset REEVE_STORE REEVE_RULES PGPASSWORD PGHOST PGUSER
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
reeve=$(realpath "${REEVE:?the binary to test}")
targets=$(realpath "${TARGETS:-$here/../targets}")
source "$here/../poll.sh"

skip() {
  echo "SKIP: $*"
  exit 77
}
[[ $EUID -eq 0 ]] || skip "needs root, to start servers as their own users and to be a user with fewer rights"
for program in jq psql setpriv; do command -v $program >/dev/null || skip "no $program here"; done

work=$(mktemp -d /tmp/reeve-e2e.XXXXXX)
chmod 755 "$work"
export HOME=$work/home XDG_STATE_HOME=$work/state
mkdir "$HOME" "$XDG_STATE_HOME"
failed=0 checks=0
children=()
finish() {
  local rc=$? child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  [[ ! -d $work/estate ]] || "$targets/all.sh" stop "$work/estate" || true
  [[ ! -d $work/cluster ]] || "$targets/postgres.sh" stop "$work/cluster" || true
  [[ -n ${KEEP:-} ]] && echo "kept: $work" || rm -rf "$work"
  exit $rc
}
trap finish EXIT
trap 'exit 130' INT TERM

# --- checks ---
check() { # check SENTENCE COMMAND...
  local sentence=$1 said
  shift
  checks=$((checks + 1))
  if said=$("$@" 2>&1); then
    echo "ok    $sentence"
  else
    failed=$((failed + 1))
    echo "FAIL  $sentence"
    printf '%s\n' "$said" | head -150 | cut -c1-400 | sed 's/^/        /'
  fi
}
done_testing() {
  echo "$checks checks, $failed failed"
  [[ $failed -eq 0 && $checks -gt 0 ]]
}
same() { diff "$1" "$2"; } # same FILE FILE
has() { # has FILE TEXT: the file contains it, on one line
  grep -qF -- "$2" "$1" || { echo "no \"$2\" in:"; cat "$1"; return 1; }
}
lacks() { ! grep -aF -- "$2" "$1"; }
holds() { # holds FILE FILTER [ARGUMENT...]: a jq expression that is true of the JSON in the file
  local file=$1 filter=$2
  shift 2
  jq -e "$@" "$filter" "$file" >/dev/null || { echo "not true: $filter"; head -c 2000 "$file"; return 1; }
}
exits() { # exits CODE: of the last `look`
  [[ $rc -eq $1 ]] || { echo "exit code $rc, not $1"; cat "$work/err"; return 1; }
}

# --- the program ---
# look ARGUMENT...: runs it on $store; $rc, $work/out and $work/err say what came of it.
look() {
  rc=0
  timeout 60 "$reeve" --store "$store" "$@" >"$work/out" 2>"$work/err" </dev/null || rc=$?
}
export_to() { "$reeve" --store "$store" export >"$1"; }
# An export without the one line that may differ.
still() { sed '1s/{"generated_at":"[^"]*",\?//' "$1"; }
same_export() { diff <(still "$1") <(still "$2"); }

# --- stores ---
cluster() { # a PostgreSQL of its own for stores, so that a store is no part of the estate it describes
  "$targets/postgres.sh" start "$work/cluster"
  cluster_url=$(source <("$targets/postgres.sh" env "$work/cluster") && echo "$PGURL")
  export STORE_PASSWORD
  STORE_PASSWORD=$(cat "$work/cluster/password")
}
use_store() { # use_store sqlite|postgres NAME: an empty one; sets $store
  case $1 in
    sqlite) store=sqlite://$work/$2.db ;;
    postgres)
      [[ -n ${cluster_url:-} ]] || cluster
      psql -Xqc "create database $2" "$cluster_url"
      store=$(sed "s#:[^:@/]*@#@#; s#/postgres\$#/$2?password_env=STORE_PASSWORD#" <<<"$cluster_url")
      export XDG_STATE_HOME=$work/state-$2
      mkdir -p "$XDG_STATE_HOME"
      ;;
  esac
}

# --- the estate ---
estate() { # estate TARGET...: started, seeded, its names exported
  local day
  while :; do
    day=$(date +%F)
    "$targets/all.sh" start "$work/estate" "$@" >/dev/null
    seeded=$(date +%s)
    "$targets/all.sh" seed "$work/estate" "$@" >/dev/null
    [[ $day != "$(date +%F)" ]] || break # days are counted from the seed's: not over midnight
    "$targets/all.sh" stop "$work/estate"
  done
  set -a
  source <("$targets/all.sh" env "$work/estate" "$@")
  set +a
}
endpoints() { for host in $TLS_HOSTS; do echo "127.0.0.1:$TLS_PORT#$host"; done | paste -sd,; }
add_sources() { # all that run
  local out=$work/added
  {
    "$reeve" --store "$store" source add people people --file "$PEOPLE_CSV"
    "$reeve" --store "$store" source add web01 host --root "$HOST_ROOT"
    "$reeve" --store "$store" source add pg15 postgres --url-env PGREADER_URL
    [[ -z ${PG18_READER_URL:-} ]] || "$reeve" --store "$store" source add pg18 postgres --url-env PG18_READER_URL
    "$reeve" --store "$store" source add directory ldap --url "$LDAP_URL" --base "$LDAP_BASE" \
      --bind-dn "$LDAP_READER_DN" --password-env LDAP_READER_PASSWORD
    "$reeve" --store "$store" source add tls x509 --roots "$TLS_CERTS" --endpoints "$(endpoints)"
  } >"$out"
}
# An export by natural keys, a line an object, sorted: what differs from seed to seed (ids, moments, ports, keys) is
# named after what it stands for.
normal() { # normal FILE
  jq -r --argjson seeded "$seeded" --arg estate "$work/estate" --arg tls "${TLS_PORT:-none}" -f "$here/normal.jq" "$1" | sort
}
