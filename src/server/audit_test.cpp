#include "server/audit.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "base/file.hpp"
#include "server/service_fake.hpp"

namespace reeve::server {
namespace {

constexpr char add_source[] = R"({"kind":"fake","name":"lab"})";

std::vector<audit::Entry> entries(Service& service) {
  auto& log = **service.audit().writer();
  REQUIRE(log.flush());
  std::vector<audit::Entry> out;
  if (log.size() == 0) return out;
  auto const read = audit::read_entries(log.folder(), log.verifier(), {});
  REQUIRE(read);
  for (auto const& json : *read) out.push_back(*audit::parse_entry(json));
  return out;
}

std::vector<audit::Entry> runs(Service& service) {
  auto out = entries(service);
  std::erase_if(out, [](auto const& entry) { return entry.kind != audit::Kind::run; });
  return out;
}

std::unique_ptr<Service> open(Places const& places) {
  auto out = Service::open({.places = places,
                            .rules = "",
                            .kinds = fake_kinds(),
                            .environment = [](auto const&) { return std::nullopt; },
                            .now = [] { return test_now; }});
  REQUIRE_MESSAGE(out.has_value(), (out ? "" : out.error().to_string()));
  return *std::move(out);
}

TEST_CASE("audit: an act is on disk, with who did what to what, before its answer is there") {
  FakeService store;
  store.json("POST", "/v1/source-configs", add_source, 201);
  auto const verdict = verify_audit(store.service->places(), {});
  REQUIRE(verdict);
  CHECK(verdict->checked == 1);
  auto const all = entries(*store.service);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == audit::Kind::act);
  CHECK(all[0].action == "source.add");
  CHECK(all[0].object == "source:lab");
  CHECK(all[0].outcome == "ok");
  CHECK(all[0].request == "fake");
  CHECK(all[0].actors == std::vector<audit::Actor>{{"credential", "token:tok_1"}});
}

TEST_CASE("audit: a denial is on disk before its answer; a failed act says that it failed") {
  FakeService store;
  store.gate.who.role = "reader";
  CHECK(store.call("DELETE", "/v1/source-configs/lab").status == 403);
  CHECK((*store.service->audit().writer())->size() == 1);
  store.gate.who.role = "operator";
  CHECK(store.call("POST", "/v1/source-configs", "{").status == 400);
  auto const all = entries(*store.service);
  REQUIRE(all.size() == 2);
  CHECK(all[0].kind == audit::Kind::denial);
  CHECK(all[0].outcome == "denied");
  CHECK(all[0].object == "source:lab");
  CHECK(all[1].kind == audit::Kind::act);
  CHECK(all[1].outcome == "failed");
}

TEST_CASE("audit: an allowed read is noted; a path that is not there is not") {
  FakeService store;
  store.json("GET", "/v1/identities");
  CHECK(store.call("GET", "/v1/nothing").status == 404);
  auto const all = entries(*store.service);
  REQUIRE(all.size() == 1);
  CHECK(all[0].kind == audit::Kind::read);
  CHECK(all[0].action == "inventory.read");
}

TEST_CASE("audit: no secret of an answer reaches the log") {
  FakeService store;
  auto const made = store.json(
      "POST", "/v1/tokens", R"({"name":"ci","role":"reader","until":"2999-01-01T00:00:00Z"})", 201);
  auto const all = entries(*store.service);
  REQUIRE(all.size() == 1);
  CHECK(all[0].object == "token:" + made.text_at("id"));
  CHECK_FALSE(audit::to_json(all[0]).contains(made.text_at("token")));
}

TEST_CASE("audit: a run has one entry with the root of its change set") {
  FakeService store;
  store.discover();
  store.discover();
  auto const all = runs(*store.service);
  REQUIRE(all.size() == 2);
  CHECK(all[0].object != all[1].object);
  CHECK(all[0].details[0] == std::pair<std::string, std::string>("source", "lab"));
  CHECK(all[0].details[1].first == "change_root");
  CHECK(all[0].details[1].second.size() == 64);
}

TEST_CASE("audit: a plan says what it will do, what came of it, and for whom") {
  FakeService store;
  store.discover();
  REQUIRE(store.service->inventory()
              .commit([](sql::Database& db) {
                return sql::run(db,
                                R"(insert into findings values (900, 'N1-02', 'identity', 1, 1, 1,
                    '', 'high', '', '', 'open', 0, 1, '', 0, null, null))",
                                {});
              })
              .has_value());
  auto const person =
      store.json("GET", "/v1/persons").find("items")->array()->front().text_at("id");
  auto const plan = store.json("POST", "/v1/findings/fnd_900/plan",
                               R"({"parameters":{"person":")" + person + R"("}})", 201);
  auto const id = plan.text_at("id");
  store.json("POST", "/v1/plans/" + id + "/apply", "{}");
  store.json("POST", "/v1/plans/" + id + "/undo", "{}");
  std::vector<std::string> told;
  for (auto const& entry : entries(*store.service)) {
    if (entry.kind != audit::Kind::plan) continue;
    CHECK(entry.object == "plan:" + id);
    CHECK(entry.request == "fake");
    CHECK(entry.actors == std::vector<audit::Actor>{{"credential", "token:tok_1"}});
    bool const step = std::ranges::any_of(entry.details, [](auto const& member) {
      return member == std::pair<std::string, std::string>("step", "1 of 1");
    });
    told.push_back(entry.action + (step ? " step " : " ") + entry.outcome);
  }
  CHECK(told == std::vector<std::string>{"plan.apply step begun", "plan.apply step ok",
                                         "plan.apply ok", "plan.undo step begun",
                                         "plan.undo step ok", "plan.undo ok"});
}

