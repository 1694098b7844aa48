#!/usr/bin/env bash
# A tree that debootstrap made, looked at with --root: a stock Debian as it comes, without a process of it running.
source "$(dirname "$0")/lib.sh"
command -v debootstrap >/dev/null || skip "no debootstrap here"

root=$work/root
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirror=${REEVE_DEBIAN_MIRROR:-$(sed -nE 's/^(URIs:|deb)( +\[[^]]*\])? +(https?:[^ ]+).*/\3/p' /etc/apt/sources.list \
  /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null | grep -v security | head -1 || true)}
mirror=${mirror:-http://deb.debian.org/debian}
timeout 500 debootstrap --variant=minbase --include=cron,openssh-server "$suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
  skip "debootstrap cannot make a $suite tree from $mirror (in 500 s): $(grep -E '^[EW]:' "$work/debootstrap.log" | tail -1)"

# A link out of the tree, and an account that is somebody's.
ln -s /etc/shadow "$root/etc/sudoers.d-out" 2>/dev/null
ln -s ../../../../../../../../etc/passwd "$root/root/.netrc"
echo 'deploy:x:1000:1000:owner=ada@example.com app=shop:/home/deploy:/bin/bash' >>"$root/etc/passwd"
echo 'deploy:!:19700:0:99999:7:::' >>"$root/etc/shadow"

use_store sqlite image
before=$(find "$root" -printf '%p %T@\n' 2>/dev/null | sort | cksum)
look discover host --name image --root "$root"
check "the tree is read" exits 0
export_to "$work/image.json"
identity() { holds "$work/image.json" "any(.identities[]; .name == \"$1\" and ($2))"; }
check "root is there" identity root '.interactive'
check "daemon is a service's, and placed" identity daemon '.declared_person == false and .quadrant == "system_driven"'
check "_apt is a service's" identity _apt '.declared_person == false'
check "the account that was added is placed by its comment" identity deploy '.quadrant == "system_driven"'
check "sshd's user is there" identity sshd '.interactive == false'
check "jobs of cron are there" holds "$work/image.json" 'any(.consumers[]; .kind == "cron_job")'
check "units are there" holds "$work/image.json" 'any(.consumers[]; .kind == "systemd_unit" and .name == "ssh.service")'
check "every id that the export refers to is in it" test -z "$(jq -r -f "$here/references.jq" "$work/image.json")"
check "nothing of this very system is in it" holds "$work/image.json" "all(.resources[]; .native_id != \"host:$(hostname)\" or \"$(cat "$root/etc/hostname")\" == \"$(hostname)\")"
check "nothing of it was written to" test "$before" = "$(find "$root" -printf '%p %T@\n' 2>/dev/null | sort | cksum)"
done_testing
