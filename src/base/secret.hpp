#pragma once

#include <string>
#include <string_view>

namespace reeve {

/// Bytes that must not be shown: wiped when they die, and with no way to become text by accident.
/// There is no formatter, no stream operator and no `==` (a plain comparison tells by its time how
/// much was right; equal_in_constant_time does not). Copying has a name.
class Secret {
 public:
  Secret() = default;
  /// Takes a copy of `bytes`; the caller wipes its own.
  explicit Secret(std::string_view bytes) : bytes_(bytes) {}
  /// Takes the bytes over and wipes the string they came in.
  static Secret take(std::string& bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(Secret const&) = delete;
  Secret& operator=(Secret const&) = delete;
  ~Secret();

  Secret copy() const { return Secret(bytes_); }
  bool empty() const { return bytes_.empty(); }
  /// The one way to the bytes; valid while the Secret lives. Do not keep, print or log it.
  std::string_view reveal() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Overwrites the bytes in a way the compiler may not drop.
void wipe(std::string& bytes);

/// Time depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace reeve
