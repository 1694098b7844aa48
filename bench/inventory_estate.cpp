#include "inventory_estate.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace reeve::bench {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::int64_t identities_per_page = 100;
constexpr int credentials_each = 3, grants_each = 5;
constexpr std::int64_t employees = 1000;  ///< One person for so many identities.

constexpr connect::Permission permissions[] = {
    {ObjectClass::identity, connect::Purpose::discover, "read", "GRANT read TO {account}"}};
constexpr connect::Option options[] = {
    {.name = "number", .type = connect::Option::Type::number, .required = true, .help = "which"},
    {.name = "identities", .type = connect::Option::Type::number, .required = true, .help = "all"}};
constexpr connect::Info estate_info{.kind = "estate",
                                    .title = "Estate",
                                    .permissions = permissions,
                                    .help = "Identities made up from a seed.",
                                    .options = options,
                                    .rate = {1e9, 1 << 30}};

/// splitmix64: a number that depends on its place alone, so that any page can be made first.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// The dice of one object: each throw is another number, the same in every run.
class Dice {
 public:
  Dice(std::uint64_t source, std::uint64_t object) : state_(mixed(source) ^ mixed(~object)) {}
  std::uint64_t next() { return state_ = mixed(state_); }
  std::int64_t below(std::int64_t end) { return std::int64_t(next() % std::uint64_t(end)); }
  bool per_mille(int share) { return below(1000) < share; }
  template <std::size_t N>
  std::string pick(std::string_view const (&words)[N]) {
    return std::string(words[std::size_t(below(std::int64_t(N)))]);
  }
  Instant ago(std::int64_t from_days, std::int64_t to_days) {
    return estate_now - days(from_days) - hours(below((to_days - from_days) * 24));
  }

 private:
  std::uint64_t state_;
};

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  auto const end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
  return {digits.begin(), end};
}

/// A value for all but `silent` of a thousand.
template <class T>
Known<T> told(Dice& dice, int silent, T value) {
  if (dice.per_mille(silent)) return NotReported{};
  return value;
}

std::string kind_of_identity(Dice& dice) {
  auto const at = dice.below(1000);
  if (at < 400) return "role";
  if (at < 700) return "account";
  if (at < 900) return "service_account";
  return at < 990 ? "user" : "agent";
}

constexpr std::string_view environments[] = {"production", "production", "staging", "development"};
constexpr std::int64_t environment_count = 4;

/// One of the four above by its number, or none of them.
Known<std::string> environment(Dice& dice, std::int64_t number) {
  if (dice.per_mille(1)) return std::string("sandbox");
  if (dice.per_mille(15)) return NotReported{};
  return std::string(environments[number]);
}

/// One source: makes the objects of one identity after the other.
class Source {
 public:
  Source(std::int64_t number, std::int64_t identities)
      : number_(number),
        identities_(identities),
        resources_(std::max<std::int64_t>(identities / 50, 1)) {}

  std::string name() const { return "estate-" + std::to_string(number_); }
  std::int64_t identities() const { return identities_; }

  Page page(std::int64_t first) const {
    Page out;
    out.observations.reserve(std::size_t(identities_per_page) * 10);
    auto const end = std::min(first + identities_per_page, identities_);
    for (auto at = first; at < end; ++at) add(at, out.observations);
    if (end < identities_) out.next = std::to_string(end);
    return out;
  }

  /// Somebody answers for all but a few; those agents that have an owner have a sponsor as well.
  void decide(std::vector<inventory::OwnerDecision>& out) const {
    for (std::int64_t at = 0; at < identities_; ++at) {
      Dice dice{std::uint64_t(number_) + 77, std::uint64_t(at)};
      if (dice.per_mille(15)) continue;
      inventory::OwnerDecision decision{.identity = {name(), id(at)},
                                        .person = {name(), login(at - at % employees)},
                                        .state = "accepted",
                                        .by = "bench"};
      Dice own{std::uint64_t(number_), std::uint64_t(at)};
      if (kind_of_identity(own) == "agent") {
        auto sponsor = decision;
        sponsor.role = "sponsor";
        out.push_back(std::move(sponsor));
      }
      out.push_back(std::move(decision));
    }
  }

