// PKCS#12: a MAC over a list of safes, each a list of bags in clear or under a password; a private
// key is usually under the password once more.
//
//     PFX { authSafe: [ safe: encrypted [ bag: certificate… ], safe: clear [ bag: shrouded key ] ],
//     MAC }
//
// What is in clear is always told. For the rest the empty password is tried, in both spellings that
// programs use for it (none, and the two bytes of an empty text). A file chooses how many rounds of
// key derivation each part costs, so rounds are counted before they are spent, and a budget for the
// whole file is kept; scrypt, whose cost has three dimensions, is not tried at all.

#include <openssl/asn1.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <map>

#include "base/secret.hpp"
#include "base/text.hpp"
#include "crypto/der.hpp"
#include "crypto/keystore.hpp"
#include "crypto/openssl_errors.hpp"
#include "crypto/owned.hpp"
#include "crypto/private_key.hpp"
#include "crypto/x509_internal.hpp"

namespace reeve::crypto {
namespace {

using namespace std::string_view_literals;

void free_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void free_text(char* text) {
  OPENSSL_free(text);
}
using Pfx = Owned<PKCS12, PKCS12_free>;
using Safes = Owned<STACK_OF(PKCS7), free_safes>;
using Bags = Owned<STACK_OF(PKCS12_SAFEBAG), free_bags>;
using X509Ptr = Owned<X509, X509_free>;
using KeyInfo = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using Text = Owned<char, free_text>;

constexpr std::size_t bytes_max = 16U << 20;
constexpr long rounds_max = 2'000'000;  ///< About a second of SHA-256.
constexpr int depth_max = 4;            ///< Bags of bags.
constexpr int bags_max = 10'000;

constexpr auto oid_pbes2 = "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"sv;
constexpr auto oid_pbkdf2 = "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"sv;

/// The empty password: as no text at all, or as a text of no letters.
enum class Empty : std::uint8_t { none, text };
char const* bytes_of(Empty spelling) {
  return spelling == Empty::none ? nullptr : "";
}

template <class Object>
std::string der_of(Object const* object, int (*encode)(Object const*, unsigned char**)) {
  unsigned char* raw = nullptr;
  int const size = encode(object, &raw);
  std::string out;
  if (size > 0) out.assign(reinterpret_cast<char const*>(raw), std::size_t(size));
  OPENSSL_clear_free(raw, size > 0 ? std::size_t(size) : 0);
  return out;
}

/// Rounds in "SEQ { salt, rounds, … }", the parameters of PBES1, PBKDF2 and the PKCS#12 schemes.
Result<long> rounds_in(std::string_view parameters) {
  DerReader fields(parameters);
  TRY(fields.read(der::octet_string));
  auto const bytes = TRY(fields.unsigned_integer());
  if (bytes.size() > 4) return fail(Errc::corrupt, "too many rounds");
  long out = 0;
  for (char const c : bytes) out = out << 8 | std::uint8_t(c);
  return out;
}

/// What it costs to derive the key for `algorithm`. Errors: unsupported (a scheme whose cost we do
/// not know), corrupt.
Result<long> rounds_of(X509_ALGOR const* algorithm) {
  auto const der = der_of(algorithm, i2d_X509_ALGOR);
  DerReader scheme(TRY(read_sequence(der)));
  if (TRY(scheme.read(der::oid)) != oid_pbes2) return rounds_in(TRY(scheme.read(der::sequence)));
  DerReader parameters(TRY(scheme.read(der::sequence)));
  DerReader derivation(TRY(parameters.read(der::sequence)));
  if (TRY(derivation.read(der::oid)) != oid_pbkdf2)
    return fail(Errc::unsupported, "a key derivation other than PBKDF2");
  return rounds_in(TRY(derivation.read(der::sequence)));
}

class Pkcs12Reader {
 public:
  explicit Pkcs12Reader(PKCS12* pfx) : pfx_(pfx) {}

