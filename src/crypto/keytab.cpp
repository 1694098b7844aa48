// MIT keytabs. Big-endian throughout:
//
//     05 02, then entries:  size(int32), size bytes        size < 0: a hole of -size bytes
//     in an entry:  count(16)  realm  component*count  name-type(32)  timestamp(32)  kvno(8)
//                   enctype(16)  key  [kvno(32)]  [padding]           text: length(16), bytes
//
// The eight-bit kvno wraps at 256; the 32-bit one after the key, where there is room and it is not
// zero, is the true one. An entry that breaks its own lengths is told and skipped, because the size
// before it says where the next begins.

#include <algorithm>

#include "base/text.hpp"
#include "crypto/keystore.hpp"

namespace reeve::crypto {
namespace {

constexpr std::size_t bytes_max = 16U << 20;
constexpr std::size_t entries_max = 100'000;

struct Enctype {
  int number;
  std::string_view name;
};
constexpr Enctype enctypes[] = {
    {1, "des-cbc-crc"},
    {2, "des-cbc-md4"},
    {3, "des-cbc-md5"},
    {16, "des3-cbc-sha1"},
    {17, "aes128-cts-hmac-sha1-96"},
    {18, "aes256-cts-hmac-sha1-96"},
    {19, "aes128-cts-hmac-sha256-128"},
    {20, "aes256-cts-hmac-sha384-192"},
    {23, "arcfour-hmac"},
    {24, "arcfour-hmac-exp"},
    {25, "camellia128-cts-cmac"},
    {26, "camellia256-cts-cmac"},
};

std::string enctype_name(int number) {
  auto const* const found = std::ranges::find(enctypes, number, &Enctype::number);
  return found == std::end(enctypes) ? "enctype-" + std::to_string(number)
                                     : std::string(found->name);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  Result<std::uint32_t> number(std::size_t size) {
    std::uint32_t out = 0;
    for (char const c : TRY(take(size))) out = out << 8 | std::uint8_t(c);
    return out;
  }
  Result<std::string_view> take(std::size_t size) {
    if (rest_.size() < size) return fail(Errc::corrupt, "keytab ends within an entry");
    auto const out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  Result<std::string_view> counted() {
    auto const size = TRY(number(2));
    return take(size);
  }

 private:
  std::string_view rest_;
};

/// As krb5 prints it: '/', '@' and '\' within a part are escaped, so two principals never look the
/// same.
std::string escaped(std::string_view part) {
  std::string out;
  for (char const c : part) {
    if (c == '/' || c == '@' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

Result<std::string> read_principal(Reader& reader) {
  auto const count = TRY(reader.number(2));
  auto const realm = escaped(TRY(reader.counted()));
  std::string name;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) name += '/';
    name += escaped(TRY(reader.counted()));
  }
  return clean_utf8(name + "@" + realm);
}

Result<KeytabEntry> read_entry(Reader reader,
                               std::function<std::string(std::string_view)> const& fingerprint) {
  KeytabEntry entry;
  entry.principal = TRY(read_principal(reader));
  (void)TRY(reader.take(4));  // name type
  entry.created = Instant(std::chrono::seconds(TRY(reader.number(4))));
  entry.kvno = TRY(reader.number(1));
  entry.enctype = int(TRY(reader.number(2)));
  entry.enctype_name = enctype_name(entry.enctype);
  entry.fingerprint = fingerprint(TRY(reader.counted()));
  if (reader.left() < 4) return entry;
  auto const kvno = TRY(reader.number(4));
  if (kvno != 0) entry.kvno = kvno;
  return entry;
}

}  // namespace

Result<Keytab> parse_keytab(std::string_view bytes,
                            std::function<std::string(std::string_view key)> const& fingerprint) {
  if (bytes.size() > bytes_max) return fail(Errc::corrupt, "keytab of more than 16 MiB");
  Reader reader(bytes);
  auto const version = TRY(reader.number(2));
  if (version == 0x0501) return fail(Errc::unsupported, "keytab of version 1");
  if (version != 0x0502) return fail(Errc::corrupt, "no keytab");
  Keytab out;
  for (std::size_t place = 1; !reader.at_end(); ++place) {
    if (place > entries_max) return fail(Errc::corrupt, "keytab with more than 100,000 entries");
    auto const size = std::int64_t(std::int32_t(TRY(reader.number(4))));
    if (size == 0) break;  // the end, as krb5 writes it into a file it cut
    auto const content = TRY(reader.take(std::size_t(size < 0 ? -size : size)));
    if (size < 0) continue;
    if (auto entry = read_entry(Reader(content), fingerprint))
      out.entries.push_back(*std::move(entry));
    else
      out.malformed.push_back({0, "entry " + std::to_string(place), entry.error().to_string()});
  }
  return out;
}

}  // namespace reeve::crypto
