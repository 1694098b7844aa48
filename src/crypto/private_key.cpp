// Private keys, read for their public half. The formats, from the outside in:
//
//     PKCS#8     SEQ { version, SEQ { OID, parameters }, OCTET STRING { one of the below }, … }
//     encrypted  SEQ { SEQ { OID of the scheme, … }, OCTET STRING }
//     PKCS#1     SEQ { 0, n, e, d, p, q, … }
//     SEC 1      SEQ { 1, OCTET STRING scalar, [0] curve, [1] BIT STRING point }
//     DSA        SEQ { 0, p, q, g, y, x }
//     OpenSSH    "openssh-key-v1\0", cipher, kdf, options, 1, public blob, private part
//
// Where the public half is left out (allowed in SEC 1, always in PKCS#8 of Ed25519 and DSA) it is
// computed. No private number is copied but into OpenSSL's numbers, which are cleared when freed.

#include "crypto/private_key.hpp"

#include "base/text.hpp"
#include "crypto/der.hpp"
#include "crypto/key_parts.hpp"
#include "crypto/ssh_key.hpp"
#include "crypto/ssh_reader.hpp"

namespace reeve::crypto {
namespace {

using namespace std::string_view_literals;

constexpr auto openssh_magic = "openssh-key-v1\0"sv;
constexpr std::size_t bytes_max = 64 * 1024;

PrivateKey plain(std::string format, PublicKey key) {
  PrivateKey out{.format = std::move(format)};
  out.algorithm = key.algorithm;
  out.key = std::move(key);
  return out;
}

Result<PublicKey> rsa_of(std::string_view der) {
  DerReader numbers(TRY(read_sequence(der)));
  TRY(numbers.unsigned_integer());  // version
  auto const n = TRY(numbers.unsigned_integer());
  auto const e = TRY(numbers.unsigned_integer());
  for (int i = 0; i < 6; ++i) TRY(numbers.unsigned_integer());
  return rsa_key(n, e);
}

Result<PublicKey> dsa_of(std::string_view der) {
  DerReader numbers(TRY(read_sequence(der)));
  TRY(numbers.unsigned_integer());  // version
  auto const p = TRY(numbers.unsigned_integer());
  auto const q = TRY(numbers.unsigned_integer());
  auto const g = TRY(numbers.unsigned_integer());
  auto const y = TRY(numbers.unsigned_integer());
  TRY(numbers.unsigned_integer());
  TRY(numbers.end());
  return dsa_key(p, q, g, y);
}

/// `curve_oid` from the PKCS#8 around it; empty: the key names it itself.
Result<PublicKey> ec_of(std::string_view der, std::string_view curve_oid) {
  DerReader fields(TRY(read_sequence(der)));
  TRY(fields.unsigned_integer());  // version
  auto const scalar = TRY(fields.read(der::octet_string));
  if (fields.tag() == der::explicit_0) {
    DerReader inner(TRY(fields.read(der::explicit_0)));
    if (inner.tag() == der::oid) curve_oid = TRY(inner.read(der::oid));
  }
  auto const* const curve = curve_by_oid(curve_oid);
  if (!curve)
    return PublicKey{.kind = KeyKind::ec,
                     .algorithm = "ec-" + (curve_oid.empty() ? "explicit" : oid_text(curve_oid))};
  if (fields.tag() == der::explicit_1) {
    DerReader inner(TRY(fields.read(der::explicit_1)));
    return ec_key(*curve, TRY(inner.whole_bytes_bit_string()));
  }
  auto const point = ec_public(*curve, without_leading_zeros(scalar));
  if (!point) return fail(Errc::corrupt, "the scalar is not in the range of its curve");
  return ec_key(*curve, *point);
}

Result<PublicKey> raw_of(KeyKind kind, std::string_view der) {
  DerReader inner(der);
  auto const seed = TRY(inner.read(der::octet_string));
  TRY(inner.end());
  auto const bytes = raw_public(kind, seed);
  if (!bytes) return fail(Errc::corrupt, "a private key of the wrong length");
  return raw_key(kind, *bytes);
}

Result<PublicKey> pkcs8_dsa_of(DerReader parameters, std::string_view der) {
  DerReader numbers(TRY(parameters.read(der::sequence)));
  auto const p = TRY(numbers.unsigned_integer());
  auto const q = TRY(numbers.unsigned_integer());
  auto const g = TRY(numbers.unsigned_integer());
  DerReader value(der);
  auto const y = dsa_public(p, g, TRY(value.unsigned_integer()));
  if (!y) return PublicKey{.kind = KeyKind::dsa, .algorithm = "dsa"};
  return dsa_key(p, q, g, *y);
}

Result<PublicKey> pkcs8_key(std::string_view oid, DerReader parameters, std::string_view key) {
  auto const kind = kind_by_oid(oid);
  switch (kind) {
    case KeyKind::rsa: return rsa_of(key);
    case KeyKind::dsa: return pkcs8_dsa_of(parameters, key);
    case KeyKind::ec:
      return ec_of(key, parameters.tag() == der::oid ? TRY(parameters.read(der::oid)) : "");
    case KeyKind::ed25519:
    case KeyKind::ed448:
    case KeyKind::x25519:
    case KeyKind::x448: return raw_of(kind, key);
    case KeyKind::other: break;
  }
  return PublicKey{.kind = KeyKind::other, .algorithm = oid_text(oid)};
}

/// A key whose kind we know and whose id we do not: nothing to join on.
PrivateKey described(std::string format, PublicKey key) {
  if (!key.id.empty()) return plain(std::move(format), std::move(key));
  return {.format = std::move(format), .algorithm = std::move(key.algorithm)};
}

Result<PrivateKey> pkcs8(std::string_view der) {
  DerReader fields(TRY(read_sequence(der)));
  TRY(fields.unsigned_integer());  // version
  DerReader algorithm(TRY(fields.read(der::sequence)));
  auto const oid = TRY(algorithm.read(der::oid));
  auto const key = TRY(fields.read(der::octet_string));
  return described("pkcs8", TRY(pkcs8_key(oid, algorithm, key)));
}

Result<PrivateKey> encrypted_pkcs8(std::string_view der) {
  DerReader fields(TRY(read_sequence(der)));
  DerReader scheme(TRY(fields.read(der::sequence)));
  auto const oid = TRY(scheme.read(der::oid));
  TRY(fields.read(der::octet_string));
  TRY(fields.end());
  return PrivateKey{.format = "pkcs8", .encrypted = true, .cipher = oid_text(oid)};
}

/// The comment of an unencrypted OpenSSH private part: check number twice, type, the numbers of
/// the kind, comment. Empty when it is not laid out so; the key is known without it.
Result<std::string> openssh_comment(std::string_view part, std::size_t numbers) {
  SshReader reader(part);
  auto const first = TRY(reader.u32());
  auto const second = TRY(reader.u32());
  if (first != second) return std::string();
  TRY(reader.string());  // type
  for (std::size_t i = 0; i < numbers; ++i) TRY(reader.string());
  return std::string(TRY(reader.string()));
}

std::size_t openssh_numbers(SshPublicKey const& key) {
  if (key.certificate || key.hardware) return 0;  // laid out differently, not read
  switch (key.key.kind) {
    case KeyKind::rsa: return 6;      // n, e, d, iqmp, p, q
    case KeyKind::dsa: return 5;      // p, q, g, y, x
    case KeyKind::ec: return 3;       // curve, point, scalar
    case KeyKind::ed25519: return 2;  // public, private
    case KeyKind::ed448:
    case KeyKind::x25519:
    case KeyKind::x448:
    case KeyKind::other: break;
  }
  return 0;
}

Result<PrivateKey> openssh(std::string_view bytes) {
  if (!bytes.starts_with(openssh_magic)) return fail(Errc::corrupt, "no OpenSSH private key");
  SshReader reader(bytes.substr(openssh_magic.size()));
  auto const cipher = TRY(reader.string());
  TRY(reader.string());  // key derivation
  TRY(reader.string());  // its salt and rounds
  if (TRY(reader.u32()) != 1) return fail(Errc::unsupported, "an OpenSSH file of several keys");
  auto const blob = TRY(reader.string());
  auto const key = TRY(parse_ssh_blob(blob));
  auto const secret_part = TRY(reader.string());
  auto out = plain("openssh", key.key);
  out.encrypted = cipher != "none";
  if (out.encrypted) out.cipher = shortened(printable(clean_utf8(cipher)), 60);
  auto const numbers = out.encrypted ? 0 : openssh_numbers(key);
  if (numbers > 0) out.comment = openssh_comment(secret_part, numbers).value_or("");
  return out;
}

/// RFC 1421 as OpenSSL writes it: "Proc-Type: 4,ENCRYPTED" and "DEK-Info: AES-128-CBC,…".
std::optional<std::string> legacy_cipher(PemBlock const& block) {
  std::optional<std::string> cipher;
  for (auto const& header : block.headers) {
    if (header.starts_with("Proc-Type:") && header.contains("ENCRYPTED") && !cipher) cipher = "";
    if (header.starts_with("DEK-Info:"))
      cipher = trim(std::string_view(header).substr(9, header.find(',') - 9));
  }
  return cipher;
}

Result<PrivateKey> legacy(PemBlock const& block, std::string format, std::string kind,
                          Result<PublicKey> (*read)(std::string_view)) {
  if (auto cipher = legacy_cipher(block))
    return PrivateKey{.format = std::move(format),
                      .encrypted = true,
                      .cipher = shortened(printable(clean_utf8(*cipher)), 60),
                      .algorithm = std::move(kind)};
  return described(std::move(format), TRY(read(block.der.reveal())));
}

Result<PublicKey> sec1_of(std::string_view der) {
  return ec_of(der, "");
}

}  // namespace

bool is_private_key_label(std::string_view label) {
  return label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY");
}

Result<PrivateKey> parse_private_key(PemBlock const& block) {
  auto const der = block.der.reveal();
  if (der.size() > bytes_max) return fail(Errc::corrupt, "a private key of more than 64 KiB");
  if (block.label == "PRIVATE KEY") return pkcs8(der);
  if (block.label == "ENCRYPTED PRIVATE KEY") return encrypted_pkcs8(der);
  if (block.label == "RSA PRIVATE KEY") return legacy(block, "pkcs1", "rsa", rsa_of);
  if (block.label == "EC PRIVATE KEY") return legacy(block, "sec1", "ec", sec1_of);
  if (block.label == "DSA PRIVATE KEY") return legacy(block, "dsa", "dsa", dsa_of);
  if (block.label == "OPENSSH PRIVATE KEY") return openssh(der);
  return fail(Errc::unsupported,
              "private key label \"" + shortened(printable(clean_utf8(block.label)), 60) +
                  "\" is unknown; one of: PRIVATE KEY, ENCRYPTED …, RSA …, EC …, DSA …, OPENSSH …");
}

Result<PrivateKey> parse_private_key_der(std::string_view der) {
  if (der.size() > bytes_max) return fail(Errc::corrupt, "a private key of more than 64 KiB");
  DerReader fields(TRY(read_sequence(der)));
  if (fields.tag() == der::sequence) return encrypted_pkcs8(der);
  TRY(fields.unsigned_integer());  // version
  if (fields.tag() == der::sequence) return pkcs8(der);
  if (fields.tag() == der::octet_string) return described("sec1", TRY(sec1_of(der)));
  int numbers = 0;
  for (; fields.tag() == der::integer; ++numbers) TRY(fields.unsigned_integer());
  if (numbers == 5) return plain("dsa", TRY(dsa_of(der)));
  return plain("pkcs1", TRY(rsa_of(der)));
}

}  // namespace reeve::crypto