  Result<Keystore> read() {
    out_.format = "pkcs12";
    try_empty_password();
    Safes const safes(PKCS12_unpack_authsafes(pfx_));
    if (!safes) return fail(Errc::corrupt, "PKCS#12 without its list of safes");
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i)
      read_safe(sk_PKCS7_value(safes.get(), i), "safe " + std::to_string(i + 1));
    join_keys_and_certificates();
    return std::move(out_);
  }

 private:
  bool afford(long rounds) {
    if (rounds < 0 || rounds > rounds_max - spent_) return false;
    spent_ += rounds;
    return true;
  }

  /// Without a MAC nothing says whether a password is right but what it opens.
  void try_empty_password() {
    if (PKCS12_mac_present(pfx_) != 1) {
      password_ = Empty::text;
      return;
    }
    ASN1_INTEGER const* rounds = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &rounds, pfx_);
    long const count = rounds ? ASN1_INTEGER_get(rounds) : 1;  // DEFAULT 1
    for (auto const spelling : {Empty::text, Empty::none}) {
      if (password_ || !afford(count)) continue;
      if (PKCS12_verify_mac(pfx_, bytes_of(spelling), 0) == 1) password_ = spelling;
    }
    out_.open_to_all = password_.has_value();
  }

  void read_safe(PKCS7* safe, std::string const& place) {
    if (PKCS7_type_is_data(safe)) {
      Bags const clear(PKCS12_unpack_p7data(safe));
      return read_bags(clear.get(), place, depth_max);
    }
    if (!PKCS7_type_is_encrypted(safe)) {
      out_.sealed = true;  // under a public key, or a kind of tomorrow
      return;
    }
    auto const* const content = safe->d.encrypted ? safe->d.encrypted->enc_data : nullptr;
    if (!content || !may_decrypt(content->algorithm)) {
      out_.sealed = true;
      return;
    }
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): may_decrypt has seen one.
    Bags const bags(PKCS12_unpack_p7encdata(safe, bytes_of(*password_), 0));
    if (!bags) {
      out_.sealed = true;  // another password, or a cipher of the past
      return;
    }
    out_.open_to_all = true;
    read_bags(bags.get(), place, depth_max);
  }

  bool may_decrypt(X509_ALGOR const* algorithm) {
    if (!password_) return false;
    auto const rounds = rounds_of(algorithm);
    return rounds && afford(*rounds);
  }

  void read_bags(STACK_OF(PKCS12_SAFEBAG) const* bags, std::string const& place, int depth) {
    if (!bags) return malformed(place, "not a list of bags");
    if (depth == 0) return malformed(place, "bags within bags within bags");
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
      if (++bags_ > bags_max)
        return malformed(place, "more than 10,000 bags; the rest was not read");
      read_bag(sk_PKCS12_SAFEBAG_value(bags, i), place + " bag " + std::to_string(i + 1), depth);
    }
  }

  void read_bag(PKCS12_SAFEBAG* bag, std::string const& place, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_keyBag:
        out_.open_to_all = true;
        return read_key(PKCS12_SAFEBAG_get0_p8inf(bag), bag, /*encrypted=*/false);
      case NID_pkcs8ShroudedKeyBag: return read_shrouded(bag);
      case NID_certBag: return read_certificate(bag, place);
      case NID_secretBag: return add({.kind = KeystoreEntryKind::secret_key, .alias = alias(bag)});
      case NID_safeContentsBag: return read_bags(PKCS12_SAFEBAG_get0_safes(bag), place, depth - 1);
      case NID_crlBag: return;
      default: return malformed(place, "a bag of no known kind");
    }
  }

  void read_key(PKCS8_PRIV_KEY_INFO const* info, PKCS12_SAFEBAG* bag, bool encrypted) {
    KeystoreEntry entry{
        .kind = KeystoreEntryKind::private_key, .alias = alias(bag), .encrypted = encrypted};
    auto der = info ? der_of(info, i2d_PKCS8_PRIV_KEY_INFO) : std::string();
    if (auto const key = parse_private_key_der(der)) entry.key = key->key;
    wipe(der);
    add(std::move(entry), bag);
  }

  void read_shrouded(PKCS12_SAFEBAG* bag) {
    X509_ALGOR const* algorithm = nullptr;
    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
    KeyInfo info;
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): may_decrypt has seen one.
    if (may_decrypt(algorithm)) info.reset(PKCS12_decrypt_skey(bag, bytes_of(*password_), 0));
    if (info) out_.open_to_all = true;
    // With its public half hidden, the file holds more than we tell.
    if (!info) out_.sealed = true;
    read_key(info.get(), bag, /*encrypted=*/!info);
  }

  void read_certificate(PKCS12_SAFEBAG* bag, std::string const& place) {
    X509Ptr const x509(PKCS12_SAFEBAG_get1_cert(bag));
    if (!x509) return malformed(place, "not an X.509 certificate");
    auto certificate = describe_certificate(x509.get());
    if (!certificate) return malformed(place, std::string(certificate.error().message()));
    KeystoreEntry entry{.kind = KeystoreEntryKind::certificate, .alias = alias(bag)};
    entry.key = certificate->key;
    entry.chain.push_back(*std::move(certificate));
    add(std::move(entry), bag);
  }

  static std::string alias(PKCS12_SAFEBAG* bag) {
    Text const text(PKCS12_get_friendlyname(bag));
    return text ? shortened(clean_utf8(text.get()), 1024) : "";
  }
  static std::string local_key_id(PKCS12_SAFEBAG* bag) {
    auto const* const value = PKCS12_SAFEBAG_get0_attr(bag, NID_localKeyID);
    if (!value || value->type != V_ASN1_OCTET_STRING) return "";
    auto const* const bytes = value->value.octet_string;
    return {reinterpret_cast<char const*>(ASN1_STRING_get0_data(bytes)),
            std::size_t(ASN1_STRING_length(bytes))};
  }

  void add(KeystoreEntry entry, PKCS12_SAFEBAG* bag = nullptr) {
    out_.entries.push_back(std::move(entry));
    key_ids_.push_back(bag ? local_key_id(bag) : "");
  }
  void malformed(std::string place, std::string why) {
    out_.malformed.push_back({0, std::move(place), std::move(why)});
  }

  /// A certificate that carries the local key id of a private key becomes its chain: one entry, as
  /// people think of it, and the public half of a key that stays hidden.
  void join_keys_and_certificates() {
    std::map<std::string_view, KeystoreEntry*> certificates;
    for (std::size_t i = 0; i < key_ids_.size(); ++i)
      if (out_.entries[i].kind == KeystoreEntryKind::certificate && !key_ids_[i].empty())
        certificates.emplace(key_ids_[i], &out_.entries[i]);
    for (std::size_t i = 0; i < key_ids_.size(); ++i) {
      auto& entry = out_.entries[i];
      auto const found = certificates.find(key_ids_[i]);
      if (entry.kind != KeystoreEntryKind::private_key || found == certificates.end()) continue;
      entry.chain.swap(found->second->chain);
      if (!entry.key && !entry.chain.empty()) entry.key = entry.chain.front().key;
    }
    std::erase_if(out_.entries, [](KeystoreEntry const& e) {
      return e.kind == KeystoreEntryKind::certificate && e.chain.empty();
    });
  }

  PKCS12* pfx_;
  Keystore out_;
  std::vector<std::string> key_ids_;  ///< Of the entries, in their order.
  std::optional<Empty> password_;     ///< Empty: no spelling of the empty password fits.
  long spent_ = 0;
  int bags_ = 0;
};

}  // namespace

Result<Keystore> parse_pkcs12(std::string_view bytes) {
  KeepErrorsOut const quiet;
  if (bytes.size() > bytes_max) return fail(Errc::corrupt, "PKCS#12 of more than 16 MiB");
  auto const* at = reinterpret_cast<unsigned char const*>(bytes.data());
  Pfx const pfx(d2i_PKCS12(nullptr, &at, long(bytes.size())));
  if (!pfx) return fail(Errc::corrupt, "not PKCS#12");
  return Pkcs12Reader(pfx.get()).read();
}

}  // namespace reeve::crypto