TEST_CASE("audit: killed between a run and its mark, the run is noted once") {
  FakeService store;
  auto const places = store.service->places();
  store.service.reset();
  for (std::string const point : {"audit", "audit:intent", "audit:tiles"}) {
    CAPTURE(point);
    auto const before = runs(*open(places)).size();
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::setenv("REEVE_CRASH_AT", point.c_str(), 1);
      inventory::SourceConfig const sources[] = {{"lab", "fake", {}}};
      auto const report = open(places)->discover(sources, {});
      ::_exit(report ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    CHECK(runs(*open(places)).size() == before + 1);
    CHECK(runs(*open(places)).size() == before + 1);
  }
}

TEST_CASE("audit: beside the process that writes the log others read, and change nothing") {
  FakeService store;
  store.json("POST", "/v1/source-configs", add_source, 201);
  auto const beside = open(store.service->places());
  Api api{*beside, store.gate, *store.decisions};
  net::FakeCall read("GET", "/v1/source-configs");
  CHECK(serve(api, read).status == 200);
  net::FakeCall page("GET", "/v1/audit/entries");
  CHECK(serve(api, page).status == 200);
  net::FakeCall act("DELETE", "/v1/source-configs/lab");
  auto const refused = serve(api, act);
  CHECK(refused.status == 409);
  CHECK(refused.text().contains("use the running server"));
  CHECK(store.json("GET", "/v1/source-configs").find("items")->array()->size() == 1);
  store.service.reset();
  net::FakeCall again("DELETE", "/v1/source-configs/lab");
  CHECK(serve(api, again).status == 200);
}

TEST_CASE("audit: entries are paged, and their checkpoint can be fetched") {
  FakeService store;
  for (int i = 0; i < 5; ++i) store.call("DELETE", "/v1/source-configs/none");
  auto const first = store.json("GET", "/v1/audit/entries?count=3");
  CHECK(first.find("items")->array()->size() == 3);
  CHECK(first.find("next")->integer() != nullptr);
  auto const rest = store.json("GET", "/v1/audit/entries?from=3");
  REQUIRE(rest.find("items")->array()->size() >= 2);
  auto const& item = rest.find("items")->array()->front();
  CHECK(*item.find("index")->integer() == 3);
  CHECK(item.find("entry")->text_at("action") == "source.remove");
  CHECK(store.json("GET", "/v1/audit/entries?from=1000000").find("items")->array()->empty());
  for (std::string const bad : {"from=x", "from=-1", "count=0", "count=1001"}) {
    CAPTURE(bad);
    CHECK(store.call("GET", "/v1/audit/entries?" + bad).status == 400);
  }
  auto const note = store.call("GET", "/v1/audit/checkpoint");
  auto const checkpoint = audit::open_checkpoint(note.text(), store.service->audit().key());
  REQUIRE(checkpoint);
  CHECK(checkpoint->size >= 5);
}

TEST_CASE("audit: one flipped byte is named offline, and the store does not open over it") {
  FakeService store;
  for (int i = 0; i < 3; ++i) store.call("DELETE", "/v1/source-configs/none");
  auto const places = store.service->places();
  store.service.reset();
  auto const file = places.audit() + "/tile/entries/000.p/3";
  auto bytes = *read_file(file, 1 << 20);
  auto const second = bytes.find("source.remove", bytes.find("source.remove") + 1);
  bytes[second] = 'S';
  REQUIRE(write_file_atomically(file, bytes, 0600));
  auto const verdict = verify_audit(places, {});
  REQUIRE(verdict);
  REQUIRE(verdict->fault);
  CHECK(verdict->fault->entry == 1);
  auto const opened = Audit::open(places, [] { return test_now; });
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code() == Errc::corrupt);
  auto const key = audit_key(places)->to_string();
  CHECK(verify_audit(places, {.folder = places.audit(), .key = key})->fault);
  CHECK(verify_audit(places, {.folder = "", .key = "no key"}).error().code() == Errc::invalid);
}

}  // namespace
}  // namespace reeve::server
