#include "remedy/propose.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "connect/settings.hpp"
#include "net/ip.hpp"
#include "remedy/impact.hpp"
#include "sql/database.hpp"

namespace reeve::remedy {
namespace {

constexpr Duration expiry_usual = Days(30);

/// The finding and what it is about.
struct Subject {
  std::string rule, state, finding_title;
  std::string object_class, source, source_kind;
  std::int64_t id = 0;
  std::string native_id, kind, name;  ///< Of the object itself; `name`: label, place.
  std::string identity;               ///< native_id of the identity whose it is.
  Target target;
};

constexpr char finding_sql[] = R"(select f.rule, f.state, f.title, f.subject_class, f.subject_id,
    f.source, f.source_id, f.identity_id, s.kind
  from v_finding f join sources s on s.id = f.source_id where f.id = :id)";

Result<Subject> find(sql::Database& db, FindingId id) {
  std::optional<Subject> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    Subject s{.rule = row.text(0),
              .state = row.text(1),
              .finding_title = row.text(2),
              .object_class = row.text(3),
              .source = row.text(5),
              .source_kind = row.text(8),
              .id = row.integer(4)};
    s.target.source_id = row.integer(6);
    s.target.identity_id = row.integer(7);
    out = std::move(s);
    return {};
  };
  TRY(sql::each(db, finding_sql, {{":id", id.value}}, read));
  if (!out) return fail(Errc::not_found, "there is no finding " + to_string(id));
  return std::move(*out);
}

/// Statements that give native_id, kind, name, fingerprint, consumer, identity_id.
std::string_view object_sql(std::string const& object_class) {
  if (object_class == "sighting")
    return R"(select native_id, kind, place, fingerprint, consumer, identity_id from v_sighting
      where id = :id)";
  if (object_class == "credential")
    return R"(select native_id, kind, label, fingerprint, '' as consumer, identity_id
      from v_credential where id = :id)";
  if (object_class == "identity")
    return R"(select native_id, kind, name, '' as fingerprint, '' as consumer, id
      from v_identity where id = :id)";
  return "";
}

Result<> look_up(sql::Database& db, Subject& s) {
  auto const statement = object_sql(s.object_class);
  if (statement.empty())
    return fail(Errc::unsupported, "nothing here mends a " + s.object_class + " by itself");
  bool there = false;
  auto const read = [&](sql::Row const& row) -> Result<> {
    there = true;
    s.native_id = row.text(0);
    s.kind = row.text(1);
    s.name = row.text(2);
    s.target.fingerprint = row.text(3);
    s.target.consumer = row.text(4);
    s.target.identity_id = row.integer(5);
    return {};
  };
  TRY(sql::each(db, statement, {{":id", s.id}}, read));
  if (!there) return fail(Errc::not_found, "what the finding is about is not there any more");
  if (s.object_class == "credential") s.target.credential = s.native_id;
  auto const identity = [&](sql::Row const& row) -> Result<> {
    s.identity = row.text(0);
    return {};
  };
  return sql::each(db, "select native_id from v_identity where id = :id",
                   {{":id", s.target.identity_id}}, identity);
}

/// What is to be done at the source, and which uses would have gone on.
struct Intent {
  connect::Action action;
  GoesOn goes_on = [](std::string const&) { return false; };
  std::vector<std::string> warnings;
  bool unseen = false;  ///< Nothing records the uses that this would stop.
};

std::string given(Wish const& wish, std::string const& name) {
  auto const found = wish.parameters.find(name);
  return found == wish.parameters.end() ? "" : found->second;
}

/// The path of a sighting in a file: its place is "file:PATH" or "file:PATH:LINE", its native id
/// "file:PATH#KEY" or "unit:NAME@file:PATH#KEY", and only one of the two places fits it.
Result<std::string> path_of(Subject const& s) {
  constexpr std::string_view file = "file:";
  if (!s.name.starts_with(file))
    return fail(Errc::unsupported,
                "it does not lie in a file, but in " + s.name + ": change it there");
  auto const names = [&](std::string const& place) {
    return s.native_id.starts_with(place + "#") || s.native_id.contains("@" + place + "#");
  };
  auto place = s.name;
  if (names(place)) return place.substr(file.size());
  place.resize(place.rfind(':'));
  if (names(place)) return place.substr(file.size());
  return fail(Errc::unsupported, "which file " + s.native_id + " is in cannot be told");
}

Result<Intent> file_mode(Subject const& s) {
  auto const path = TRY(path_of(s));
  return Intent{.action = {"file_mode", path, {}}, .unseen = true};
}

bool allowed(std::string const& network, std::vector<std::string> const& networks) {
  auto const ip = net::parse_ip(network);
  return ip && std::ranges::any_of(networks, [&](std::string const& one) {
           return one == network || net::is_within(*ip, one);
         });
}

