#pragma once

// For tests: files made by the real tools (openssl, ssh-keygen, keytool), in a folder that goes
// away. No product code includes this.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace reeve::crypto {

class Workshop {
 public:
  Workshop() {
    path_ = (std::filesystem::temp_directory_path() / "reeve-crypto-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
  }
  Workshop(Workshop const&) = delete;
  Workshop& operator=(Workshop const&) = delete;
  ~Workshop() { std::filesystem::remove_all(path_); }

  std::string const& path() const { return path_; }
  std::string operator/(std::string const& name) const { return path_ + "/" + name; }

  /// What the shell command wrote, started in the folder. Throws with its output when it fails.
  std::string run(std::string const& command) const {
    auto const all = "cd '" + path_ + "' && ( " + command + " ) >.out 2>.err </dev/null";
    int const status = std::system(all.c_str());  // NOLINT: a test's own command
    if (status != 0) throw std::runtime_error(command + ": " + read(".err") + read(".out"));
    return read(".out");
  }
  std::string read(std::string const& name) const {
    std::ifstream file(path_ + "/" + name, std::ios::binary);
    if (!file) throw std::runtime_error("no file " + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(std::string const& name, std::string const& bytes) const {
    std::ofstream(path_ + "/" + name, std::ios::binary) << bytes;
  }

 private:
  std::string path_;
};

/// Whether the shell finds a program.
inline bool has_program(std::string const& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;  // NOLINT
}

}  // namespace reeve::crypto
