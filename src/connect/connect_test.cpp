#include <doctest/doctest.h>

#include <algorithm>

#include "connect/action.hpp"
#include "connect/conformance.hpp"
#include "connect/connector.hpp"
#include "connect/retry.hpp"

namespace reeve::connect {
namespace {

constexpr Permission permissions[] = {
    {ObjectClass::identity, Purpose::discover, "READ", "grant read on {subject} to {account}"}};
constexpr Act acts[] = {{"lamp", ObjectClass::identity, true, "Switches a lamp.", "READ"},
                        {"smash", ObjectClass::identity, false, "Smashes a lamp.", "READ"}};
constexpr Info lamps{.kind = "lamps", .title = "Lamps", .permissions = permissions, .acts = acts};

/// A source of one page that answers errors first.
class Flaky final : public Connector {
 public:
  explicit Flaky(std::vector<Errc> errors) : errors_(std::move(errors)) {}
  Info const& info() const override { return lamps; }
  std::string_view source() const override { return "attic"; }
  int calls = 0;

 private:
  Result<Check> do_check(Instant) override { return Check{}; }
  Result<Page> do_enumerate(std::string_view) override {
    if (auto const at = std::size_t(calls++); at < errors_.size()) return fail(errors_[at], "no");
    return Page{};
  }
  Result<std::vector<Coverage>> do_coverage() override { return std::vector<Coverage>{}; }

