#pragma once

// The data types of SSH (RFC 4251 §5), read from bytes of strangers. Views live as long as they.

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace reeve::crypto {

class SshReader {
 public:
  explicit SshReader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

  Result<std::string_view> string();  ///< Errors of all: corrupt (ends too early).
  Result<std::string_view> mpint();   ///< Unsigned big-endian. Errors: a negative one.
  Result<std::uint32_t> u32();
  Result<std::uint64_t> u64();
  Result<std::uint8_t> byte();
  Result<> end() const;  ///< Errors: corrupt (there is more).

 private:
  Result<std::string_view> take(std::size_t size);
  std::string_view rest_;
};

}  // namespace reeve::crypto
