// Java keystores. All numbers are big-endian, text is length (2 bytes) and "modified UTF-8":
//
//     magic version count
//     count times:  tag alias created(ms)
//        tag 1:  length protected-key, count, that many certificates      (private key)
//        tag 2:  certificate                                             (trusted)
//        tag 3:  a serialized Java object                                (JCEKS, symmetric key)
//     SHA-1 over password and all of it (20 bytes)
//     certificate:  type (version 2 only), length, DER
//
// A serialized object has no length: to skip it one has to understand Java's serialization. So
// reading stops there, and the store says that it holds more.

#include <limits>

#include "base/text.hpp"
#include "crypto/keystore.hpp"

namespace reeve::crypto {
namespace {

constexpr std::size_t bytes_max = 16U << 20;
constexpr std::uint32_t jks_magic = 0xFEEDFEED, jceks_magic = 0xCECECECE;
constexpr std::size_t digest_bytes = 20;
constexpr std::uint32_t entries_max = 10'000, chain_max = 100;

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view rest() const { return rest_; }

  Result<std::uint64_t> number(std::size_t size) {
    std::uint64_t out = 0;
    for (char const c : TRY(take(size))) out = out << 8 | std::uint8_t(c);
    return out;
  }
  Result<std::string_view> take(std::size_t size) {
    if (rest_.size() < size) return fail(Errc::corrupt, "keystore ends within an entry");
    auto const out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  /// Modified UTF-8 writes NUL as C0 80 and pairs as surrogates; those show as escapes.
  Result<std::string> text() {
    auto const size = TRY(number(2));
    return clean_utf8(TRY(take(size)));
  }

 private:
  std::string_view rest_;
};

class JksReader {
 public:
  JksReader(Reader reader, std::uint64_t version, Keystore& out)
      : reader_(reader), version_(version), out_(out) {}

  Result<> read() {
    auto const count = TRY(reader_.number(4));
    if (count > entries_max) return fail(Errc::corrupt, "keystore with more than 10,000 entries");
    for (std::uint64_t i = 0; i < count && !stopped_; ++i)
      TRY_DURING(read_entry(), "entry " + std::to_string(i + 1));
    if (!stopped_ && reader_.rest().size() != digest_bytes)
      return fail(Errc::corrupt, "keystore does not end with its digest");
    return {};
  }

 private:
  Result<> read_entry() {
    auto const tag = TRY(reader_.number(4));
    KeystoreEntry entry;
    entry.alias = TRY_DURING(reader_.text(), "alias");
    entry.created = moment(TRY(reader_.number(8)));
    if (tag == 1) return read_private_key(std::move(entry));
    if (tag == 2) return read_trusted(std::move(entry));
    if (tag == 3 && out_.format == "jceks") return stop_at_secret(std::move(entry));
    return fail(Errc::corrupt, "tag " + std::to_string(tag) + " is no entry of a keystore");
  }

  Result<> read_private_key(KeystoreEntry entry) {
    entry.kind = KeystoreEntryKind::private_key;
    entry.encrypted = true;
    auto const size = TRY(reader_.number(4));
    TRY(reader_.take(size));
    auto const count = TRY(reader_.number(4));
    if (count > chain_max) return fail(Errc::corrupt, "a chain of more than 100 certificates");
    for (std::uint64_t i = 0; i < count; ++i) TRY(read_certificate(entry));
    if (!entry.chain.empty()) entry.key = entry.chain.front().key;
    out_.entries.push_back(std::move(entry));
    return {};
  }

  Result<> read_trusted(KeystoreEntry entry) {
    entry.kind = KeystoreEntryKind::certificate;
    TRY(read_certificate(entry));
    if (!entry.chain.empty()) out_.entries.push_back(std::move(entry));
    return {};
  }

  /// The length tells where the next one is, so a broken certificate costs itself alone.
  Result<> read_certificate(KeystoreEntry& entry) {
    if (version_ == 2) TRY(reader_.text());  // "X.509"
    auto const size = TRY(reader_.number(4));
    auto certificate = parse_certificate(TRY(reader_.take(size)));
    if (certificate)
      entry.chain.push_back(*std::move(certificate));
    else
      out_.malformed.push_back({0, entry.alias, certificate.error().to_string()});
    return {};
  }

  Result<> stop_at_secret(KeystoreEntry entry) {
    entry.kind = KeystoreEntryKind::secret_key;
    entry.encrypted = true;
    out_.entries.push_back(std::move(entry));
    out_.sealed = stopped_ = true;
    return {};
  }

  static std::optional<Instant> moment(std::uint64_t milliseconds) {
    constexpr std::uint64_t end = std::numeric_limits<std::int64_t>::max() / 1000;
    if (milliseconds >= end) return std::nullopt;
    return Instant(std::chrono::milliseconds(milliseconds));
  }

  Reader reader_;
  std::uint64_t version_;
  Keystore& out_;
  bool stopped_ = false;
};

}  // namespace

Result<Keystore> parse_jks(std::string_view bytes) {
  if (bytes.size() > bytes_max) return fail(Errc::corrupt, "keystore of more than 16 MiB");
  Reader reader(bytes);
  auto const magic = TRY(reader.number(4));
  if (magic != jks_magic && magic != jceks_magic) return fail(Errc::corrupt, "no Java keystore");
  Keystore out{.format = magic == jks_magic ? "jks" : "jceks"};
  auto const version = TRY(reader.number(4));
  if (version != 1 && version != 2)
    return fail(Errc::unsupported, "Java keystore of version " + std::to_string(version));
  TRY(JksReader(reader, version, out).read());
  return out;
}

}  // namespace reeve::crypto