/// The networks given, else those the key was used from.
Result<std::vector<std::string>> networks_for(sql::Database& db, Subject const& s,
                                              Wish const& wish) {
  constexpr std::string_view needed =
      "; say which: --with networks=10.0.0.0/8,192.0.2.7 (addresses or networks, commas apart)";
  std::vector<std::string> out;
  auto const wished = given(wish, "networks");
  for (auto const part : split(wished, ','))
    if (!trim(part).empty()) out.emplace_back(trim(part));
  if (!out.empty()) return out;
  for (auto const& network : TRY(networks_seen(db, s.target))) {
    if (!net::parse_ip(network))
      return fail(Errc::invalid, "the key was used from " +
                                     (network.empty() ? "the host itself" : "\"" + network + "\"") +
                                     ", which is no address" + std::string(needed));
    out.push_back(network);
  }
  if (out.empty())
    return fail(Errc::invalid,
                "no login with this key was seen, so its networks are not known: logins are read "
                "from /var/log/auth.log" +
                    std::string(needed));
  return out;
}

bool is_login_key(Subject const& s) {
  return s.kind == "ssh_key" || s.kind == "ssh_ca";
}

Result<Intent> key(sql::Database& db, Subject const& s, Wish const& wish) {
  if (!is_login_key(s))
    return fail(Errc::unsupported, "a " + s.kind + " is no line of authorized_keys");
  if (wish.kind == "authorized_key") return Intent{.action = {"remove_key", s.native_id, {}}};
  auto const networks = TRY(networks_for(db, s, wish));
  Intent out{.action = {"confine_key", s.native_id, {{"networks", join(networks, ",")}}}};
  out.goes_on = [networks](std::string const& network) { return allowed(network, networks); };
  return out;
}

Result<Instant> until_of(std::string const& text, Instant now) {
  if (text == "now") return now;
  if (text.empty()) return now + expiry_usual;
  if (auto const duration = connect::parse_duration(text)) return now + *duration;
  return TRY_DURING(parse_rfc3339(text), "until is now, a time like 30d, or RFC 3339");
}

Result<Intent> role(Subject& s, Wish const& wish, Instant now) {
  if (s.source_kind != "postgres")
    return fail(Errc::unsupported, "source " + s.source + " is no PostgreSQL");
  if (s.identity.empty()) return fail(Errc::unsupported, "whose it is is not known");
  s.target.credential.clear();  // a role has one password: all it does rests on it
  if (wish.kind == "postgres_nologin") return Intent{.action = {"disable_login", s.identity, {}}};
  auto const until =
      std::chrono::floor<std::chrono::seconds>(TRY(until_of(given(wish, "until"), now)));
  Intent out{.action = {"expire", s.identity, {{"until", rfc3339(Instant(until))}}}};
  if (until <= now || given(wish, "sessions") == "end")
    out.action.parameters.emplace_back("sessions", "end");
  else
    out.warnings.push_back("Until " + rfc3339(Instant(until)) +
                           " nothing fails; from then on each new login, unless a new password is "
                           "set and its end moved.");
  return out;
}

struct Person {
  std::int64_t id = 0;
  std::string source, native_id, name;
};

/// The person given, else the best proposal that has not left.
Result<Person> person_for(sql::Database& db, Subject const& s, Wish const& wish) {
  Person out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = {row.integer(0), row.text(1), row.text(2), row.text(3)};
    return {};
  };
  if (auto const text = given(wish, "person"); !text.empty()) {
    auto const id = TRY(parse_id<PersonKind>(text));
    TRY(sql::each(db, "select id, source, native_id, name from v_person where id = :id",
                  {{":id", id.value}}, read));
    if (out.id == 0) return fail(Errc::not_found, "there is no person " + text);
    return out;
  }
  TRY(sql::each(db, R"(select p.id, p.source, p.native_id, p.name
      from v_owner o join v_person p on p.id = o.person_id
     where o.identity_id = :id and o.state = 'proposed' and coalesce(p.active, 1) = 1
     order by o.score desc nulls last, p.id nulls last limit 1)",
                {{":id", s.target.identity_id}}, read));
  if (out.id == 0)
    return fail(
        Errc::invalid,
        "nobody is proposed as its owner; say who: --with person=per_2 (reeve person list)");
  return out;
}

Result<Intent> owner(sql::Database& db, Subject const& s, Wish const& wish) {
  auto const person = TRY(person_for(db, s, wish));
  Intent out{.action = {"assign_owner",
                        s.identity,
                        {{"person_source", person.source},
                         {"person", person.native_id},
                         {"name", person.name},
                         {"role", given(wish, "role")},
                         {"by", wish.by}}}};
  out.goes_on = [](std::string const&) { return true; };
  return out;
}

Result<Intent> intent_of(sql::Database& db, Subject& s, Wish const& wish, Instant now) {
  if (wish.kind == "file_mode") return file_mode(s);
  if (wish.kind.starts_with("authorized_key")) return key(db, s, wish);
  if (wish.kind.starts_with("postgres_")) return role(s, wish, now);
  return owner(db, s, wish);
}

Json texts(std::vector<std::string> const& all) {
  Json::Array out;
  for (auto const& text : all) out.emplace_back(text);
  return Json(std::move(out));
}

