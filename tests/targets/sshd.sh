#!/usr/bin/env bash
# sshd.sh start DIR [AUTHORIZED_KEYS]: OpenSSH on a free port that lets the caller's own user in by the keys of one file
# (DIR/authorized_keys unless another is named: a planted host's, say). `seed` makes keys and lines, and logs in with
# each that should work. That a key was shut out is then proved by ssh itself: `sshd.sh try DIR KEY` says yes or no.
source "$(dirname "$0")/lib.sh"

launch() {
  cat >"$dir/sshd_config" <<CONF
Port $port
ListenAddress 127.0.0.1
HostKey $dir/host
PidFile $dir/sshd.pid
AuthorizedKeysFile $keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
LogLevel VERBOSE
CONF
  serve /usr/sbin/sshd -D -e -f "$dir/sshd_config"
  until_true 10 ssh-keyscan -p "$port" 127.0.0.1
}
logs_in() { # logs_in KEY
  ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o IdentitiesOnly=yes -o ConnectTimeout=10 -p "$SSH_PORT" -i "$1" "$SSH_USER@127.0.0.1" true </dev/null
}
target_start() {
  [[ -x /usr/sbin/sshd ]] || skip "no /usr/sbin/sshd; apt-get install openssh-server"
  # sshd lets nobody in whose shell is nologin.
  [[ $(getent passwd "$(id -un)") != */nologin && $(getent passwd "$(id -un)") != */false ]] ||
    skip "$(id -un) has no login shell"
  [[ $EUID -ne 0 ]] || mkdir -p /run/sshd # where it locks up the process that talks to strangers
  keys=$(realpath -m "${1:-$dir/authorized_keys}")
  [[ -e $keys ]] || (umask 077 && : >"$keys")
  ssh-keygen -q -t ed25519 -N '' -C host -f "$dir/host"
  start_with_port launch
  SSH_PORT=$port
  SSH_USER=$(id -un)
  SSH_AUTHORIZED_KEYS=$keys
  publish SSH_PORT SSH_USER SSH_AUTHORIZED_KEYS
}
target_seed() {
  local key
  ssh-keygen -q -t ed25519 -N '' -C deploy@example.com -f "$dir/confined"
  ssh-keygen -q -t ed25519 -N '' -C ci@build -f "$dir/open"
  ssh-keygen -q -t rsa -b 2048 -N '' -C bob@old-laptop -f "$dir/leaver"
  ssh-keygen -q -t ed25519 -N '' -C elsewhere -f "$dir/elsewhere"
  {
    echo "from=\"127.0.0.1\",restrict $(cat "$dir/confined.pub")"
    cat "$dir/open.pub" "$dir/leaver.pub"
    echo "from=\"10.0.0.0/8\",restrict $(cat "$dir/elsewhere.pub")"
  } >>"$SSH_AUTHORIZED_KEYS"
  for key in confined open leaver; do logs_in "$dir/$key" || fail "the key $key does not log in"; done
  ! logs_in "$dir/elsewhere" 2>/dev/null || fail "a key for 10.0.0.0/8 logs in from 127.0.0.1"
}
if [[ ${1:-} == try ]]; then
  dir=$(realpath "$2")
  source "$dir/env"
  logs_in "$3"
  exit
fi
main "$@"
