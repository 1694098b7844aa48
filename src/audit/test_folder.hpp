// What the tests of logs share: a folder that goes away, a key, a clock, entries.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "audit/log.hpp"
#include "audit/verify.hpp"
#include "crypto/random.hpp"

namespace reeve::audit::testing {

class Folder {
 public:
  Folder() {
    // In memory where there is one: a kill loses nothing there either, and hundreds of commits need
    // not wait for a disk.
    std::filesystem::path const memory = "/dev/shm";
    auto const parent =
        ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    auto name = (parent / "reeve-audit-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(Folder const&) = delete;
  Folder& operator=(Folder const&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path(std::string const& below = "log") const { return path_ + "/" + below; }

 private:
  std::string path_;
};

inline crypto::Ed25519Key signer(std::string_view seed = "test") {
  crypto::PredictableRandom random(seed);
  return crypto::Ed25519Key::generate(random);
}

inline VerifierKey verifier() {
  return {std::string(default_origin), signer().public_key()};
}

inline Result<std::unique_ptr<Log>> open(std::string const& folder) {
  return Log::open(folder, signer(), [] { return from_micros(1'700'000'000'000'000); });
}

inline Entry entry(std::uint64_t number) {
  return {.action = "test.count", .object = std::to_string(number), .outcome = "ok"};
}

/// Appends `count` entries and waits for them.
inline Result<> fill(Log& log, std::uint64_t count) {
  for (auto i = log.size(), end = i + count; i < end; ++i)
    (void)TRY(log.append(entry(i), Class::async));
  return log.flush();
}

}  // namespace reeve::audit::testing