 private:
  using Objects = std::vector<Observation>;

  std::string login(std::int64_t at) const {
    return "p" + std::to_string(number_) + "x" + std::to_string(at);
  }
  /// Of the credential `n`; the same wherever it is seen. A few keys open several accounts.
  std::string fingerprint(std::int64_t at, int n) const {
    Dice dice{std::uint64_t(number_) + 1000, std::uint64_t(at * credentials_each + n)};
    if (n == 1 && dice.per_mille(15)) return "hmac:shared" + std::to_string(at % 100);
    return "hmac:" + hex(dice.next()) + hex(dice.next());
  }
  std::string id(std::int64_t at) const {
    auto const plain = std::uint64_t(at);
    return number_ % 2 == 0 ? std::to_string(16384 + plain) : hex(mixed(plain * 4 + 1));
  }
  std::string resource_id(std::int64_t at) const {
    return "res/" + std::to_string(at % resources_);
  }

  void add(std::int64_t at, Objects& out) const {
    Dice dice{std::uint64_t(number_), std::uint64_t(at)};
    auto const own = id(at);
    auto const kind = kind_of_identity(dice);
    bool const enabled = !dice.per_mille(40);
    auto const where = dice.below(environment_count);
    if (at % employees == 0) person(at, dice, out);
    identity(own, kind, enabled, where, dice, out);
    if (at < resources_) resource(at, dice, out);
    for (int n = 0; n < credentials_each; ++n) credential(at, kind, enabled, n, dice, out);
    for (int n = 0; n < grants_each; ++n) grant(own, kind, n, where, dice, out);
    if (dice.per_mille(100)) sighting(at, dice, out);
    if (dice.per_mille(100)) consumer(own, dice, out);
    if (dice.per_mille(100)) use(own, dice, out);
    if (dice.per_mille(2)) orphan(own, dice, out);
  }

  void person(std::int64_t at, Dice& dice, Objects& out) const {
    out.push_back({Person{.native_id = login(at),
                          .name = "Person " + hex(dice.next()),
                          .email = login(at) + "@example.org",
                          .active = told(dice, 10, !dice.per_mille(15)),
                          .manager = None{}},
                   "people"});
  }

  void identity(std::string const& own, std::string const& kind, bool enabled, std::int64_t where,
                Dice& dice, Objects& out) const {
    constexpr std::string_view stems[] = {"app", "etl", "backup", "deploy", "report", "sync"};
    bool const service = kind != "user";
    Identity made{
        .native_id = own,
        .name = dice.pick(stems) + "-" + hex(dice.next() % 0xfffffff),
        .kind = kind,
        .enabled = told(dice, 10, enabled),
        .created = told(dice, 20, dice.ago(50, 1500)),
        .last_used = told(dice, 15, dice.per_mille(15) ? dice.ago(100, 300) : dice.ago(0, 40)),
        .declared_person = told(dice, 100, !service),
        .interactive = told(dice, 50, !service),
        .environment = environment(dice, where)};
    made.note = dice.per_mille(15)
                    ? Known<std::string>(None{})
                    : told(dice, 15, "batch job " + std::to_string(dice.below(100000)));
    out.push_back({std::move(made), "catalogue row " + own});
  }

  void resource(std::int64_t at, Dice& dice, Objects& out) const {
    constexpr std::string_view kinds[] = {"database", "table", "bucket", "host"};
    constexpr std::string_view grades[] = {"normal", "normal", "normal", "high"};
    Resource made{.native_id = resource_id(at),
                  .name = "resource " + std::to_string(at),
                  .kind = dice.pick(kinds),
                  .environment = environment(dice, at % environment_count),
                  .sensitivity = dice.per_mille(10) ? "critical" : dice.pick(grades),
                  .sensitivity_reason = std::string("by its name")};
    out.push_back({std::move(made), "catalogue"});
  }

