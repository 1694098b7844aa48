#include "inventory/insert.hpp"

#include <doctest/doctest.h>

#include "sql/test_databases.hpp"

namespace reeve::inventory {
namespace {

using sql::Value;

TEST_CASE("insert: an array's text quotes what would end an element") {
  std::vector<Value> const all{std::string_view("a\"b\\c"),
                               std::string_view(""),
                               std::string_view("NULL"),
                               nullptr,
                               std::int64_t{-7},
                               std::string_view("{x,y}")};
  CHECK(array_text(all) == R"({"a\"b\\c","","NULL",NULL,-7,"{x,y}"})");
  CHECK(array_text({}) == "{}");
}

TEST_CASE("insert: rows come back as they went in, from both databases") {
  test::Folder const folder;
  for (auto const& url : test::fresh_databases(folder)) {
    CAPTURE(url);
    auto const db = *sql::open(url, sql::Durability::rebuildable);
    REQUIRE(db->execute("create table t (id bigint, word text, never bigint)"));
    std::string_view const words[] = {"", "NULL", "a\"b", "a\\b", "{a,b}", "λ\n'x'", " "};
    std::vector<std::vector<sql::Param>> rows;
    for (std::size_t n = 0; n < std::size(words); ++n)
      rows.push_back({{":id", std::int64_t(n)}, {":word", words[n]}, {":never", nullptr}});
    rows.push_back(
        {{":id", std::int64_t(std::size(words))}, {":word", nullptr}, {":never", nullptr}});
    auto const added = insert(*db, "t", rows);
    REQUIRE_MESSAGE(added.has_value(), (added ? "" : added.error().to_string()));
    std::size_t met = 0;
    auto const read = [&](sql::Row const& row) -> Result<> {
      CHECK(row.integer(0) == std::int64_t(met));
      CHECK(row.is_null(1) == (met == std::size(words)));
      if (met < std::size(words)) CHECK(row.text(1) == words[met]);
      CHECK(row.is_null(2));
      ++met;
      return {};
    };
    REQUIRE(sql::each(*db, "select id, word, never from t order by id nulls last", {}, read));
    CHECK(met == rows.size());
  }
}

}  // namespace
}  // namespace reeve::inventory
