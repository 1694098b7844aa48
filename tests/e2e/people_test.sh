#!/usr/bin/env bash
# The same people from a list, from SCIM and from a directory that runs: persons, their managers, those who left.
source "$(dirname "$0")/lib.sh"
estate slapd

# listed NAME: of the last `persons`
listed() { holds "$work/out" 'map(.name) | index($name)' --arg name "$1"; }
names() { jq -r '.[].name' "$work/out" | sort; }
persons() { look person list --all --output json; }

use_store sqlite directory
look discover people --name directory --ldap-url "$LDAP_URL" --base "$LDAP_BASE" --bind-dn "$LDAP_READER_DN" \
  --password-env LDAP_READER_PASSWORD
check "a directory is read for its people" exits 0
persons
for name in "Alice Adams" "Bob Brown" "Heidi Hahn"; do check "$name is among them" listed "$name"; done
check "services are not" holds "$work/out" 'all(.[]; .name | startswith("svc-") | not)'
check "each has an address" holds "$work/out" 'all(.[]; .email | contains("@"))'
names >"$work/directory.names"
"$reeve" --store "$store" export >"$work/directory.json"
check "managers are persons of the same list" holds "$work/directory.json" \
  '[.persons[].native_id] as $ids | [.persons[].manager // empty] | length > 0 and all(.[]; IN($ids[]))'
look discover people --name directory --ldap-url "$LDAP_URL" --base "$LDAP_BASE" --bind-dn "$LDAP_READER_DN" \
  --password-env LDAP_READER_PASSWORD
export_to "$work/again.json"
check "a second look changes nothing" test "$(jq '.persons' "$work/directory.json")" = "$(jq '.persons' "$work/again.json")"

WRONG=not-it look discover people --name wrong --ldap-url "$LDAP_URL" --base "$LDAP_BASE" --bind-dn "$LDAP_READER_DN" --password-env WRONG
check "a wrong password is an error of that source" grep -qiE "password|credentials|auth" "$work/err" "$work/out"

use_store sqlite csv
look discover people --name list --file "$PEOPLE_CSV"
check "a list is read" exits 0
persons
check "who has left is known from it" holds "$work/out" 'any(.[]; .name == "Bob Brown" and .active == false)'
names >"$work/csv.names"
check "it names whom the directory names" same "$work/directory.names" "$work/csv.names"

# The directory's people as SCIM, as an identity provider would list them.
jq '{schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], totalResults: (.persons | length),
     Resources: [.persons[] | {schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], id: .native_id, displayName: .name,
       userName: (.aliases | split("\n")[0]), active: true, emails: [{value: .email, primary: true}]}]}' \
  "$work/directory.json" >"$work/users.json"
use_store sqlite scim
look discover people --name idp --file "$work/users.json"
check "SCIM is read" exits 0
persons
names >"$work/scim.names"
check "it names the same people" same "$work/directory.names" "$work/scim.names"
done_testing
