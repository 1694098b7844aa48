#pragma once

#include <string>
#include <vector>

namespace reeve::test {

/// A folder under /tmp that goes with the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  std::string const path;
};

/// URLs of empty databases, one of each kind that can run here: a SQLite file in `folder`, a schema
/// of postgres() (sql/test_postgres.hpp). New ones with each call. A target that uses it links
/// reeve_sql_testing.
std::vector<std::string> fresh_databases(Folder const& folder);

}  // namespace reeve::test