Result<Json> about(sql::Database& db, Subject const& s, Intent const& intent,
                   connect::Plan const& made) {
  auto warnings = intent.warnings;
  warnings.insert(warnings.end(), made.warnings.begin(), made.warnings.end());
  std::vector<std::string> losses;
  for (auto const& step : made.steps)
    if (!step.reversible) losses.push_back(step.loss);
  auto uses = TRY(uses_now(db, s.target));
  Json failing;
  if (intent.unseen)
    failing.add("known", false)
        .add("since", Json())
        .add("reason", "no log keeps who reads a file")
        .add("count", 0)
        .add("uses", Json(Json::Array{}));
  else
    failing = TRY(would_have_failed(db, s.target, intent.goes_on));
  Json out;
  out.add("uses_now", std::move(uses)).add("would_have_failed", std::move(failing));
  out.add("cannot_undo", texts(losses)).add("warnings", texts(warnings));
  return out;
}

bool covers(Fix const& fix, std::string const& object_class) {
  return (" " + std::string(fix.subjects) + " ").contains(" " + object_class + " ");
}

/// Whether a kind that covers the class is for such a one.
bool suits(std::string_view kind, Subject const& s) {
  if (kind == "file_mode") return s.source_kind == "host" && path_of(s).has_value();
  if (kind.starts_with("authorized_key")) return is_login_key(s);
  if (kind.starts_with("postgres_")) return s.source_kind == "postgres" && !s.identity.empty();
  return true;
}

Result<> fits(Subject const& s, Wish const& wish) {
  auto const* fix = find_fix(wish.kind);
  if (!fix) {
    std::vector<std::string> all;
    all.reserve(std::size(fixes));
    for (auto const& one : fixes) all.emplace_back(one.kind);
    return fail(Errc::invalid,
                "no kind of fix is called \"" + wish.kind + "\"; one of: " + join(all, ", "));
  }
  for (auto const& [name, value] : wish.parameters)
    if (!(" " + std::string(fix->parameters) + " ").contains(" " + name + " "))
      return fail(Errc::invalid,
                  std::string(fix->kind) + " takes no parameter \"" + name + "\"" +
                      (fix->parameters.empty() ? "" : "; one of: " + std::string(fix->parameters)));
  if (s.state == "resolved") return fail(Errc::conflict, "the finding is resolved");
  if (!covers(*fix, s.object_class))
    return fail(Errc::unsupported, std::string(fix->kind) + " does not mend a " + s.object_class);
  return {};
}

}  // namespace

std::vector<Fix> const fixes = {
    {"file_mode", "sighting", "", "Takes the rights to a file from others than its owner."},
    {"authorized_key", "credential", "", "Takes the key out of authorized_keys."},
    {"authorized_key_from", "credential", "networks",
     "Confines the key to the networks it was used from."},
    {"postgres_nologin", "identity credential", "",
     "Takes LOGIN from the role and ends its sessions."},
    {"postgres_expiry", "identity credential", "until sessions",
     "Gives the role's password an end: in 30 days, or as `until` says."},
    {"assign_owner", "identity", "person role", "Says who answers for the identity."}};

Fix const* find_fix(std::string_view kind) {
  auto const found = std::ranges::find(fixes, kind, &Fix::kind);
  return found == fixes.end() ? nullptr : &*found;
}

Result<std::vector<std::string_view>> ways(sql::Database& inventory, FindingId finding) {
  auto subject = TRY(find(inventory, finding));
  std::vector<std::string_view> out;
  if (subject.state == "resolved" || object_sql(subject.object_class).empty()) return out;
  if (auto const there = look_up(inventory, subject); !there) {
    if (there.error().code() == Errc::not_found) return out;
    return std::unexpected(there.error());
  }
  for (auto const& fix : fixes)
    if (covers(fix, subject.object_class) && suits(fix.kind, subject)) out.push_back(fix.kind);
  return out;
}

Result<Plan> propose(sql::Database& inventory, Tools const& tools, Wish const& wish) {
  auto subject = TRY(find(inventory, wish.finding));
  TRY(fits(subject, wish));
  TRY(look_up(inventory, subject));
  auto const now = tools.now();
  auto intent = TRY(intent_of(inventory, subject, wish, now));
  Plan out{.finding = wish.finding,
           .rule = subject.rule,
           .kind = wish.kind,
           .source = subject.source,
           .source_kind = subject.source_kind,
           .created_by = wish.by,
           .created = now};
  auto const changer = TRY_DURING(tools.open(out), "open source " + out.source);
  auto const made = TRY(changer->plan(intent.action));
  if (made.steps.empty())
    return fail(Errc::conflict, "nothing to do: it is already so; look again: reeve discover " +
                                    shell_quote(subject.source));
  for (auto const& step : made.steps) out.steps.push_back({.step = step});
  out.subject = made.steps.front().subject;
  out.title = made.steps.front().title;
  out.about = TRY(about(inventory, subject, intent, made));
  return out;
}

}  // namespace reeve::remedy
