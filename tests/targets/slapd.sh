#!/usr/bin/env bash
# OpenLDAP 2.5 with TLS and STARTTLS, password policy, last bind and nested groups. After `seed`, DIR/logins holds each
# account's password (dn, tab, password).
source "$(dirname "$0")/lib.sh"
base=dc=example,dc=com
admin=cn=admin,$base

as_admin() { # as_admin PROGRAM ARGUMENT...
  local program=$1
  shift
  "$program" -x -H "ldap://127.0.0.1:$port" -D "$admin" -y "$dir/password" "$@"
}
can_bind() { # can_bind DN: with the password that DIR/logins has for it
  (umask 077 && awk -F'\t' -v dn="$1" '$1 == dn { printf "%s", $2 }' "$dir/logins" >"$dir/one")
  ldapwhoami -x -H "ldap://127.0.0.1:$port" -D "$1" -y "$dir/one" >/dev/null
}
configuration() {
  local schema
  for schema in core cosine nis inetorgperson; do echo "include /etc/ldap/schema/$schema.schema"; done
  cat <<CONF
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload memberof
pidfile $dir/run/slapd.pid
TLSCertificateFile $dir/server.crt
TLSCertificateKeyFile $dir/server.key
password-hash {SSHA}
database mdb
suffix "$base"
directory $dir/data
rootdn "$admin"
rootpw $(slappasswd -T "$dir/password")
dbnosync
maxsize 67108864
lastbind on
index objectClass,uid,member eq
# The reader sees every attribute but the verifiers, of which it sees that they are there.
access to attrs=userPassword
  by dn.exact="uid=reeve,ou=services,$base" read by self write by anonymous auth by * none
access to * by dn.exact="uid=reeve,ou=services,$base" read by users read by * none
overlay ppolicy
ppolicy_default "cn=default,ou=policies,$base"
ppolicy_hash_cleartext
overlay memberof
CONF
}
launch() {
  local user=()
  tls_port=$(free_port)
  [[ $EUID -ne 0 ]] || user=(-u openldap -g openldap)
  # -d 0 keeps it in the foreground, where it is ours to end.
  serve slapd -d 0 "${user[@]}" -f "$dir/slapd.conf" -h "ldap://127.0.0.1:$port ldaps://127.0.0.1:$tls_port"
  until_true 20 ldapwhoami -x -H "ldap://127.0.0.1:$port"
}
target_start() {
  need slapd slapd
  need ldapadd ldap-utils
  mkdir "$dir/data" "$dir/run"
  (umask 077 && printf %s "$(openssl rand -hex 16)" >"$dir/password")
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 200 -subj /O=Example/CN=ldap.example.test \
    -addext subjectAltName=DNS:ldap.example.test,IP:127.0.0.1 -keyout "$dir/server.key" -out "$dir/server.crt" 2>>"$dir/log"
  (umask 077 && configuration >"$dir/slapd.conf")
  give openldap "$dir/data" "$dir/run" "$dir/server.key" "$dir/slapd.conf"
  start_with_port launch
  LDAP_URL=ldap://127.0.0.1:$port
  LDAPS_URL=ldaps://127.0.0.1:$tls_port
  LDAP_BASE=$base
  LDAP_CA=$dir/server.crt
  LDAP_ADMIN_DN=$admin
  LDAP_ADMIN_PASSWORD=$(cat "$dir/password")
  LDAP_PORT=$port
  publish LDAP_URL LDAPS_URL LDAP_BASE LDAP_CA LDAP_ADMIN_DN LDAP_ADMIN_PASSWORD LDAP_PORT
}

entry() { # entry DN LINE...: one LDIF entry
  printf 'dn: %s,%s\n' "$1" "$base"
  shift
  printf '%s\n' "$@" ''
}
login() { # login DN: a new password for it
  local word
  word=$(password)
  printf '%s,%s\t%s\n' "$1" "$base" "$word" >>"$dir/logins"
  echo "userPassword: $word"
}
person() { # person UID NAME SURNAME LINE...
  local uid=$1 name=$2 surname=$3
  shift 3
  entry "uid=$uid,ou=people" "objectClass: inetOrgPerson" "cn: $name $surname" "sn: $surname" "mail: $uid@example.com" \
    "$(login "uid=$uid,ou=people")" "$@"
}
service() { # service UID LINE...
  local uid=$1
  shift
  entry "uid=$uid,ou=services" "objectClass: account" "objectClass: simpleSecurityObject" \
    "$(login "uid=$uid,ou=services")" "$@"
}
group() { # group CN MEMBER...: each member relative to the base
  local cn=$1
  shift
  entry "cn=$cn,ou=groups" "objectClass: groupOfNames" "${@/#/member: }"
}
# Months and years ago, as a directory writes time.
ago() { date -u -d "-$1" +%Y%m%d%H%M%SZ; }

