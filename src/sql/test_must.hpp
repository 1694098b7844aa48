// What the tests of databases ask first: that it worked, with the reason where it did not.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "sql/database.hpp"

namespace reeve::sql {

inline void ok(Result<> const& done) {
  CHECK_MESSAGE(done.has_value(), (done ? "" : done.error().to_string()));
}

inline std::unique_ptr<Database> must_open(std::string const& url) {
  auto database = open(url, Durability::durable);
  REQUIRE_MESSAGE(database.has_value(), (database ? "" : database.error().to_string()));
  return std::move(*database);
}

}  // namespace reeve::sql
