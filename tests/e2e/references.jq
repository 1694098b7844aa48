# Every reference in an export that leads nowhere, as lines; nothing: each id and each native id it names is there. A
# reference that is empty or null names nobody, which is allowed where a source does not know.
def ids($table): [.[$table][] | {key: .id, value: true}] | from_entries;
def natives($table): [.[$table][] | {key: "\(.source)\n\(.native_id)", value: true}] | from_entries;
def lost($table; $field; $known): .[$table][] | (.[$field] // "") as $id
  | select($id != "" and ($known[$id] | not)) | "\($table) \(.id // .basis): \($field) \($id)";
def lost_native($table; $field; $known): .[$table][] | (.[$field] // "") as $id
  | select($id != "" and ($known["\(.source)\n\($id)"] | not)) | "\($table) \(.id) of \(.source): \($field) \($id)";

(ids("identities")) as $identities | (ids("persons")) as $persons
| ([.identities, .credentials, .resources, .grants, .sightings, .consumers, .usage, .persons
    | .[] | {key: .id, value: true}] | from_entries) as $all
| natives("resources") as $resources | natives("consumers") as $consumers
| natives("credentials") as $credentials | natives("persons") as $people
| ([.sources[] | {key: .name, value: true}] | from_entries) as $sources
| lost("credentials"; "identity"; $identities), lost("grants"; "identity"; $identities),
  lost("sightings"; "identity"; $identities), lost("consumers"; "identity"; $identities),
  lost("usage"; "identity"; $identities), lost("owners"; "identity"; $identities),
  lost("owners"; "person"; $persons), lost("findings"; "identity"; $identities),
  lost("findings"; "subject"; $all), lost_native("grants"; "resource"; $resources),
  lost_native("usage"; "resource"; $resources), lost_native("usage"; "consumer"; $consumers),
  lost_native("usage"; "credential"; $credentials), lost_native("sightings"; "consumer"; $consumers),
  lost_native("persons"; "manager"; $people),
  (("runs", "coverage", "persons", "resources", "identities", "credentials", "sightings", "consumers", "usage",
    "grants", "findings") as $table | lost($table; "source"; $sources)),
  (.grants[] | select((.identity // "") == "" and .unknown_holder == "") | "grants \(.id): nobody holds it")