everything() {
  local unit old
  old=$(ago '900 days')
  entry_base
  for unit in people services groups policies; do entry "ou=$unit" "objectClass: organizationalUnit"; done
  entry cn=default,ou=policies "objectClass: device" "objectClass: pwdPolicy" "pwdAttribute: userPassword" \
    "pwdMaxAge: 7776000" "pwdMaxFailure: 5" "pwdLockout: TRUE"
  entry cn=services,ou=policies "objectClass: device" "objectClass: pwdPolicy" "pwdAttribute: userPassword" \
    "pwdMaxAge: 0" "pwdLockout: TRUE"

  person alice Alice Adams "manager: uid=grace,ou=people,$base" "title: Billing lead"
  person bob Bob Brown "manager: uid=grace,ou=people,$base" "employeeType: left" "pwdAccountLockedTime: 000001010000Z"
  person carol Carol Chen "manager: uid=grace,ou=people,$base"
  person dave Dave Diaz "manager: uid=grace,ou=people,$base" "employeeType: left"
  person erin Erin Evans "manager: uid=heidi,ou=people,$base"
  person frank Frank Fox "manager: uid=heidi,ou=people,$base"
  person grace Grace Gray
  person heidi Heidi Hahn

  service reeve "description: owner=erin@example.com app=reeve"
  service svc-billing "description: owner=alice@example.com app=billing" "seeAlso: uid=alice,ou=people,$base"
  service svc-report "description: app=report" "seeAlso: uid=carol,ou=people,$base"
  service svc-legacy "description: nobody knows" "pwdPolicySubentry: cn=services,ou=policies,$base" "pwdChangedTime: $old"
  service svc-orphan "description: nightly sync" "seeAlso: uid=bob,ou=people,$base" "pwdChangedTime: $(ago '500 days')"
  service svc-sync "description: owner=erin@example.com" "pwdAccountLockedTime: 000001010000Z"
  service svc-scan "description: owner=frank@example.com app=scanner"
  service svc-vpn "seeAlso: uid=frank,ou=people,$base" "pwdPolicySubentry: cn=services,ou=policies,$base"
  service svc-printer "description: shared by reception"
  service jenkins "description: owner=dave@example.com ci" "pwdPolicySubentry: cn=services,ou=policies,$base"
  service svc-backup "description: owner=erin@example.com app=backup"
  service svc-metrics "description: owner=erin@example.com app=metrics"

  group staff {uid=alice,uid=carol,uid=erin,uid=frank,uid=grace,uid=heidi}",ou=people,$base"
  group automation {uid=svc-legacy,uid=svc-sync,uid=jenkins}",ou=services,$base"
  group admins "uid=alice,ou=people,$base" "cn=automation,ou=groups,$base" # nested: automation is admin
  group billing "uid=alice,ou=people,$base" "uid=svc-billing,ou=services,$base"
  group readers "cn=billing,ou=groups,$base" "uid=svc-report,ou=services,$base"
  group leavers "uid=bob,ou=people,$base" "uid=dave,ou=people,$base"
}
entry_base() { printf 'dn: %s\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n' "$base"; }

target_seed() {
  local dn
  port=$LDAP_PORT
  (umask 077 && : >"$dir/logins" && everything >"$dir/seed.ldif")
  # relax: times of the past are for the server to write, and here for us.
  as_admin ldapadd -e '!relax' -f "$dir/seed.ldif" >>"$dir/log" 2>&1 || { grep -A2 ldap_add "$dir/log" >&2; fail "the seed was refused"; }
  for dn in svc-billing svc-legacy reeve svc-backup; do can_bind "uid=$dn,ou=services,$base" || fail "$dn cannot bind"; done
  ! can_bind "uid=svc-sync,ou=services,$base" 2>/dev/null || fail "svc-sync is locked and can bind"
  # When somebody last logged in no client may say, so it goes into the database itself; LMDB serves several processes.
  printf 'dn: uid=svc-report,ou=services,%s\nchangetype: modify\nreplace: pwdLastSuccess\npwdLastSuccess: %s\n' \
    "$base" "$(ago '400 days')" | as openldap slapmodify -f "$dir/slapd.conf" -b "$base" >>"$dir/log" 2>&1
  LDAP_READER_DN=uid=reeve,ou=services,$base
  LDAP_READER_PASSWORD=$(awk -F'\t' -v dn="$LDAP_READER_DN" '$1 == dn { print $2 }' "$dir/logins")
  publish LDAP_URL LDAPS_URL LDAP_BASE LDAP_CA LDAP_ADMIN_DN LDAP_ADMIN_PASSWORD LDAP_PORT LDAP_READER_DN LDAP_READER_PASSWORD
}
main "$@"
