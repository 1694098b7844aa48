#include "remedy/engine.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "remedy/changer_fake.hpp"
#include "remedy/holder.hpp"
#include "remedy/test_must.hpp"
#include "sql/linted.hpp"
#include "sql/store.hpp"
#include "sql/test_databases.hpp"

namespace reeve::remedy {
namespace {

using Mood = FakeChanger::Mood;
constexpr Instant noon = from_micros(1'772'359'200'000'000);

connect::Step turn(std::string const& name, bool reversible = true) {
  return {.kind = reversible ? "switch" : "fuse",
          .subject = name,
          .title = "Turn " + name + " off.",
          .before = "on",
          .after = "off",
          .reversible = reversible,
          .loss = reversible ? "" : "it stays blown",
          .preview = name + ": on -> off"};
}

/// A house with a lamp, a heater and a fuse, all on, and a journal.
class House {
 public:
  explicit House(std::string url) : world(folder_.path + "/world"), url_(std::move(url)) {
    for (auto const* name : {"lamp", "fuse", "heater"}) ok(world.set(name, "on"));
    auto const store = open();
    ok(create_plans(*must(store->writer())));
  }

  std::unique_ptr<sql::Store> open() const {
    return must(sql::Store::open(url_, sql::Durability::durable));
  }
  Tools tools(Mood mood = Mood::well) const {
    return {.open = [this, mood](Plan const&) -> Result<std::unique_ptr<connect::Changer>> {
              return std::make_unique<FakeChanger>(world, mood);
            },
            .now = [] { return noon; },
            .note = [this](Deed const& deed) { return note(deed); }};
  }
  /// What was put on record, "apply 1 begun", oldest first; it outlives the process.
  std::vector<std::string> record() const {
    std::vector<std::string> out;
    auto const text = must(read_file(folder_.path + "/record", 1 << 20));
    for (auto const line : split(text, '\n'))
      if (!line.empty()) out.emplace_back(line);
    return out;
  }
  void forget() const { ok(write_file_atomically(folder_.path + "/record", "", 0600)); }
  PlanId plan_all(sql::Store& store, std::int64_t finding = 0) const {
    Plan plan{.finding = {finding},
              .rule = "T-1",
              .kind = "turn_off",
              .source = "house",
              .source_kind = "fake",
              .subject = "all",
              .title = "Turn all off",
              .created_by = "local:anna",
              .created = noon};
    plan.about.add("uses_now", "the cat");
    plan.steps = {{turn("lamp")}, {turn("fuse", false)}, {turn("heater")}};
    ok(store.commit([&](sql::Database& db) { return add(db, plan); }));
    return plan.id;
  }
  std::string const& url() const { return url_; }
  std::string state_of(char const* name) const { return world.all()[name]; }
  mutable bool paper_is_out = false;  ///< Nothing can be put on record.

 private:
  Result<> note(Deed const& deed) const {
    if (paper_is_out) return fail(Errc::unavailable, "the paper is out");
    constexpr char const* words[] = {"begun", "done", "failed", "unknown"};
    auto const path = folder_.path + "/record";
    auto const before = read_file(path, 1 << 20);
    return write_file_atomically(
        path,
        (before ? *before : "") + std::string(deed.verb) + " " + std::to_string(deed.step) + " " +
            words[std::size_t(deed.what)] + (deed.recovered ? " recovered" : "") + "\n",
        0600);
  }

  test::Folder const folder_;

 public:
  FakeWorld const world;

 private:
  std::string url_;
};

Plan read(sql::Store& store, PlanId id) {
  auto const db = must(store.reader());
  return must(plan(*db, id));
}

/// Each kind of database in turn, with its name.
template <class Body>
void on_each_database(Body const& body) {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    House const house(url);
    body(house);
  }
}

/// Runs `work` in a process of its own that ends by SIGKILL at `place`; false: it did not get
/// there.
bool killed_at(std::string const& place, std::function<void()> const& work) {
  auto const child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv("REEVE_CRASH_AT", place.c_str(), 1);
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/// Each step was begun before it was done, and the plan was done last.
void check_record(House const& house, std::string const& verb,
                  std::vector<std::string> const& steps) {
  auto const lines = house.record();
  auto const at = [&](std::string const& step, std::string const& what) {
    return std::ranges::find_if(lines, [&](std::string const& line) {
      return line.starts_with(verb + " " + step + " " + what);
    });
  };
  for (auto const& step : steps) {
    CAPTURE(step);
    CHECK(at(step, "begun") < at(step, "done"));
    CHECK(at(step, "done") < lines.end());
  }
  REQUIRE_FALSE(lines.empty());
  CHECK(lines.back().starts_with(verb + " 0 done"));
}

TEST_CASE("remedy: a plan that is applied changes the world, and undo brings back what it can") {
  on_each_database([](House const& house) {
    auto const store = house.open();
    auto const id = house.plan_all(*store);
    auto const done = must(apply(*store, house.tools(), id, "local:ben"));
    CHECK(done.state == PlanState::done);
    CHECK(done.created_by == "local:anna");
    CHECK(done.changed_by == "local:ben");
    for (auto const* name : {"lamp", "fuse", "heater"}) CHECK(house.state_of(name) == "off");
    for (auto const& step : read(*store, id).steps) CHECK(step.state == StepState::verified);

    CHECK(must(undo(*store, house.tools(), id, "local:ben")).state == PlanState::undone);
    CHECK(house.state_of("lamp") == "on");
    CHECK(house.state_of("heater") == "on");
    CHECK(house.state_of("fuse") == "off");
    auto const after = read(*store, id);
    CHECK(after.steps[0].state == StepState::undone);
    CHECK(after.steps[1].state == StepState::verified);

    auto const again = apply(*store, house.tools(), id, "local:ben");
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().to_string() == "plan " + to_string(id) + " is undone [conflict]");
  });
}

TEST_CASE("remedy: killed at any point of a plan, the next start ends it and the world agrees") {
  on_each_database([](House const& house) {
    for (std::string const place :
         {"plan:begin", "plan:step:1:intent", "plan:step:1:before", "plan:step:1:after",
          "plan:step:1:done", "plan:step:1:noted", "plan:step:2:intent", "plan:step:2:before",
          "plan:step:2:after", "plan:step:2:done", "plan:step:2:noted", "plan:step:3:intent",
          "plan:step:3:before", "plan:step:3:after", "plan:step:3:done", "plan:step:3:noted",
          "plan:commit", "plan:noted"}) {
      CAPTURE(place);
      house.forget();
      for (auto const* name : {"lamp", "fuse", "heater"}) ok(house.world.set(name, "on"));
      PlanId id;
      {
        auto const store = house.open();
        id = house.plan_all(*store);
      }
      CHECK(killed_at(place, [&] {
        auto const store = sql::Store::open(house.url(), sql::Durability::durable);
        auto const done = store ? apply(**store, house.tools(), id, "local:ben") : Result<Plan>();
        (void)done;
      }));
      auto const store = house.open();
      CHECK(read(*store, id).state == PlanState::started);
      auto const went = must(recover(*store, house.tools()));
      REQUIRE(went.size() == 1);
      CHECK(went[0].state == PlanState::done);
      for (auto const& step : read(*store, id).steps) CHECK(step.state == StepState::verified);
      for (auto const* name : {"lamp", "fuse", "heater"}) CHECK(house.state_of(name) == "off");
      CHECK(must(recover(*store, house.tools())).empty());
      check_record(house, "apply", {"1", "2", "3"});
    }
  });
}

TEST_CASE("remedy: killed at any point of an undo, the next start ends it and the world agrees") {
  on_each_database([](House const& house) {
    for (std::string const place :
         {"undo:begin", "undo:step:3:intent", "undo:step:3:before", "undo:step:3:after",
          "undo:step:3:noted", "undo:step:1:intent", "undo:step:1:before", "undo:step:1:after",
          "undo:step:1:noted", "undo:commit", "undo:noted"}) {
      CAPTURE(place);
      for (auto const* name : {"lamp", "fuse", "heater"}) ok(house.world.set(name, "on"));
      PlanId id;
      {
        auto const store = house.open();
        id = house.plan_all(*store);
        must(apply(*store, house.tools(), id, "local:ben"));
        house.forget();
      }
      CHECK(killed_at(place, [&] {
        auto const store = sql::Store::open(house.url(), sql::Durability::durable);
        auto const done = store ? undo(**store, house.tools(), id, "local:ben") : Result<Plan>();
        (void)done;
      }));
      auto const store = house.open();
      CHECK(read(*store, id).state == PlanState::undoing);
      CHECK(must(recover(*store, house.tools())).size() == 1);
      auto const after = read(*store, id);
      CHECK(after.state == PlanState::undone);
      CHECK(after.steps[0].state == StepState::undone);
      CHECK(after.steps[2].state == StepState::undone);
      CHECK(house.state_of("lamp") == "on");
      CHECK(house.state_of("heater") == "on");
      CHECK(house.state_of("fuse") == "off");
      check_record(house, "undo", {"3", "1"});
    }
  });
}

TEST_CASE("remedy: what cannot be put on record is not begun, and no plan is done without it") {
  on_each_database([](House const& house) {
    auto const store = house.open();
    auto const id = house.plan_all(*store);
    house.paper_is_out = true;
    auto const stopped = must(apply(*store, house.tools(), id, "local:ben"));
    CHECK(stopped.state == PlanState::failed);
    CHECK(stopped.note.starts_with("step 1: not begun: note it: the paper is out [unavailable]"));
    CHECK(house.state_of("lamp") == "on");
    house.paper_is_out = false;
    CHECK(must(apply(*store, house.tools(), id, "local:ben")).state == PlanState::done);
    house.paper_is_out = true;
    CHECK(must(undo(*store, house.tools(), id, "local:ben")).state == PlanState::failed);
    CHECK(house.state_of("lamp") == "off");
  });
}

TEST_CASE("remedy: a deed that was done and not noted is noted by the next try") {
  on_each_database([](House const& house) {
    auto const store = house.open();
    auto const id = house.plan_all(*store);
    house.forget();
    auto tools = house.tools();
    int notes = 0;
    tools.note = [&, note = tools.note](Deed const& deed) -> Result<> {
      if (++notes == 2) return fail(Errc::unavailable, "the paper is out");
      return note(deed);
    };
    auto const stopped = must(apply(*store, tools, id, "local:ben"));
    CHECK(stopped.state == PlanState::failed);
    CHECK(house.state_of("lamp") == "off");
    CHECK(house.state_of("heater") == "on");
    CHECK(read(*store, id).steps[0].state == StepState::done);
    CHECK(must(apply(*store, tools, id, "local:ben")).state == PlanState::done);
    check_record(house, "apply", {"1", "2", "3"});
  });
}

TEST_CASE("remedy: what became of a step is told by the world, not by the answer") {
  struct Case {
    char const* name;
    Mood mood;
    PlanState plan;
    StepState first;
    char const* lamp;
    char const* note;
  };
  on_each_database([](House const& house) {
    for (auto const& c : std::initializer_list<Case>{
             {"the answer is lost", Mood::deaf, PlanState::done, StepState::verified, "off", ""},
             {"the call is lost", Mood::lost, PlanState::failed, StepState::failed, "on",
              "step 1: the line is cut [unavailable]"},
             {"not allowed", Mood::denied, PlanState::failed, StepState::failed, "on",
              "step 1: not yours [denied]; needs: TURN; to give it: allow turning of lamp"},
             {"nothing is seen", Mood::blind, PlanState::failed, StepState::failed, "on",
              "step 1: not tried, because the world cannot be seen: it is dark [unavailable]"}}) {
      CAPTURE(c.name);
      for (auto const* name : {"lamp", "fuse", "heater"}) ok(house.world.set(name, "on"));
      auto const store = house.open();
      auto const id = house.plan_all(*store);
      CHECK(must(apply(*store, house.tools(c.mood), id, "local:ben")).note == c.note);
      auto const plan = read(*store, id);
      CHECK(plan.state == c.plan);
      CHECK(plan.note == c.note);
      CHECK(plan.steps[0].state == c.first);
      CHECK(house.state_of("lamp") == c.lamp);
      if (c.plan == PlanState::failed)
        CHECK(must(apply(*store, house.tools(), id, "local:ben")).state == PlanState::done);
    }
  });
}

TEST_CASE("remedy: a step that was sent and cannot be seen stays unknown until it can") {
  on_each_database([](House const& house) {
    PlanId id;
    {
      auto const store = house.open();
      id = house.plan_all(*store);
    }
    CHECK(killed_at("plan:step:1:after", [&] {
      auto const store = sql::Store::open(house.url(), sql::Durability::durable);
      auto const done = store ? apply(**store, house.tools(), id, "local:ben") : Result<Plan>();
      (void)done;
    }));
    auto const store = house.open();
    must(recover(*store, house.tools(Mood::blind)));
    auto const stuck = read(*store, id);
    CHECK(stuck.state == PlanState::started);
    CHECK(stuck.steps[0].state == StepState::unknown);
    CHECK(stuck.note == "step 1: it is dark [unavailable]");
    // Nothing else may touch the subject meanwhile.
    auto const other = apply(*store, house.tools(), house.plan_all(*store), "local:ben");
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().code() == Errc::conflict);

    SUBCASE("until somebody can see again") {
      must(recover(*store, house.tools()));
      CHECK(read(*store, id).state == PlanState::done);
    }
    SUBCASE("or until somebody gives it up") {
      must(give_up(*store, house.tools(), id, "local:ben"));
      CHECK(read(*store, id).state == PlanState::failed);
      CHECK(must(undo(*store, house.tools(), id, "local:ben")).state == PlanState::undone);
      CHECK(house.state_of("lamp") == "on");
    }
  });
}

TEST_CASE("remedy: a world that moved on since the preview is left alone") {
  on_each_database([](House const& house) {
    auto const store = house.open();
    auto const id = house.plan_all(*store);
    ok(house.world.set("heater", "broken"));
    auto const plan = must(apply(*store, house.tools(), id, "local:ben"));
    CHECK(plan.state == PlanState::failed);
    CHECK(plan.note == "step 3: heater is not as planned [conflict]");
    CHECK(house.state_of("heater") == "broken");
    CHECK(must(undo(*store, house.tools(), id, "local:ben")).note.starts_with("undo step 3"));
    CHECK(house.state_of("heater") == "broken");
  });
}

TEST_CASE("remedy: who lost a plan to another process writes nothing more") {
  on_each_database([](House const& house) {
    auto const store = house.open();
    auto const id = house.plan_all(*store);
    Hold const ours{"us", "local:ben", noon, noon}, theirs{"them", "local:ben", noon, noon};
    ok(store->commit([&](sql::Database& db) {
      return take(db, id, {PlanState::planned}, PlanState::started, ours);
    }));
    ok(store->commit([&](sql::Database& db) { return take_over(db, id, "us", theirs); }));
    auto const late = store->commit(
        [&](sql::Database& db) { return set_step(db, id, 0, StepState::done, "", ours); });
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().code() == Errc::conflict);
    CHECK(read(*store, id).steps[0].state == StepState::planned);
  });
}

