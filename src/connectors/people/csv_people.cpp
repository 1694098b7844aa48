// People from CSV: every HR system exports it and each calls its columns differently. A column is
// known by its name without case, blanks and punctuation; the option `columns` names what is not.

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "connectors/people/csv.hpp"
#include "connectors/people/feed.hpp"

namespace reeve::people {
namespace {

struct Column {
  std::string_view field;
  std::vector<std::string_view> names;
};

std::vector<Column> const& known_columns() {
  static std::vector<Column> const known{
      {"id",
       {"id", "personid", "employeeid", "employeenumber", "personnelnumber", "staffid",
        "workerid"}},
      {"name", {"name", "fullname", "displayname", "employeename", "person"}},
      {"first_name", {"firstname", "givenname", "forename"}},
      {"last_name", {"lastname", "surname", "familyname"}},
      {"email", {"email", "mail", "emailaddress", "workemail", "primaryemail"}},
      {"manager",
       {"manager", "managerid", "manageremail", "reportsto", "supervisor", "managermail"}},
      {"status", {"status", "active", "employmentstatus", "isactive", "employeestatus"}},
      {"left",
       {"left", "leftat", "lefton", "enddate", "leavedate", "leavingdate", "lastday",
        "terminationdate", "exitdate"}},
      {"aliases",
       {"aliases", "alias", "login", "logins", "username", "usernames", "accounts", "user"}}};
  return known;
}

std::string bare(std::string_view name) {
  std::string out;
  for (char const c : lower(name))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

/// Where each field stands in a record.
class Places {
 public:
  static Result<Places> find(std::vector<std::string> const& header, Columns const& columns) {
    Places out;
    for (auto const& [field, name] : columns) {
      auto const at = std::ranges::find(header, name);
      if (at == header.end())
        return fail(Errc::invalid,
                    "no column is called " + name + "; there are: " + join(header, ", "));
      out.places_.emplace_back(field, std::size_t(at - header.begin()));
    }
    for (auto const& column : known_columns()) TRY(out.add(column, header));
    if (!out.has("id") && !out.has("email"))
      return fail(Errc::invalid, "no column for id or email; there are: " +
                                     shortened(clean_utf8(join(header, ", ")), 300));
    return out;
  }

  bool has(std::string_view field) const { return place(field).has_value(); }

  /// Trimmed; empty too when there is no such column.
  std::string get(Csv::Record const& record, std::string_view field) const {
    auto const at = place(field);
    return at ? std::string(trim(record.fields.at(*at))) : std::string();
  }

 private:
  Result<> add(Column const& column, std::vector<std::string> const& header) {
    if (has(column.field)) return {};
    std::optional<std::size_t> found;
    for (std::size_t at = 0; at < header.size(); ++at) {
      if (std::ranges::find(column.names, bare(header[at])) == column.names.end()) continue;
      if (found)
        return fail(Errc::invalid, "two columns for " + std::string(column.field) + ": " +
                                       header[*found] + " and " + header[at] +
                                       "; say which with columns=" + std::string(column.field) +
                                       "=…");
      found = at;
    }
    if (found) places_.emplace_back(column.field, *found);
    return {};
  }

  std::optional<std::size_t> place(std::string_view field) const {
    for (auto const& [name, at] : places_)
      if (name == field) return at;
    return std::nullopt;
  }

  std::vector<std::pair<std::string, std::size_t>> places_;
};

/// Not reported when the word is not one of ours.
Known<bool> active_of(std::string_view status) {
  constexpr std::string_view yes[] = {"active",  "true",     "1", "yes",
                                      "current", "employed", "y", "enabled"};
  constexpr std::string_view no[] = {"inactive",   "false",  "0", "no",     "left",
                                     "terminated", "leaver", "n", "former", "disabled"};
  auto const word = bare(status);
  if (std::ranges::find(yes, word) != std::end(yes)) return true;
  if (std::ranges::find(no, word) != std::end(no)) return false;
  return NotReported{};
}

Result<Instant> date_of(std::string const& text) {
  return parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
}

class Mapper {
 public:
  Mapper(Places const& places, std::string const& name) : places_(places), name_(name) {}

  void add(Csv::Record const& record, Reading& out) const {
    auto const get = [&](std::string_view field) { return places_.get(record, field); };
    Told told{.manager = get("manager"),
              .evidence = name_ + " line " + std::to_string(record.line)};
    auto& person = told.person;
    auto const email = lower(get("email"));
    person.native_id = get("id").empty() ? email : get("id");
    auto const doubt = [&](std::string const& why) {
      out.gaps.push_back({.object_class = ObjectClass::person,
                          .native_id = person.native_id,
                          .why = told.evidence + ": " + why});
    };
    if (person.native_id.empty()) return doubt("neither id nor email");
    person.name = name_of(record);
    if (places_.has("email")) person.email = None{};
    if (!email.empty()) person.email = email;
    if (places_.has("aliases")) person.aliases = None{};
    if (auto aliases = aliases_of(get("aliases")); !aliases.empty()) person.aliases = aliases;
    if (places_.has("manager")) person.manager = None{};
    add_status(get("status"), get("left"), person, doubt);
    out.told.push_back(std::move(told));
  }

 private:
  std::string name_of(Csv::Record const& record) const {
    auto name = places_.get(record, "name");
    if (name.empty())
      name = trim(places_.get(record, "first_name") + " " + places_.get(record, "last_name"));
    if (name.empty()) name = places_.get(record, "email");
    return name.empty() ? places_.get(record, "id") : name;
  }

  /// "ann; ann2 root" is three: blanks, commas and semicolons part logins.
  static std::string aliases_of(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return std::string_view(";,|\t\r\n").contains(c); }, ' ');
    std::vector<std::string> out;
    for (auto const part : split(text, ' '))
      if (!part.empty() && std::ranges::find(out, part) == out.end()) out.emplace_back(part);
    return join(out, "\n");
  }

  void add_status(std::string const& status, std::string const& left, Person& person,
                  auto const& doubt) const {
    if (places_.has("left")) person.left = None{};
    if (!left.empty()) {
      person.left = NotReported{};
      if (auto const at = date_of(left))
        person.left = *at;
      else
        doubt("not a date like 2026-03-31: " + shortened(left, 32));
    }
    person.active = active_of(status);
    bool const told = !std::holds_alternative<NotReported>(person.active);
    if (!status.empty() && !told)
      doubt("status " + shortened(status, 32) + " is neither active nor left");
    // A list that tells leaving days and none for her says that she is here.
    if (!places_.has("status") && std::holds_alternative<None>(person.left)) person.active = true;
  }

  Places const& places_;
  std::string const& name_;
};

}  // namespace

Result<Reading> read_csv_people(std::string_view text, std::string const& name,
                                Columns const& columns) {
  auto const csv = TRY_DURING(parse_csv(text), "read " + name);
  auto const places = TRY_DURING(Places::find(csv.header, columns), "read " + name);
  Reading out;
  Mapper const mapper(places, name);
  for (auto const& record : csv.records) mapper.add(record, out);
  for (auto const& why : csv.refused)
    out.gaps.push_back({.object_class = ObjectClass::person, .why = name + " " + why});
  return out;
}

}  // namespace reeve::people
