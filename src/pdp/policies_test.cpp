#include "pdp/policies.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "base/file.hpp"
#include "pdp/context.hpp"
#include "sql/store.hpp"
#include "sql/test_databases.hpp"

namespace reeve::pdp {
namespace {

namespace fs = std::filesystem;
constexpr Instant noon = from_micros(1'772'366'400'000'000);
constexpr char tools[] = "permit (principal is Agent, action == Action::\"tool.call\", resource);";

struct Home {
  Home() {
    auto pattern = (fs::temp_directory_path() / "reeve-policies-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()));
    path = pattern;
    fs::create_directory(path + "/policies");
    open();
  }
  ~Home() {
    policies.reset();
    store.reset();
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Home(Home const&) = delete;
  Home& operator=(Home const&) = delete;

  /// As after a kill: nothing but the store is left.
  void open() {
    policies.reset();
    store.reset();
    auto opened = sql::Store::open("sqlite://" + path + "/state.db", sql::Durability::durable);
    REQUIRE(opened.has_value());
    store = *std::move(opened);
    {
      auto writer = store->writer();
      REQUIRE(writer.has_value());
      REQUIRE(create_policies(**writer).has_value());
    }
    notices.clear();
    auto made = Policies::open(*store, [] { return noon; }, notices);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().to_string()));
    policies = *std::move(made);
  }
  void write(std::string const& name, std::string_view text) const {
    REQUIRE(write_file_atomically(path + "/policies/" + name, text, 0600).has_value());
  }
  Result<PolicyVersion> put(std::string const& text, Policies::As as = Policies::As::enforced) {
    return policies->put({.by = "test", .files = {{"own.cedar", text}}}, as);
  }

  std::string path;
  std::unique_ptr<sql::Store> store;
  std::unique_ptr<Policies> policies;
  std::vector<std::string> notices;
};

Request tool_call() {
  Request out{.subject = {"Agent", "bot"}, .action = "tool.call", .resource = {"Tool", "t"}};
  out.subject.parents.push_back({"Role", "agent"});
  out.context = make_context({.peer = "10.0.0.1", .chain = {{"agent", "bot"}}}, {}, noon);
  return out;
}

TEST_CASE("policies: a version serves at once, is kept, and can be gone back from") {
  Home home;
  CHECK_FALSE(home.policies->engine().decide(tool_call()).permit);
  auto const put = home.put(tools);
  REQUIRE_MESSAGE(put.has_value(), (put ? "" : put.error().to_string()));
  CHECK(version_text(put->id) == "pol_1");
  auto const decision = home.policies->engine().decide(tool_call());
  CHECK(decision.permit);
  CHECK(decision.version == "pol_1@" + put->digest);
  home.open();
  CHECK(home.notices.empty());
  CHECK(home.policies->engine().decide(tool_call()).permit);
  REQUIRE(home.put("").has_value());
  CHECK_FALSE(home.policies->engine().decide(tool_call()).permit);
  REQUIRE(home.policies->activate(1).has_value());
  CHECK(home.policies->engine().decide(tool_call()).permit);
  home.open();
  CHECK(home.policies->serving().active == 1);
  CHECK(home.policies->versions()->size() == 2);
  CHECK(home.policies->activate(7).error().code() == Errc::not_found);
  REQUIRE(home.policies->activate(0).has_value());
  CHECK_FALSE(home.policies->engine().decide(tool_call()).permit);
}

TEST_CASE("policies: what is not good in all its parts does not serve, and is not kept") {
  Home home;
  struct Case {
    std::string name, file, text, says;
  };
  Case const cases[] = {
      {"syntax", "a.cedar", "permit (", "a.cedar:1:"},
      {"schema", "a.cedar", "permit (principal is Robot, action, resource);", "Robot"},
      {"nobody's way back", "a.cedar", "forbid (principal, action, resource);", "owner"},
      {"the owner taken away", "owner.cedar", "", "owner"},
      {"a name that leads away", "../a.cedar", tools, "named like"},
      {"another ending", "a.txt", tools, "named like"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.name);
    auto const put = home.policies->put({.files = {{c.file, c.text}}}, Policies::As::enforced);
    REQUIRE_FALSE(put.has_value());
    CAPTURE(put.error().to_string());
    CHECK(put.error().code() == Errc::invalid);
    CHECK(put.error().message().contains(c.says));
  }
  CHECK(home.policies->versions()->empty());
  CHECK(home.policies->serving().active == 0);
}

TEST_CASE("policies: in the shadow a version is counted and not obeyed") {
  Home home;
  REQUIRE(home.put(tools, Policies::As::shadow).has_value());
  auto read = tool_call();
  read.action = "tool.list";
  for (int n = 0; n < 12; ++n) CHECK_FALSE(home.policies->engine().decide(tool_call()).permit);
  CHECK_FALSE(home.policies->engine().decide(read).permit);
  auto const tally = home.policies->serving().comparison;
  REQUIRE(tally.has_value());
  CHECK(tally->agreements == 1);
  CHECK(tally->differences == 12);
  CHECK(tally->failures == 0);
  REQUIRE(tally->first.size() == 10);
  CHECK(tally->first[0].candidate.permit);
  home.open();  // the shadow is there again, the counts begin anew
  CHECK(home.policies->serving().shadow == 1);
  REQUIRE(home.policies->activate(1).has_value());
  CHECK(home.policies->engine().decide(tool_call()).permit);
  CHECK(home.policies->end_shadow().error().code() == Errc::not_found);
}

TEST_CASE("policies: a folder serves when it changes, and its mistakes change nothing") {
  Home home;
  auto const folder = home.path + "/policies";
  home.write("tools.cedar", tools);
  home.write(".hidden.cedar", "permit (");
  home.write("notes.txt", "permit (");
  auto taken = home.policies->take_folder(folder);
  REQUIRE_MESSAGE(taken.has_value(), (taken ? "" : taken.error().to_string()));
  REQUIRE(taken->has_value());
  CHECK(home.policies->engine().decide(tool_call()).permit);
  CHECK_FALSE(home.policies->take_folder(folder)->has_value());
  home.write("tools.cedar", "permit (principal");
  auto const wrong = home.policies->take_folder(folder);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().message().contains("tools.cedar:1:"));
  CHECK(home.policies->engine().decide(tool_call()).permit);
  // Gone back from the folder, it stays so until the folder changes.
  home.write("tools.cedar", tools);
  REQUIRE(home.policies->activate(0).has_value());
  CHECK_FALSE(home.policies->take_folder(folder)->has_value());
  CHECK_FALSE(home.policies->engine().decide(tool_call()).permit);
  CHECK(home.policies->take_folder(home.path + "/none").error().code() == Errc::not_found);
}

TEST_CASE("policies: a version that fits no more leaves the owner alone, and says so") {
  Home home;
  REQUIRE(home.put(tools).has_value());
  REQUIRE(
      home.store
          ->commit([](sql::Database& db) {
            return sql::run(
                db, "update policy_versions set files = :files where id = 1",
                {{":files",
                  R"([{"name":"a.cedar","text":"permit (principal is Old, action, resource);"}])"}});
          })
          .has_value());
  home.open();
  REQUIRE(home.notices.size() == 1);
  CHECK(home.notices[0].contains("pol_1"));
  auto request = tool_call();
  request.subject = {"Token", "tok_1", Json(Json::Object{}), {{"Role", "operator"}}};
  request.action = "finding.read";
  request.resource = {"Estate", "all"};
  CHECK_FALSE(home.policies->engine().decide(request).permit);
  request.subject.parents = {{"Role", "owner"}};
  CHECK(home.policies->engine().decide(request).permit);
}

}  // namespace
}  // namespace reeve::pdp
