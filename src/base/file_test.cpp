#include "base/file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace reeve {
namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "reeve-file-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST_CASE("file: what was written is read, with the mode asked for, and replaced as a whole") {
  Folder const folder;
  auto const path = folder.path + "/a/b/key";
  REQUIRE(make_private_folder(folder.path + "/a/b").has_value());
  REQUIRE(make_private_folder(folder.path + "/a/b").has_value());
  REQUIRE(write_file_atomically(path, "one", 0644).has_value());
  REQUIRE(write_file_atomically(path, "two", 0600).has_value());
  CHECK(*read_file(path, 3) == "two");
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path + "/a/b"), {}) == 1);
}

TEST_CASE("file: what cannot be read says why") {
  Folder const folder;
  CHECK(read_file(folder.path + "/none", 1).error().code() == Errc::not_found);
  CHECK(read_file(folder.path, 1).error().code() == Errc::invalid);
  REQUIRE(write_file_atomically(folder.path + "/long", "1234", 0600).has_value());
  CHECK(read_file(folder.path + "/long", 3).error().code() == Errc::invalid);
  REQUIRE(::mkfifo((folder.path + "/fifo").c_str(), 0600) == 0);
  CHECK(read_file(folder.path + "/fifo", 3).error().code() == Errc::invalid);
  CHECK_FALSE(write_file_atomically(folder.path + "/none/file", "x", 0600).has_value());
}

}  // namespace
}  // namespace reeve
