# Waiting for what another process does, for tests in bash; sourced.
#
# poll SECONDS COMMAND...: until it is true; false when the time is over.
poll() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $end ]] || return 1
    read -rt 0.02 <> <(:) || true
  done
}
