#include "base/secret.hpp"

#include <cstring>
#include <utility>

namespace reeve {

void wipe(std::string& bytes) {
  bytes.resize(bytes.capacity());  // what an earlier, longer value left behind goes too
  ::explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

Secret Secret::take(std::string& bytes) {
  Secret out{std::string_view(bytes)};
  wipe(bytes);
  return out;
}

// A moved std::string leaves its bytes behind when they are short enough to live inside it.
// NOLINTNEXTLINE(performance-move-constructor-init): so it is copied and wiped
Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) {
  wipe(other.bytes_);
}
Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  wipe(bytes_);
  bytes_ = other.bytes_;
  wipe(other.bytes_);
  return *this;
}
Secret::~Secret() {
  wipe(bytes_);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    difference = static_cast<unsigned char>(
        difference | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  return difference == 0;
}

}  // namespace reeve
