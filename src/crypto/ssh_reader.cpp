#include "crypto/ssh_reader.hpp"

#include "crypto/der.hpp"

namespace reeve::crypto {

Result<std::string_view> SshReader::take(std::size_t size) {
  if (rest_.size() < size) return fail(Errc::corrupt, "SSH: ends within a value");
  auto const out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return out;
}

Result<std::uint8_t> SshReader::byte() {
  return std::uint8_t(TRY(take(1)).front());
}

Result<std::uint32_t> SshReader::u32() {
  std::uint32_t out = 0;
  for (char const c : TRY(take(4))) out = out << 8 | std::uint8_t(c);
  return out;
}

Result<std::uint64_t> SshReader::u64() {
  std::uint64_t const high = TRY(u32());
  return high << 32 | TRY(u32());
}

Result<std::string_view> SshReader::string() {
  auto const size = TRY(u32());
  return take(size);
}

Result<std::string_view> SshReader::mpint() {
  auto const bytes = TRY(string());
  if (!bytes.empty() && (std::uint8_t(bytes[0]) & 0x80) != 0)
    return fail(Errc::corrupt, "SSH: a negative number in a key");
  return without_leading_zeros(bytes);
}

Result<> SshReader::end() const {
  if (!rest_.empty())
    return fail(Errc::corrupt, "SSH: " + std::to_string(rest_.size()) + " bytes too many");
  return {};
}

}  // namespace reeve::crypto