  void credential(std::int64_t at, std::string const& kind, bool enabled, int n, Dice& dice,
                  Objects& out) const {
    auto const own = id(at);
    Credential made{.native_id = own + ":c" + std::to_string(n),
                    .identity = own,
                    .fingerprint = fingerprint(at, n),
                    .created = told(dice, 5, dice.ago(45, 80)),
                    .last_used = told(dice, 10, dice.ago(dice.per_mille(15) ? 46 : 0, 44)),
                    .last_rotated = None{},
                    .restrictions = None{}};
    made.expires = estate_now + days(35 + dice.below(50));
    if (n == 0) password(made, dice);
    if (n == 1) key(made, own, enabled, dice);
    if (n == 2) certificate(made, kind, dice);
    out.push_back({std::move(made), "catalogue row " + own});
  }
  static void password(Credential& made, Dice& dice) {
    made.kind = "password";
    made.algorithm = told(dice, 10,
                          std::string(dice.per_mille(15)   ? "md5"
                                      : dice.per_mille(10) ? "empty"
                                                           : "scram-sha-256"));
    if (dice.per_mille(15)) made.expires = None{};
  }
  static void key(Credential& made, std::string const& own, bool enabled, Dice& dice) {
    made.kind = "ssh_key";
    made.label = "deploy@" + own;
    made.algorithm = told(dice, 10, std::string(dice.per_mille(15) ? "rsa-1024" : "ed25519"));
    made.expires = enabled || dice.per_mille(300) ? Known<Instant>(None{})
                                                  : Known<Instant>(estate_now - days(3));
    made.restrictions = dice.per_mille(15) ? Known<std::string>(None{})
                                           : told(dice, 10, std::string("from=10.0.0.0/8"));
  }
  static void certificate(Credential& made, std::string const& kind, Dice& dice) {
    made.kind = "certificate";
    made.label = "CN=" + kind;
    made.algorithm = std::string("ec-p256");
    made.signature = std::string(dice.per_mille(5) ? "sha1WithRSAEncryption" : "ecdsa-with-SHA256");
    made.issuer = std::string("CN=Internal CA 1");
    if (dice.per_mille(12)) made.expires = estate_now - days(dice.below(20));
  }

  void grant(std::string const& own, std::string const& kind, int n, std::int64_t where, Dice& dice,
             Objects& out) const {
    auto const near = dice.below(resources_) / environment_count * environment_count + where;
    Grant made{.native_id = own + ":g" + std::to_string(n),
               .identity = own,
               .resource = resource_id(dice.per_mille(3) ? dice.below(resources_) : near),
               .via = dice.per_mille(300) ? "group " + std::to_string(dice.below(500)) : "",
               .conditions = None{}};
    made.actions = actions(kind, dice);
    if (dice.per_mille(50))
      made.until = estate_now + days(1 + dice.below(300));
    else if (!dice.per_mille(3))
      made.until = None{};
    if (dice.per_mille(3)) made.until = estate_now - days(1 + dice.below(300));
    out.push_back({std::move(made), "acl of " + own});
  }
  static std::vector<std::string> actions(std::string const& kind, Dice& dice) {
    if (kind == "role" && dice.per_mille(2))
      return {std::string(dice.per_mille(500) ? "superuser" : "bypassrls")};
    if (kind == "account" && dice.per_mille(3))
      return {std::string(dice.per_mille(100) ? "root" : "sudo")};
    if (dice.per_mille(300)) return {"select", "insert", "update"};
    return {std::string(dice.per_mille(500) ? "select" : "connect")};
  }

