// A service on stores of its own, with one kind of source that lives in memory, for tests of the
// API as its clients see it.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "net/http_fake.hpp"
#include "pdp/engine_fake.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {

inline constexpr Instant test_now = from_micros(1'772'359'200'000'000);

inline constexpr connect::Permission fake_permissions[] = {
    {ObjectClass::identity, connect::Purpose::discover, "read", "grant read to {account}"},
    {ObjectClass::person, connect::Purpose::discover, "read people", "grant people to {account}"}};
inline constexpr connect::Option fake_options[] = {
    {.name = "count", .type = connect::Option::Type::number, .fallback = "3", .help = "how many"}};
inline constexpr connect::Info fake_info{.kind = "fake",
                                         .title = "Fake",
                                         .permissions = fake_permissions,
                                         .help = "Accounts made up for tests.",
                                         .options = fake_options,
                                         .rate = {1e6, 1'000'000}};

/// Accounts "app0"…, one person.
class FakeConnector final : public connect::Connector {
 public:
  FakeConnector(std::string source, std::int64_t count)
      : source_(std::move(source)), count_(count) {}
  connect::Info const& info() const override { return fake_info; }
  std::string_view source() const override { return source_; }

 private:
  Result<connect::Check> do_check(Instant) override { return connect::Check{.account = "me"}; }
  Result<Page> do_enumerate(std::string_view) override {
    Page out;
    for (std::int64_t n = 0; n < count_; ++n) {
      auto const id = "app" + std::to_string(n);
      out.observations.push_back(
          {Identity{.native_id = id, .name = id, .kind = "account"}, "fake " + id});
    }
    out.observations.push_back({Person{.native_id = "ada", .name = "Ada"}, "fake ada"});
    return out;
  }
  Result<std::vector<Coverage>> do_coverage() override {
    return std::vector<Coverage>{{ObjectClass::identity, CoverageState::complete},
                                 {ObjectClass::person, CoverageState::complete}};
  }

  std::string source_;
  std::int64_t count_;
};

inline std::vector<connect::Kind> const& fake_kinds() {
  static std::vector<connect::Kind> const all{
      {fake_info,
       [](std::string source, connect::Settings const& settings,
          connect::Fingerprint const&) -> Result<std::unique_ptr<connect::Connector>> {
         return std::make_unique<FakeConnector>(std::move(source), settings.number("count"));
       },
       {}}};
  return all;
}

/// Whoever calls is an owner, or who `caller` says.
struct FakeGate final : Gate {
  Caller who{"token:tok_1", "owner"};
  Result<Caller> caller(net::Call&) override { return who; }
};

class FakeService {
 public:
  explicit FakeService(pdp::Surroundings surroundings = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "reeve-server-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()));
    folder_ = pattern;
    auto places = places_of("sqlite://" + folder_ + "/look.db", {});
    REQUIRE(places.has_value());
    auto opened = Service::open({.places = *std::move(places),
                                 .rules = "",
                                 .kinds = fake_kinds(),
                                 .environment = [](auto const&) { return std::nullopt; },
                                 .now = [this] { return now; },
                                 .surroundings = std::move(surroundings)});
    REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().to_string()));
    service = *std::move(opened);
  }
  ~FakeService() {
    service.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  FakeService(FakeService const&) = delete;
  FakeService& operator=(FakeService const&) = delete;

  using Fields = std::vector<std::pair<std::string, std::string>>;
  net::Response call(std::string method, std::string target, std::string body = "",
                     Fields fields = {}) {
    calls_.push_back(std::make_unique<net::FakeCall>(std::move(method), std::move(target),
                                                     std::move(body), std::move(fields)));
    Api api{*service, gate, *decisions};
    return serve(api, *calls_.back());
  }
  /// The body of an answer, whose status must be `status`.
  Json json(std::string method, std::string target, std::string body = "", int status = 200) {
    auto const response = call(std::move(method), std::move(target), std::move(body));
    CAPTURE(response.text());
    REQUIRE(response.status == status);
    auto out = parse_json(response.text());
    REQUIRE(out.has_value());
    return *std::move(out);
  }
  /// Looks once at a source of three accounts.
  void discover() {
    inventory::SourceConfig const sources[] = {{"lab", "fake", {}}};
    auto const report = service->discover(sources, {});
    REQUIRE_MESSAGE(report.has_value(), (report ? "" : report.error().to_string()));
    REQUIRE(report->outcomes[0].complete);
  }

  Instant now = test_now;
  FakeGate gate;
  std::unique_ptr<pdp::Engine> decisions = pdp::engine_without({});
  std::unique_ptr<Service> service;

 private:
  std::string folder_;
  std::vector<std::unique_ptr<net::FakeCall>> calls_;  ///< A streamed body needs its call.
};

}  // namespace reeve::server