TEST_CASE("remedy: a new preview of a finding takes the place of the old one") {
  on_each_database([](House const& house) {
    auto const store = house.open();
    house.plan_all(*store, 7);
    auto const second = house.plan_all(*store, 7);
    auto const third = house.plan_all(*store, 8);
    auto const db = must(store->reader());
    CHECK(must(plans(*db)).size() == 2);
    CHECK(must(planned_for(*db, {7})) == second);
    CHECK(must(planned_for(*db, {9})) == PlanId{});
    CHECK(must(plan(*db, third)).about.text_at("uses_now") == "the cat");
    CHECK(plan(*db, {99}).error().code() == Errc::not_found);
  });
}

TEST_CASE("remedy: a process is told from its successor with the same pid") {
  auto const ours = this_holder();
  CHECK(life_of(ours) == Life::alive);
  auto const pid = ours.rfind('/');
  CHECK(life_of(ours.substr(0, pid) + "/1") == Life::gone);
  CHECK(life_of("another-boot/pid:[1]/1/1") == Life::unknown);
  CHECK(life_of("") == Life::unknown);
}

TEST_CASE("remedy: the journal speaks SQL that both databases understand") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    auto const real = must(sql::open(url, sql::Durability::durable));
    sql::LintedDatabase db(*real);
    ok(create_plans(db));
    auto transaction = must(sql::Transaction::begin(db));
    Plan one{.source = "house", .subject = "all", .steps = {{turn("lamp")}}};
    ok(add(db, one));
    Hold const hold{"us", "local:ben", noon, noon};
    ok(take(db, one.id, {PlanState::planned}, PlanState::started, hold));
    ok(take_over(db, one.id, "us", hold));
    ok(set_step(db, one.id, 0, StepState::done, "", hold));
    ok(finish(db, one.id, PlanState::done, "", hold));
    CHECK(must(plan(db, one.id)).steps.size() == 1);
    CHECK(must(plans(db, "done")).size() == 1);
    CHECK(must(planned_for(db, {1})) == PlanId{});
    ok(transaction.commit());
  }
}

}  // namespace
}  // namespace reeve::remedy