  std::vector<Errc> errors_;
};

struct Clock {
  Instant now{std::chrono::days(20'000)};
  Duration waited{};

  Patience patience(Duration time) {
    return {.now = [this] { return now; },
            .wait = [this](Duration wait) -> Result<> {
              now += wait;
              waited += wait;
              return {};
            },
            .random = [] { return ~std::uint64_t(0); },
            .deadline = now + time};
  }
};

TEST_CASE("connect: what may work later is tried again, what will not is tried once") {
  using enum Errc;
  struct Case {
    char const* name;
    std::vector<Errc> errors;
    int calls;
    bool served;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"served", {}, 1, true},
           {"throttled twice", {rate_limited, rate_limited}, 3, true},
           {"down for ever", std::vector<Errc>(9, unavailable), 5, false},
           {"a wrong password is not tried again", {unauthenticated}, 1, false},
           {"denied", {denied}, 1, false},
           {"garbage", {corrupt}, 1, false}}) {
    CAPTURE(c.name);
    Flaky connector(c.errors);
    Clock clock;
    Pace pace({});
    auto const page =
        enumerate_patiently(connector, "", pace, clock.patience(std::chrono::hours(1)));
    CHECK(page.has_value() == c.served);
    CHECK(connector.calls == c.calls);
  }
}

TEST_CASE("connect: a run does not wait past its deadline") {
  Flaky connector(std::vector<Errc>(9, Errc::unavailable));
  Clock clock;
  Pace pace({});
  auto const page =
      enumerate_patiently(connector, "", pace, clock.patience(std::chrono::milliseconds(900)));
  REQUIRE(!page);
  CHECK(page.error().code() == Errc::timeout);
  CHECK(clock.waited <= std::chrono::milliseconds(900));
}

TEST_CASE("connect: the wait grows to a bound and is never longer") {
  auto const most = [](int attempt) {
    Duration max{};
    for (std::uint64_t r = 0; r < 70'000'000; r += 999'983)
      max = std::max(max, backoff(attempt, r));
    return max;
  };
  CHECK(backoff(3, 0) == Duration::zero());
  CHECK(most(0) <= std::chrono::milliseconds(500));
  CHECK(most(2) <= std::chrono::seconds(2));
  CHECK(most(2) > std::chrono::seconds(1));
  CHECK(most(1000) <= std::chrono::seconds(60));
}

TEST_CASE("connect: a bucket lets a burst through and then keeps the rate") {
  Pace pace({.per_second = 10, .burst = 3});
  Instant const now{std::chrono::days(20'000)};
  for (int at = 0; at < 3; ++at) CHECK(pace.take(now) == Duration::zero());
  CHECK(pace.take(now) == std::chrono::milliseconds(100));
  CHECK(pace.take(now + std::chrono::milliseconds(100)) == std::chrono::milliseconds(100));
  CHECK(pace.take(now + std::chrono::hours(1)) == Duration::zero());
}

TEST_CASE("connect: a fix names account and subject, or leaves the place open") {
  CHECK(fill_in("grant read on {subject} to {account}", "scan", "db") ==
        "grant read on db to scan");
  CHECK(fill_in("grant to {account}", "", "") == "grant to {account}");
  CHECK(fill_in("{account}", "{account}", "") == "{account}");
}

TEST_CASE("connect: a source without a log of use says so") {
  auto const answer = Flaky({}).usage_since(Instant{}, "");
  REQUIRE(!answer);
  CHECK(answer.error().code() == Errc::unsupported);
}

struct Lamp {
  std::string state = "on";
};

class LampChanger final : public Changer {
 public:
  explicit LampChanger(Lamp& lamp, bool deaf = false, bool careless = false)
      : lamp_(lamp), deaf_(deaf), careless_(careless) {}
  Info const& info() const override { return lamps; }
  std::string_view source() const override { return "attic"; }

 private:
  Result<Plan> do_plan(Action const& action) override {
    Plan plan;
    if (action.kind == "off")
      plan.steps.push_back(
          {"lamp", "1", "The lamp goes off.", lamp_.state, "off", true, "", "off"});
    if (action.kind == "smash")
      plan.steps.push_back(
          {"smash", "1", "Smash.", lamp_.state, "smashed", false, "glass", "bang"});
    if (plan.steps.empty()) return fail(Errc::invalid, "no such action");
    return plan;
  }
  Result<ApplyOutcome> do_apply(Step const& step) override {
    if (lamp_.state != step.before && !careless_)
      return fail(Errc::conflict, "it is " + lamp_.state);
    lamp_.state = step.after;
    if (deaf_) return fail(Errc::timeout, "no answer");
    return ApplyOutcome{Outcome::done};
  }
  Result<Verdict> do_verify(Step const& step) override {
    return Verdict{lamp_.state == step.after ? Truth::yes : Truth::no, lamp_.state};
  }
  Step do_undo(Step inverse) const override { return inverse; }

  Lamp& lamp_;
  bool deaf_, careless_;
};

ActBench bench(Lamp& lamp, bool careless) {
  return {
      .connect = [&lamp, careless] { return std::make_unique<LampChanger>(lamp, false, careless); },
      .connect_deaf = [&lamp] { return std::make_unique<LampChanger>(lamp, true); },
      .reset = [&lamp] { lamp = {}; },
      .world = [&lamp] { return lamp.state; },
      .actions = {{"off", "1", {}}, {"smash", "1", {}}}};
}

TEST_CASE("connect: an actor that looks before it leaps keeps the promises") {
  Lamp lamp;
  for (auto const& promise : broken_acts(bench(lamp, /*careless=*/false))) FAIL_CHECK(promise);
}

TEST_CASE("connect: the suite notices an actor that ignores what the world was") {
  Lamp lamp;
  auto const broken = broken_acts(bench(lamp, /*careless=*/true));
  CHECK(std::ranges::any_of(broken, [](auto const& s) { return s.contains("moved on"); }));
}

TEST_CASE("connect: one key has one effect and belongs to one step") {
  Lamp lamp;
  LampChanger actor(lamp);
  auto const step = actor.plan({"off", "1", {}})->steps.at(0);
  CHECK(actor.apply(step, "").outcome == Outcome::rejected);
  CHECK(actor.apply(step, "k").outcome == Outcome::done);
  lamp.state = "on";  // somebody else
  CHECK(actor.apply(step, "k").outcome == Outcome::done);
  CHECK(lamp.state == "on");
  auto other = step;
  other.subject = "2";
  CHECK(actor.apply(other, "k").outcome == Outcome::rejected);
  CHECK(!actor.undo(actor.plan({"smash", "1", {}})->steps.at(0)));
}

}  // namespace
}  // namespace reeve::connect
