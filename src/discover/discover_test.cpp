#include "discover/discover.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "inventory/export.hpp"
#include "inventory/inventory.hpp"
#include "sql/database.hpp"

namespace reeve::discover {
namespace {

constexpr Instant now = from_micros(1'772'359'200'000'000);

/// A source of `pages` pages with two identities each; option `fail` makes a page fail.
constexpr connect::Permission permissions[] = {
    {ObjectClass::identity, connect::Purpose::discover, "read", "grant read"}};
constexpr connect::Option options[] = {
    {.name = "pages", .type = connect::Option::Type::number, .fallback = "3", .help = "pages"},
    {.name = "fail", .type = connect::Option::Type::number, .fallback = "999", .help = "page"},
    {.name = "said", .help = "what the source says then"},
    {.name = "name", .fallback = "id", .help = "prefix"}};
constexpr connect::Info info{.kind = "fake",
                             .title = "Fake",
                             .permissions = permissions,
                             .help = "",
                             .options = options,
                             .rate = {1e6, 1000000}};

class Fake final : public connect::Connector {
 public:
  Fake(std::string source, connect::Settings const& settings)
      : source_(std::move(source)),
        pages_(settings.number("pages")),
        fail_(settings.number("fail")),
        said_(settings.text("said")),
        name_(settings.text("name")) {}
  connect::Info const& info() const override { return discover::info; }
  std::string_view source() const override { return source_; }

 private:
  Result<connect::Check> do_check(Instant) override { return connect::Check{}; }
  Result<Page> do_enumerate(std::string_view cursor) override {
    auto const at = cursor.empty() ? 0 : std::stoll(std::string(cursor));
    if (at >= 1000) return fail(Errc::invalid, "not a cursor of this connector");
    if (at == fail_) return fail(Errc::unauthenticated, "the password is wrong" + said_);
    Page page;
    for (int n = 0; n < 2; ++n) {
      auto const id = std::to_string(at * 2 + n);
      page.observations.push_back(
          {Identity{.native_id = id, .name = name_ + id, .kind = "account"}, "fake " + id});
    }
    if (at + 1 < pages_) page.next = std::to_string(at + 1);
    return page;
  }
  Result<std::vector<Coverage>> do_coverage() override {
    return std::vector<Coverage>{{ObjectClass::identity, CoverageState::complete}};
  }

  std::string source_;
  std::int64_t pages_, fail_;
  std::string said_, name_;
};

connect::Kind const kinds[] = {
    {info,
     [](std::string source, connect::Settings const& settings,
        connect::Fingerprint const&) -> Result<std::unique_ptr<connect::Connector>> {
       return std::make_unique<Fake>(std::move(source), settings);
     },
     {}}};

Tools tools() {
  return {.fingerprint = [](std::string_view) { return std::string("fp"); },
          .environment = [](std::string const&) -> std::optional<std::string> { return {}; },
          .now = [] { return now; },
          .wait = [](Duration) -> Result<> { return {}; },
          .random = [] { return std::uint64_t{4}; },
          .watch = {}};
}

inventory::SourceConfig source(std::string name, std::map<std::string, std::string> given = {}) {
  return {std::move(name), "fake", std::move(given)};
}

std::unique_ptr<sql::Database> store(std::string const& url = "sqlite://:memory:") {
  auto database = *sql::open(url, sql::Durability::rebuildable);
  if (*sql::integer(*database, "select count(*) from sqlite_master", {}) == 0)
    REQUIRE(inventory::create_schema(*database).has_value());
  return database;
}

std::string text(sql::Database& db) {
  std::string out;
  auto const sink = [&](std::string_view piece) -> Result<> {
    out += piece;
    return {};
  };
  REQUIRE(inventory::export_json(db, now, sink).has_value());
  return out;
}

TEST_CASE("discover: sources are read together, and one that fails does not stop the others") {
  auto const db = store();
  inventory::SourceConfig const sources[] = {source("a", {{"pages", "5"}}),
                                             source("b", {{"fail", "1"}}),
                                             {"c", "fakes", {}},
                                             source("d", {{"page", "5"}})};
  std::atomic<int> told = 0;
  auto with = tools();
  with.watch = [&](Progress const&) { ++told; };
  auto const outcomes = run(*db, kinds, sources, with);
  REQUIRE_MESSAGE(outcomes.has_value(), (outcomes ? "" : outcomes.error().to_string()));
  CHECK((*outcomes)[0].complete);
  CHECK((*outcomes)[0].objects == 10);
  CHECK((*outcomes)[1].error == "discover b: the password is wrong [unauthenticated]");
  CHECK((*outcomes)[2].error ==
        "there is no connector \"fakes\"; did you mean fake? (one of: fake) [not_found]");
  CHECK((*outcomes)[3].error.starts_with("source d: "));
  CHECK(*sql::integer(*db, "select count(*) from v_identity", {}) == 10);
  CHECK(*sql::integer(*db, "select count(*) from runs where state = 'abandoned'", {}) == 3);
  CHECK(told >= 9);
}

TEST_CASE("discover: what a source says in no encoding is told as bytes") {
  auto const db = store();
  inventory::SourceConfig const sources[] = {source("a", {{"fail", "1"}, {"said", ": \xff\xfe"}}),
                                             source("b", {})};
  auto const outcomes = run(*db, kinds, sources, tools());
  REQUIRE_MESSAGE(outcomes.has_value(), (outcomes ? "" : outcomes.error().to_string()));
  CHECK((*outcomes)[0].error == "discover a: the password is wrong: \\xFF\\xFE [unauthenticated]");
  CHECK((*outcomes)[1].complete);
}

TEST_CASE("discover: an old cursor that is refused begins the run again") {
  auto const db = store();
  inventory::SourceConfig const sources[] = {source("a")};
  REQUIRE(run(*db, kinds, sources, tools()).has_value());
  REQUIRE(db->execute("insert into runs (id, source_id, state, cursor, started) values "
                      "(9, 1, 'running', '1000', 0)")
              .has_value());
  auto const outcomes = *run(*db, kinds, sources, tools());
  CHECK(outcomes[0].complete);
  CHECK(outcomes[0].run.value == 10);
  CHECK(outcomes[0].objects == 6);
}

/// Runs in a child that is killed at `place`; says whether it was.
bool killed_at(std::string const& place, std::string const& url, std::string const& name) {
  auto const child = ::fork();
  if (child == 0) {
    ::setenv("REEVE_CRASH_AT", place.c_str(), 1);
    inventory::SourceConfig const sources[] = {source("a", {{"pages", "4"}, {"name", name}})};
    auto const db = store(url);
    (void)run(*db, kinds, sources, tools());
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST_CASE("discover: killed anywhere, readers see the last complete run and the next one ends") {
  auto const file = std::filesystem::temp_directory_path() /
                    ("reeve-discover-" + std::to_string(::getpid()) + ".db");
  auto const url = "sqlite://" + file.string();
  inventory::SourceConfig const before[] = {source("a", {{"pages", "4"}, {"name", "old"}})};
  inventory::SourceConfig const after[] = {source("a", {{"pages", "4"}, {"name", "new"}})};
  std::string old_text, new_text;
  for (auto const* place : {"", "begin", "page:1", "page:3", "page:4", "merge", "promote"}) {
    CAPTURE(place);
    std::filesystem::remove(file);
    REQUIRE(run(*store(url), kinds, before, tools()).has_value());
    old_text = text(*store(url));
    if (*place != '\0') CHECK(killed_at(place, url, "new"));
    bool const promoted = std::string_view(place) == "promote";
    if (promoted)
      CHECK(text(*store(url)) == new_text);
    else
      CHECK(text(*store(url)) == old_text);
    auto const outcomes = run(*store(url), kinds, after, tools());
    REQUIRE(outcomes.has_value());
    CHECK(outcomes->at(0).complete);
    auto const then = text(*store(url));
    if (new_text.empty()) new_text = then;
    auto const identities = [](std::string const& of) {
      return to_json(*parse_json(of)->find("identities"));
    };
    CHECK(identities(then) == identities(new_text));
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace reeve::discover
