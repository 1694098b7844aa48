# An export as lines "table {object}" that are the same for every seed of the same estate.
#   ids          → source/native id             moments   → days before or after the seed's, "T" around the seed
#   fingerprints → the first place they were found at, so that equal ones stay equal and different ones different
#   UUIDs, hashes of certificates → the name of the entry or file
def tables: ["sources", "coverage", "persons", "resources", "identities", "credentials", "sightings",
             "consumers", "usage", "grants", "owners", "findings"];

def names: [.persons, .resources, .identities, .credentials, .sightings, .consumers, .usage, .grants
            | .[] | {key: .id, value: "\(.source)/\(.native_id)"}] | from_entries;

def moment: ((sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601) - $seeded) as $after
  | (($seeded % 86400) as $into | (($after + $into) / 86400 | floor)) as $day
  | if ($after | fabs) < 7200 then "T" else "D\(if $day < 0 then "" else "+" end)\($day)" end;
def moments: gsub("(?<t>20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}(\\.[0-9]+)?Z)"; .t | moment);
# What the seed gives as a date stays one.
def dates: if type != "string" then . else sub("T00:00:00Z$"; "") end;

def literal($from; $to): if $from == "" then . else split($from) | join($to) end;
def base: split("/")[-1];

def fingerprints: [.credentials, .sightings | .[] | select((.fingerprint // "") != "")
    | {f: .fingerprint, at: (.place // "\(.source) \(.identity_name) \(.kind)")}]
  | group_by(.f) | map([.[0].f, "key(" + (map(.at) | min) + ")"]);
def entries: [.persons, .identities | .[] | select(.source == "directory")
    | [.native_id, "entry(" + (.evidence | split(",")[0]) + ")"]] | unique;
def certificates: [.credentials[] | select(.source == "tls") | (.evidence | base) as $file
    | [.native_id, "certificate(\($file))"], [.native_id[:16], "(\($file))"]];
def subjects: [.identities[] | select(.source == "tls") | [.native_id, "subject(\(.name))"]];

. as $all | names as $name
| ($all.identities | map({key: .id, value: .name}) | from_entries) as $who
| (.credentials, .sightings) |= map(.identity_name = ($who[.identity // ""] // "nobody"))
| (subjects + certificates + entries + fingerprints) as $pairs
| (.credentials, .sightings) |= map(del(.identity_name))
| .persons |= map(.left_at |= dates)
| .credentials |= map(if (.source | startswith("pg")) and (.expires // "9") < "2025" then .expires |= dates else . end)
| . as $in
| [tables[] as $table | $in[$table][]
   | del(.id, .source_id, .opened, .closed)
   | with_entries(if (.key | IN("identity", "person", "subject")) and .value != null
                  then .value = ($name[.value] // .value) else . end)
   | "\($table) " + (. | to_entries | sort_by(.key) | from_entries | tojson)]
| join("\n")
| reduce $pairs[] as $p (.; literal($p[0]; $p[1]))
| literal($estate; "ESTATE") | literal("127.0.0.1:" + $tls; "127.0.0.1:TLS")
| gsub("SHA256:[A-Za-z0-9+/]{43}"; "SHA256:…") | gsub("serial [0-9A-F]{40}"; "serial …") | gsub("AKIA[A-Z2-7]{16}"; "AKIA…")
| moments
