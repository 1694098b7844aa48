#include "pdp/context.hpp"

#include <doctest/doctest.h>

namespace reeve::pdp {
namespace {

TEST_CASE("context: where a call comes from cannot be said by whoever calls") {
  auto const trusted = parse_networks("10.0.0.0/8, 2001:db8::/32,127.0.0.1");
  REQUIRE(trusted.has_value());
  struct Case {
    std::string name, peer, forwarded, want;
  };
  Case const cases[] = {
      {"no proxy", "203.0.113.9", "", "203.0.113.9/32"},
      {"a list from a stranger is worth nothing", "203.0.113.9", "10.1.2.3", "203.0.113.9/32"},
      {"one proxy", "10.0.0.1", "203.0.113.9", "203.0.113.9/32"},
      {"a forged beginning", "10.0.0.1", "10.1.2.3, 203.0.113.9", "203.0.113.9/32"},
      {"two proxies", "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9/32"},
      {"a caller inside", "10.0.0.1", "10.1.2.3", "10.1.2.3/32"},
      {"all of them trusted", "10.0.0.1", "10.1.2.3,10.0.0.2", "10.1.2.3/32"},
      {"a proxy that says nothing", "10.0.0.1", "", "10.0.0.1/32"},
      {"what is no address", "10.0.0.1", "unknown", ""},
      {"what is no address behind one", "10.0.0.1", "203.0.113.9, _hidden", ""},
      {"a network is no address", "10.0.0.1", "203.0.113.0/24", ""},
      {"an empty member", "10.0.0.1", "203.0.113.9,", ""},
      {"with a port", "10.0.0.1", "203.0.113.9:4711", "203.0.113.9/32"},
      {"IPv6 with a port", "10.0.0.1", "[2001:db9::1]:4711", "2001:db9:0:0:0:0:0:1/128"},
      {"IPv6", "2001:db8::5", "2001:db9::1", "2001:db9:0:0:0:0:0:1/128"},
      {"IPv4 written as IPv6", "::ffff:203.0.113.9", "", "203.0.113.9/32"},
      {"a proxy written as IPv6", "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9/32"},
      {"a unix socket", "unix", "203.0.113.9", ""},
      {"nobody", "", "", ""},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const ip = source_of(c.peer, c.forwarded, *trusted);
    CHECK((ip ? cedar::to_string(*ip) : "") == c.want);
  }
  CHECK(parse_networks("10.0.0.0/33").error().code() == Errc::invalid);
  CHECK(parse_networks("")->empty());
}

TEST_CASE("context: what was not seen is not there") {
  auto const context = make_context({.peer = "unix"}, {}, from_micros(1'772'366'400'000'000));
  CHECK(context.find("source")->object()->empty());
  CHECK_FALSE(context.find("on_behalf_of"));
  CHECK_FALSE(context.find("request_id"));
  CHECK(context.find("attest")->find("level")->integer());
  CHECK(context.find("time")->text_at("now") == "2026-03-01T12:00:00.000Z");
  CHECK(*context.find("time")->find("dow")->integer() == 7);
  CHECK(context.find("time")->text_at("tod") == "43200000ms");
}

TEST_CASE("context: the chain names its ends, and further facts do not replace these") {
  Facts facts{.peer = "10.0.0.1", .chain = {{"agent", "bot"}, {"credential", "token:tok_1"}}};
  facts.more.add("time", Json().add("now", "1970-01-01")).add("tool", Json().add("server", "s"));
  auto const context = make_context(facts, {}, from_micros(1'772'366'400'000'000));
  CHECK(context.find("actor")->find("root")->text_at("id") == "agent:bot");
  CHECK(context.find("actor")->find("immediate")->text_at("id") == "credential:token:tok_1");
  CHECK(*context.find("delegation_depth")->integer() == 1);
  CHECK(context.find("time")->text_at("now").starts_with("2026"));
  CHECK(context.find("tool")->text_at("server") == "s");
}

}  // namespace
}  // namespace reeve::pdp
