#!/usr/bin/env bash
# Installs the Debian 12 packages of the groups named (build test targets lint fuzz bench; none named: all), and only
# those that are missing: with nothing to do it takes a moment and needs no root. Nothing that a package brings may
# start, now or at the next boot, because the tests start servers of their own on free ports.
set -euo pipefail

declare -A packages=(
  [build]="g++-12 cmake ninja-build ccache mold pkg-config doctest-dev libsqlite3-dev libyaml-cpp-dev libpq-dev
    libssl-dev libboost1.81-dev libboost-context1.81-dev libboost-json1.81-dev libfmt-dev libspdlog-dev
    prometheus-cpp-dev libcli11-dev libre2-dev libcurl4-openssl-dev libldap-dev libtomlplusplus-dev libmaxminddb-dev
    zlib1g-dev tzdata"
  [test]="postgresql-15 openssl openssh-client"
  [targets]="postgresql-15 slapd ldap-utils nginx-light openssh-server openssh-client openssl curl jq debootstrap
    sqlite3"
  [lint]="clang-19 clang-tidy-19 clang-format-19"
  [fuzz]="clang-19 libclang-rt-19-dev"
  [bench]="libbenchmark-dev jq"
)

[[ $# -gt 0 ]] || set -- "${!packages[@]}"
missing=()
for name in $(for group in "$@"; do echo "${packages[$group]}"; done | tr -s ' ' '\n' | sort -u); do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) || true
  [[ $status == installed ]] || missing+=("$name")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

root=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "setup: no root and no sudo; as root, run: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  }
  root=(sudo)
fi

echo "── install ${missing[*]} (a few minutes the first time)"
"${root[@]}" bash -s -- "${missing[@]}" <<'ROOT'
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=
trap 'rm -f "$log"; [[ -z $made_policy ]] || rm -f "$policy"' EXIT
if [[ ! -e $policy ]]; then
  made_policy=1
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
update() { apt-get update -qq </dev/null; }
install() { apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 </dev/null; }

compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || update
# A list that is out of date names files that are gone: look again, once.
install "$@" || { update && install "$@"; } || {
  tail -20 "$log" >&2
  exit 1
}
command -v systemctl >/dev/null || exit 0
declare -A unit=([postgresql-15]=postgresql [slapd]=slapd [nginx-light]=nginx [openssh-server]=ssh)
for name in "$@"; do
  [[ -z ${unit[$name]:-} ]] || systemctl -q disable "${unit[$name]}" ||
    echo "setup: could not keep ${unit[$name]} from starting at the next boot" >&2
done
ROOT
echo "── installed in $SECONDS s"
