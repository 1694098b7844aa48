#include "sql/test_databases.hpp"

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>

#include "sql/test_postgres.hpp"

namespace reeve::test {
namespace {

std::string make_folder() {
  std::string name = "/tmp/reeve-test-XXXXXX";
  if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp " + name);
  return name;
}

}  // namespace

Folder::Folder() : path(make_folder()) {}
Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::vector<std::string> fresh_databases(Folder const& folder) {
  static std::atomic<int> made = 0;
  std::vector<std::string> out{"sqlite://" + folder.path + "/" + std::to_string(++made) + ".db"};
  if (auto* const cluster = postgres()) out.push_back(cluster->fresh_url());
  return out;
}

}  // namespace reeve::test
