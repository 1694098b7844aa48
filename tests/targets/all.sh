#!/usr/bin/env bash
# all.sh start|seed|env|stop DIR [TARGET...]: the whole estate, each target in DIR/TARGET, those that cannot run here left
# out by name. Ends all of them when one does not start.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ $# -ge 2 ]] || { echo "usage: all.sh start|seed|env|stop DIR [TARGET...]" >&2; exit 2; }
verb=$1
dir=$(realpath -m "$2")
shift 2
[[ $# -gt 0 ]] || set -- postgres pg18 slapd nginx sshd host # nginx before host, which holds one of its certificates

up() { [[ -f $dir/$1/env ]]; }
case $verb in
  start)
    mkdir -p "$dir"
    chmod 755 "$dir"
    for name in "$@"; do
      rc=0
      "$here/$name.sh" start "$dir/$name" || rc=$?
      case $rc in
        0) echo "$name: started" ;;
        77) rm -rf "${dir:?}/$name" ;;
        *) "$0" stop "$dir"; exit 1 ;;
      esac
    done
    ;;
  seed)
    for name in "$@"; do
      up "$name" || continue
      CERTS=$dir/nginx/certs "$here/$name.sh" seed "$dir/$name"
      echo "$name: seeded"
    done
    cp "$here/people.csv" "$dir/people.csv"
    (umask 077 && cat "$dir"/*/canaries >"$dir/canaries")
    ;;
  env)
    for name in "$@"; do
      up "$name" || continue
      if [[ $name == pg18 ]]; then sed 's/^PG/PG18_/' "$dir/$name/env"; else cat "$dir/$name/env"; fi
    done
    echo "PEOPLE_CSV=$dir/people.csv"
    ;;
  stop)
    for name in "$@"; do [[ ! -d $dir/$name ]] || "$here/$name.sh" stop "$dir/$name"; done
    rm -f "$dir/people.csv" "$dir/canaries"
    rmdir "$dir" 2>/dev/null || true
    ;;
  *) echo "all: no verb \"$verb\"" >&2; exit 2 ;;
esac