  void sighting(std::int64_t at, Dice& dice, Objects& out) const {
    auto const own = id(at);
    bool const key = dice.per_mille(500);
    Sighting made{.native_id = own + ":s",
                  .identity = own,
                  .fingerprint = dice.per_mille(30) ? fingerprint(at, 0)
                                                    : "hmac:" + hex(dice.next()) + hex(dice.next()),
                  .kind = key ? "private_key" : "token",
                  .where = "file:/srv/" + own + "/secret",
                  .mode = SightingMode::stored,
                  .exposure = told(dice, 10, std::string(dice.per_mille(15) ? "others" : "owner")),
                  .consumer = None{}};
    out.push_back({std::move(made), "stat"});
  }
  void consumer(std::string const& own, Dice& dice, Objects& out) const {
    constexpr std::string_view kinds[] = {"systemd_unit", "cron_job", "application"};
    out.push_back({Consumer{.native_id = own + ":w",
                            .name = "job of " + own,
                            .kind = dice.pick(kinds),
                            .identity = own,
                            .how = "User="},
                   "unit file"});
  }
  void use(std::string const& own, Dice& dice, Objects& out) const {
    auto const hour = std::chrono::floor<hours>(dice.ago(0, 30));
    out.push_back({Usage{.native_id = own + ":u",
                         .identity = own,
                         .credential = own + ":c0",
                         .consumer = own + ":w",
                         .action = "session",
                         .network = "10.0.0." + std::to_string(dice.below(250)),
                         .hour = hour,
                         .last = hour,
                         .count = dice.below(1000)},
                   "log"});
  }
  void orphan(std::string const& own, Dice& dice, Objects& out) const {
    out.push_back({Grant{.native_id = own + ":o",
                         .actions = {"select"},
                         .resource = resource_id(dice.below(resources_)),
                         .conditions = None{},
                         .until = None{},
                         .unknown_holder = "left-" + own},
                   "acl"});
  }

  std::int64_t number_, identities_, resources_;
};

class Estate final : public connect::Connector {
 public:
  Estate(std::string name, Source source) : name_(std::move(name)), source_(source) {}
  connect::Info const& info() const override { return estate_info; }
  std::string_view source() const override { return name_; }

 private:
  Result<connect::Check> do_check(Instant) override { return connect::Check{}; }
  Result<Page> do_enumerate(std::string_view cursor) override {
    std::int64_t first = 0;
    auto const [end, error] = std::from_chars(cursor.begin(), cursor.end(), first);
    bool const read = cursor.empty() || (error == std::errc() && end == cursor.end());
    if (!read || first < 0 || first >= source_.identities())
      return fail(Errc::invalid, "no cursor of this estate");
    return source_.page(first);
  }
  Result<std::vector<Coverage>> do_coverage() override {
    std::vector<Coverage> out;
    out.reserve(object_classes);
    for (std::size_t n = 0; n < object_classes; ++n)
      out.push_back({.object_class = ObjectClass(n),
                     .state = CoverageState::complete,
                     .window_start = None{}});
    return out;
  }

  std::string name_;
  Source source_;
};

}  // namespace

namespace {
constexpr std::int64_t sources = 4;
}

inventory::Decisions estate_decisions(std::int64_t identities) {
  inventory::Decisions out;
  for (std::int64_t n = 0; n < sources; ++n) Source(n, identities / sources).decide(out.owners);
  return out;
}

std::vector<inventory::SourceConfig> estate_sources(std::int64_t identities) {
  std::vector<inventory::SourceConfig> out;
  out.reserve(sources);
  for (std::int64_t n = 0; n < sources; ++n)
    out.push_back(
        {"estate-" + std::to_string(n),
         "estate",
         {{"number", std::to_string(n)}, {"identities", std::to_string(identities / sources)}}});
  return out;
}

connect::Kind estate_kind() {
  return {estate_info,
          [](std::string name, connect::Settings const& settings,
             connect::Fingerprint const&) -> Result<std::unique_ptr<connect::Connector>> {
            Source const source(settings.number("number"), settings.number("identities"));
            return std::make_unique<Estate>(std::move(name), source);
          },
          {}};
}

}  // namespace reeve::bench
