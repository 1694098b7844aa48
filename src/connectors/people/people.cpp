// Persons from a list that somebody exported (CSV, SCIM JSON, LDIF), or from a directory.
//
// A list is read whole, because a manager may stand below who reports to her, and is given in
// pages. A cursor holds the digest of what was read and the place in it: a list that changes in the
// middle of a run cannot be gone on with, for nobody knows what moved, so the cursor is refused and
// the run begins again.

#include "connectors/people/people.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/file.hpp"
#include "base/text.hpp"
#include "connectors/people/feed_ldap.hpp"
#include "ldap_client/value.hpp"

namespace reeve::connect {
namespace {

using people::Feed;
using people::Reading;

constexpr std::size_t file_bytes_max = 256u << 20;
constexpr std::string_view may_read = "read access to the list of people";

constexpr Permission permissions[] = {
    {ObjectClass::person, Purpose::discover, may_read, "setfacl -m u:{account}:r {subject}"}};

using enum Option::Type;
constexpr Option options[] = {
    {.name = "file", .type = path, .help = "A list of people: .csv, .json (SCIM 2.0) or .ldif."},
    {.name = "format",
     .type = text,
     .help = "csv, scim or ldif, when the name of the file does not tell."},
    {.name = "columns",
     .type = list,
     .help = "Columns of a CSV file by name: email=Work mail,manager=Boss (fields: id, name, "
             "first_name, last_name, email, manager, status, left, aliases)."},
    {.name = "ldap_url", .type = url, .help = "A directory in place of a file: ldaps://host."},
    {.name = "base", .type = text, .help = "Where its people are: ou=people,dc=example,dc=com."},
    {.name = "bind_dn", .type = text, .help = "Who reads the directory; anonymous when not set."},
    {.name = "password", .type = text, .secret = true, .help = "Of bind_dn."},
    {.name = "start_tls",
     .type = boolean,
     .fallback = "false",
     .help = "Encrypt an ldap:// connection."},
    {.name = "ca_file",
     .type = path,
     .help = "PEM file of who signed the directory's certificate."},
    {.name = "leavers",
     .type = text,
     .help = "Branches of the directory that hold who has left, semicolons apart."},
    {.name = "page_size", .type = number, .fallback = "1000", .help = "Persons a page."},
};

constexpr Info info_of_people{
    .kind = "people",
    .title = "People",
    .permissions = permissions,
    .help = "Persons, their managers and leavers, from a list or a directory.",
    .options = options};

std::uint64_t mix(std::uint64_t digest, std::string_view text) {  // FNV-1a
  for (char const c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return (digest ^ 0xff) * 0x100000001b3;
}

std::string digest_of(Reading const& reading) {
  std::uint64_t digest = 0xcbf29ce484222325;
  for (auto const& [person, manager, evidence] : reading.told) {
    Observation seen{person, evidence};
    each_text(seen, [&](std::string const& text) { digest = mix(digest, text); });
    auto const* active = std::get_if<bool>(&person.active);
    auto const* left = std::get_if<Instant>(&person.left);
    digest = mix(digest, (active ? std::to_string(*active) : "") + (left ? rfc3339(*left) : ""));
  }
  for (auto const& gap : reading.gaps) digest = mix(digest, gap.why);
  return std::to_string(digest);
}

class People final : public Connector {
 public:
  People(std::string source, Feed feed, int page_size)
      : source_(std::move(source)), feed_(std::move(feed)), page_size_(std::size_t(page_size)) {}

  Info const& info() const override { return info_of_people; }
  std::string_view source() const override { return source_; }

 private:
  Result<Check> do_check(Instant) override {
    auto const reading = TRY(look());
    return Check{.account = source_, .version = std::to_string(reading->told.size()) + " persons"};
  }

  Result<Page> do_enumerate(std::string_view cursor) override {
    if (cursor.empty()) reading_.reset();  // a new run looks again
    auto const reading = TRY(look());
    auto const at = TRY(place(cursor));
    Page page;
    auto const end = std::min(at + page_size_, reading->told.size());
    for (auto next = at; next < end; ++next)
      page.observations.push_back({reading->told[next].person, reading->told[next].evidence});
    if (at == 0) page.gaps = reading->gaps;
    if (at == 0 && !reading->warning.empty())
      page.gaps.push_back({.object_class = ObjectClass::person, .why = reading->warning});
    if (end < reading->told.size()) page.next = digest_ + ":" + std::to_string(end);
    return page;
  }

  Result<std::vector<Coverage>> do_coverage() override {
    auto const reading = TRY(look());
    Coverage out{.object_class = ObjectClass::person, .state = CoverageState::complete};
    if (reading->gaps.empty() && reading->warning.empty()) return std::vector{out};
    out.state = CoverageState::partial;
    out.reason = reading->warning.empty() ? std::to_string(reading->gaps.size()) +
                                                " doubts, one of them: " + reading->gaps.front().why
                                          : reading->warning;
    return std::vector{out};
  }

  Result<Reading const*> look() {
    if (!reading_) {
      auto told = TRY_DURING(feed_(), "needs " + std::string(may_read));
      reading_ = people::settle(std::move(told));
      digest_ = digest_of(*reading_);
    }
    return &*reading_;
  }

  Result<std::size_t> place(std::string_view cursor) const {
    std::size_t at = 0;
    if (cursor.empty()) return at;
    auto const parts = split(cursor, ':');
    auto const digits = parts.back();
    auto const [end, error] = std::from_chars(digits.begin(), digits.end(), at);
    if (parts.size() != 2 || error != std::errc() || end != digits.end())
      return fail(Errc::invalid, "not a cursor of the people connector");
    if (!reading_ || parts[0] != digest_ || at >= reading_->told.size())
      return fail(Errc::invalid, "the list of people has changed since this run began");
    return at;
  }

  std::string source_;
  Feed feed_;
  std::size_t page_size_;
  std::optional<Reading> reading_;
  std::string digest_;
};

Result<people::Columns> columns_of(Settings const& settings) {
  people::Columns out;
  for (auto const& pair : settings.list("columns")) {
    auto const at = pair.find('=');
    if (at == pair.npos) return fail(Errc::invalid, "columns: not like email=Work mail: " + pair);
    out.emplace_back(trim(pair.substr(0, at)), trim(pair.substr(at + 1)));
  }
  return out;
}

Result<std::vector<std::string>> leavers_of(Settings const& settings) {
  std::vector<std::string> out;
  for (auto const dn : split(settings.text("leavers"), ';'))
    if (!trim(dn).empty()) out.push_back(TRY_DURING(ldap::normal_dn(dn), "leavers"));
  return out;
}

Result<std::string> format_of(Settings const& settings) {
  auto format = std::string(settings.text("format"));
  auto const file = lower(settings.text("file"));
  if (format.empty())
    format = file.ends_with(".csv")    ? "csv"
             : file.ends_with(".json") ? "scim"
             : file.ends_with(".ldif") ? "ldif"
                                       : "";
  if (format != "csv" && format != "scim" && format != "ldif")
    return fail(Errc::invalid, "format of " + std::string(settings.text("file")) +
                                   " is not known; set format to one of: csv, scim, ldif");
  return format;
}

Result<Feed> file_feed(Settings const& settings) {
  auto const format = TRY(format_of(settings));
  auto const columns = TRY(columns_of(settings));
  auto const leavers = TRY(leavers_of(settings));
  std::string const file(settings.text("file"));
  auto const name = file.substr(file.rfind('/') + 1);
  return Feed([format, columns, leavers, file, name]() -> Result<Reading> {
    auto const text = TRY(read_file(file, file_bytes_max));
    if (format == "csv") return people::read_csv_people(text, name, columns);
    if (format == "scim") return people::read_scim_people(text, name);
    return people::read_ldif_people(text, name, leavers);
  });
}

Result<Feed> directory_feed(Settings const& settings) {
  auto leavers = TRY(leavers_of(settings));
  auto server = std::make_shared<ldap::Server>();  // a Feed is copied; a Secret is not
  server->url = settings.text("ldap_url");
  server->bind_dn = settings.text("bind_dn");
  server->password = settings.secret("password").copy();
  server->start_tls = settings.yes("start_tls");
  server->ca_file = settings.text("ca_file");
  return Feed([server, base = std::string(settings.text("base")), leavers]() -> Result<Reading> {
    auto const client = TRY(ldap::connect(*server));
    return people::read_directory_people(*client, base, leavers);
  });
}

}  // namespace

Info const& people_info() {
  return info_of_people;
}

std::unique_ptr<Connector> make_people(std::string source, Feed feed, int page_size) {
  return std::make_unique<People>(std::move(source), std::move(feed), page_size);
}

Kind people_kind() {
  auto make = [](std::string source, Settings const& settings,
                 Fingerprint const&) -> Result<std::unique_ptr<Connector>> {
    bool const from_file = !settings.text("file").empty();
    if (from_file == !settings.text("ldap_url").empty())
      return fail(Errc::invalid, "a people source needs either file or ldap_url");
    auto feed = TRY(from_file ? file_feed(settings) : directory_feed(settings));
    auto const size = std::clamp<std::int64_t>(settings.number("page_size"), 1, 100'000);
    return make_people(std::move(source), std::move(feed), int(size));
  };
  return {info_of_people, std::move(make), {}};
}

}  // namespace reeve::connect
