#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reeve::crypto {

/// Where unpredictable bytes come from; passed in, so that a test can know them beforehand.
class Random {
 public:
  Random() = default;
  Random(Random const&) = delete;
  Random& operator=(Random const&) = delete;
  virtual ~Random() = default;

  /// `size` fresh bytes.
  std::string bytes(std::size_t size);

 private:
  virtual void do_fill(char* out, std::size_t size) = 0;
};

/// The generator of OpenSSL for private values, seeded by the kernel. Any thread. Ends the process
/// when the kernel gives no randomness: there is nothing safe to do without.
class SystemRandom final : public Random {
  void do_fill(char* out, std::size_t size) override;
};

/// The same bytes for the same seed on every machine. For tests and generated data sets only:
/// whoever knows the seed knows every byte. One thread at a time.
class PredictableRandom final : public Random {
 public:
  explicit PredictableRandom(std::string_view seed) : seed_(seed) {}

 private:
  void do_fill(char* out, std::size_t size) override;
  std::string seed_;
  std::uint64_t block_ = 0;
};

}  // namespace reeve::crypto
