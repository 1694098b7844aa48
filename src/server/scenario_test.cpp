// One agent and its one policy, over HTTP, at every boundary of it: network, country, day and time
// of day in Berlin with the days clocks change, attestation; a MaxMind file that is missing, broken
// or of elsewhere; forged addresses. Each denial names the condition and the value it looked at.

#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>

#include "base/file.hpp"
#include "net/client.hpp"
#include "net/http.hpp"
#include "pdp/mmdb_fake.hpp"
#include "server/service_fake.hpp"

namespace reeve::server {
namespace {

namespace mmdb = pdp::mmdb;

constexpr char policy[] = R"(
@id("office-hours")
permit (principal == Agent::"ledger", action == Action::"finding.read", resource)
when { context has source.ip && context.source.ip.isInRange(ip("10.1.0.0/16")) }
when { context has source.country && context.source.country == "DE" }
when { context.time.dow <= 5 }
when { context.time.tod >= duration("8h") && context.time.tod < duration("18h") }
when { context.attest.level >= 2 };
)";

/// "agent LEVEL" stands for a token of the agent that is attested so well.
struct AgentGate final : Gate {
  Result<Caller> caller(net::Call& call) override {
    auto const field = call.head().find("Authorization");
    if (!field || !field->starts_with("Bearer agent-"))
      return fail(Errc::unauthenticated, "no agent");
    return Caller{.id = "token:tok_1",
                  .role = "agent",
                  .name = "ledger",
                  .proof = {"token", "spiffe", field->back() - '0'}};
  }
};

enum class World : std::uint8_t { office, no_mmdb, broken_mmdb, abroad, no_proxy };

std::string mmdb_of(World world) {
  if (world == World::broken_mmdb) return mmdb::file(mmdb::country("DE")).substr(0, 60);
  return mmdb::file(mmdb::country(world == World::abroad ? "FR" : "DE"));
}

/// A server on a port of its own, behind which time stands still where a row says.
class Office {
 public:
  explicit Office(World world) : store_(surroundings(world)) {
    store_.decisions =
        pdp::engine_of(pdp::overlaid(pdp::shipped_policies(), {{"office.cedar", policy}}));
    auto started = net::start_server({}, [this](net::Call& call) {
      Api api{*store_.service, gate_, *store_.decisions};
      return serve(api, call);
    });
    REQUIRE(started.has_value());
    server_ = *std::move(started);
  }
  ~Office() {
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Office(Office const&) = delete;
  Office& operator=(Office const&) = delete;

  net::Reply ask(net::Client& client, std::string const& at, std::string const& forwarded,
                 int level) {
    auto const now = parse_rfc3339(at);
    REQUIRE(now.has_value());
    store_.now = *now;
    net::Request request{.method = "GET"};
    request.url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/v1/findings";
    request.fields.emplace_back("Authorization", "Bearer agent-" + std::to_string(level));
    if (!forwarded.empty()) request.fields.emplace_back("X-Forwarded-For", forwarded);
    request.deadline = net::in(std::chrono::seconds(30));
    auto reply = client.send(request);
    REQUIRE_MESSAGE(reply.has_value(), (reply ? "" : reply.error().to_string()));
    return *std::move(reply);
  }

 private:
  pdp::Surroundings surroundings(World world) {
    auto pattern = (std::filesystem::temp_directory_path() / "reeve-office-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()));
    folder_ = pattern;
    auto const path = folder_ + "/country.mmdb";
    if (world != World::no_mmdb)
      REQUIRE(write_file_atomically(path, mmdb_of(world), 0600).has_value());
    auto const geo = std::make_shared<pdp::Geo>(std::vector{path});
    bool const usable = world != World::no_mmdb && world != World::broken_mmdb;
    CHECK(geo->refresh().empty() == usable);
    auto zone = pdp::Zone::parse_rule("CET-1CEST,M3.5.0,M10.5.0/3");  // Europe/Berlin
    REQUIRE(zone.has_value());
    pdp::Surroundings out{.zone = *std::move(zone), .geo = geo};
    if (world != World::no_proxy) out.trusted_proxies = *pdp::parse_networks("127.0.0.1");
    return out;
  }

  std::string folder_;
  FakeService store_;
  AgentGate gate_;
  std::unique_ptr<net::Server> server_;
};

struct Row {
  std::string name, at;
  std::string forwarded = "10.1.2.3";
  int level = 2;
  World world = World::office;
  std::string lacks = {};  ///< What the denial names; empty: permitted.
};

// In Berlin 08:00 is 07:00Z in winter and 06:00Z in summer. 2026-11-23 is a Monday.
Row const rows[] = {
    {.name = "a Monday at noon", .at = "2026-11-23T11:00:00Z"},
    {.name = "the last millisecond before eight",
     .at = "2026-11-23T06:59:59.999Z",
     .lacks = "28799999ms"},
    {.name = "eight", .at = "2026-11-23T07:00:00Z"},
    {.name = "the last millisecond before six", .at = "2026-11-23T16:59:59.999Z"},
    {.name = "six", .at = "2026-11-23T17:00:00Z", .lacks = "18h"},
    {.name = "a Friday to the end", .at = "2026-11-27T16:59:59Z"},
    {.name = "a Friday at six", .at = "2026-11-27T17:00:00Z", .lacks = "context.time.tod"},
    {.name = "a Saturday", .at = "2026-11-28T11:00:00Z", .lacks = "context.time.dow is 6"},
    {.name = "a Sunday", .at = "2026-11-29T11:00:00Z", .lacks = "context.time.dow is 7"},
    {.name = "Sunday in Berlin to the last second",
     .at = "2026-11-22T22:59:59Z",
     .lacks = "time.dow is 7"},
    {.name = "Monday in Berlin, Sunday in UTC",
     .at = "2026-11-22T23:00:00Z",
     .lacks = "context.time.tod"},
    {.name = "the first address", .at = "2026-11-23T11:00:00Z", .forwarded = "10.1.0.0"},
    {.name = "the last address", .at = "2026-11-23T11:00:00Z", .forwarded = "10.1.255.255"},
    {.name = "one below",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "10.0.255.255",
     .lacks = "10.0.255.255"},
    {.name = "one above",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "10.2.0.0",
     .lacks = "10.2.0.0"},
    {.name = "with a port", .at = "2026-11-23T11:00:00Z", .forwarded = "10.1.2.3:4711"},
    {.name = "written as IPv6", .at = "2026-11-23T11:00:00Z", .forwarded = "::ffff:10.1.2.3"},
    {.name = "IPv6",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "2001:db8::1",
     .lacks = "context.source.ip"},
    {.name = "not attested",
     .at = "2026-11-23T11:00:00Z",
     .level = 0,
     .lacks = "context.attest.level is 0"},
    {.name = "one level too low",
     .at = "2026-11-23T11:00:00Z",
     .level = 1,
     .lacks = "attest.level is 1"},
    {.name = "one level more", .at = "2026-11-23T11:00:00Z", .level = 3},
    {.name = "the best level", .at = "2026-11-23T11:00:00Z", .level = 4},
    {.name = "before summer time: a second before",
     .at = "2026-03-27T06:59:59Z",
     .lacks = "context.time.tod"},
    {.name = "before summer time: eight", .at = "2026-03-27T07:00:00Z"},
    {.name = "the Sunday clocks go forward",
     .at = "2026-03-29T06:00:00Z",
     .lacks = "context.time.dow is 7"},
    {.name = "in summer time: a second before",
     .at = "2026-03-30T05:59:59Z",
     .lacks = "context.time.tod"},
    {.name = "in summer time: eight", .at = "2026-03-30T06:00:00Z"},
    {.name = "in summer time: to the end", .at = "2026-03-30T15:59:59Z"},
    {.name = "in summer time: six", .at = "2026-03-30T16:00:00Z", .lacks = "context.time.tod"},
    {.name = "the last Friday of summer time", .at = "2026-10-23T06:00:00Z"},
    {.name = "the Sunday clocks go back",
     .at = "2026-10-25T07:00:00Z",
     .lacks = "context.time.dow is 7"},
    {.name = "in winter time again: too early",
     .at = "2026-10-26T06:00:00Z",
     .lacks = "context.time.tod"},
    {.name = "in winter time again: eight", .at = "2026-10-26T07:00:00Z"},
    {.name = "in winter time again: late", .at = "2026-10-26T16:59:59Z"},
    {.name = "no MaxMind file",
     .at = "2026-11-23T11:00:00Z",
     .world = World::no_mmdb,
     .lacks = "context.source.country is absent"},
    {.name = "a broken MaxMind file",
     .at = "2026-11-23T11:00:00Z",
     .world = World::broken_mmdb,
     .lacks = "context.source.country is absent"},
    {.name = "another country",
     .at = "2026-11-23T11:00:00Z",
     .world = World::abroad,
     .lacks = "context.source.country is \"FR\""},
    {.name = "a forged beginning",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "10.1.2.3, 203.0.113.9",
     .lacks = "203.0.113.9"},
    {.name = "forged without a proxy",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "10.1.2.3",
     .world = World::no_proxy,
     .lacks = "127.0.0.1"},
    {.name = "a proxy that says nothing",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "",
     .lacks = "127.0.0.1"},
    {.name = "a proxy that says no address",
     .at = "2026-11-23T11:00:00Z",
     .forwarded = "unknown",
     .lacks = "context.source.ip is absent"},
    {.name = "all of it wrong",
     .at = "2026-11-28T20:00:00Z",
     .forwarded = "10.2.0.0",
     .level = 1,
     .world = World::abroad,
     .lacks = "context.attest.level is 1"},
};

TEST_CASE("scenario: an agent in office hours, at every boundary, over HTTP") {
  static_assert(std::size(rows) >= 40);
  auto made = net::make_client({.plain_http = true, .proxy = net::ProxySettings{}});
  REQUIRE(made.has_value());
  auto const client = *std::move(made);
  std::map<World, std::unique_ptr<Office>> offices;
  for (auto const& row : rows) {
    CAPTURE(row.name);
    auto& office = offices[row.world];
    if (!office) office = std::make_unique<Office>(row.world);
    auto const reply = office->ask(*client, row.at, row.forwarded, row.level);
    CAPTURE(reply.body);
    CHECK(reply.status == (row.lacks.empty() ? 200 : 403));
    if (row.lacks.empty()) continue;
    auto const problem = parse_json(reply.body);
    REQUIRE(problem.has_value());
    auto const detail = problem->text_at("detail");
    CHECK(detail.starts_with("finding.read is denied to ledger: "));
    CHECK(detail.contains("office-hours needs "));
    CHECK(detail.contains(row.lacks));
  }
}

}  // namespace
}  // namespace reeve::server
