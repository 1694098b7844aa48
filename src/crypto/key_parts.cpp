#include "crypto/key_parts.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <bit>

#include "crypto/der.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/openssl_errors.hpp"
#include "crypto/owned.hpp"

namespace reeve::crypto {
namespace {

using namespace std::string_view_literals;
using Number = Owned<BIGNUM, BN_clear_free>;
using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Point = Owned<EC_POINT, EC_POINT_clear_free>;
using Context = Owned<BN_CTX, BN_CTX_free>;
using Pkey = Owned<EVP_PKEY, EVP_PKEY_free>;

constexpr auto oid_rsa = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"sv;
constexpr auto oid_rsa_pss = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"sv;
constexpr auto oid_dsa = "\x2a\x86\x48\xce\x38\x04\x01"sv;
constexpr auto oid_ec = "\x2a\x86\x48\xce\x3d\x02\x01"sv;

constexpr Curve curves[] = {
    {"p256", "\x2a\x86\x48\xce\x3d\x03\x01\x07"sv, "nistp256", NID_X9_62_prime256v1, 256},
    {"p384", "\x2b\x81\x04\x00\x22"sv, "nistp384", NID_secp384r1, 384},
    {"p521", "\x2b\x81\x04\x00\x23"sv, "nistp521", NID_secp521r1, 521},
    {"p192", "\x2a\x86\x48\xce\x3d\x03\x01\x01"sv, "", NID_X9_62_prime192v1, 192},
    {"p224", "\x2b\x81\x04\x00\x21"sv, "", NID_secp224r1, 224},
    {"secp256k1", "\x2b\x81\x04\x00\x0a"sv, "", NID_secp256k1, 256},
    {"brainpoolp256r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x07"sv, "", NID_brainpoolP256r1, 256},
    {"brainpoolp384r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b"sv, "", NID_brainpoolP384r1, 384},
    {"brainpoolp512r1", "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d"sv, "", NID_brainpoolP512r1, 512},
};

struct RawKind {
  KeyKind kind;
  std::string_view name, oid;
  int nid, bits;
  std::size_t size;
};
constexpr RawKind raw_kinds[] = {
    {KeyKind::ed25519, "ed25519", "\x2b\x65\x70"sv, EVP_PKEY_ED25519, 256, 32},
    {KeyKind::ed448, "ed448", "\x2b\x65\x71"sv, EVP_PKEY_ED448, 456, 57},
    {KeyKind::x25519, "x25519", "\x2b\x65\x6e"sv, EVP_PKEY_X25519, 253, 32},
    {KeyKind::x448, "x448", "\x2b\x65\x6f"sv, EVP_PKEY_X448, 448, 56},
};
RawKind const* raw_kind(KeyKind kind) {
  auto const* const found = std::ranges::find(raw_kinds, kind, &RawKind::kind);
  return found == std::end(raw_kinds) ? nullptr : found;
}

unsigned char const* data_of(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}
unsigned char* data_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
Number number(std::string_view big_endian) {
  return Number(BN_bin2bn(data_of(big_endian), int(big_endian.size()), nullptr));
}

int bits_of(std::string_view big_endian) {
  auto const digits = without_leading_zeros(big_endian);
  if (digits.empty()) return 0;
  if (digits.size() > std::size_t(key_bits_max)) return key_bits_max * 8;  // too long to count
  return int(digits.size() - 1) * 8 + int(std::bit_width(std::uint8_t(digits[0])));
}

Result<> check_size(std::string_view what, std::string_view number_bytes) {
  auto const bits = bits_of(number_bytes);
  if (bits == 0) return fail(Errc::corrupt, std::string(what) + " is zero");
  if (bits > key_bits_max)
    return fail(Errc::corrupt,
                std::string(what) + " has more than " + std::to_string(key_bits_max) + " bits");
  return {};
}

std::string id_of(std::string_view algorithm, std::string_view key) {
  auto const bits = der_value(der::bit_string, {"\0"sv, key});
  auto const spki = der_value(der::sequence, {algorithm, bits});
  return "spki-sha256:" + to_hex(bytes_of(sha256(spki)));
}
std::string algorithm_identifier(std::string_view oid, std::string_view parameters) {
  return der_value(der::sequence, {der_value(der::oid, {oid}), parameters});
}

/// The point uncompressed, checked to be on the curve (not at infinity); else nothing.
std::optional<std::string> uncompressed(Curve const& curve, std::string_view point) {
  KeepErrorsOut const quiet;
  Group const group(EC_GROUP_new_by_curve_name(curve.nid));
  if (!group) return std::nullopt;
  Point const at(EC_POINT_new(group.get()));
  if (!at ||
      EC_POINT_oct2point(group.get(), at.get(), data_of(point), point.size(), nullptr) != 1 ||
      EC_POINT_is_at_infinity(group.get(), at.get()) == 1)
    return std::nullopt;
  std::string out(1 + 2 * std::size_t((curve.bits + 7) / 8), '\0');
  auto const size = EC_POINT_point2oct(group.get(), at.get(), POINT_CONVERSION_UNCOMPRESSED,
                                       data_of(out), out.size(), nullptr);
  return size == out.size() ? std::optional(out) : std::nullopt;
}

}  // namespace

Curve const* curve_by_oid(std::string_view oid) {
  auto const* const found = std::ranges::find(curves, oid, &Curve::oid);
  return found == std::end(curves) ? nullptr : found;
}
Curve const* curve_by_ssh_name(std::string_view name) {
  if (name.empty()) return nullptr;
  auto const* const found = std::ranges::find(curves, name, &Curve::ssh);
  return found == std::end(curves) ? nullptr : found;
}

KeyKind kind_by_oid(std::string_view oid) {
  if (oid == oid_rsa || oid == oid_rsa_pss) return KeyKind::rsa;
  if (oid == oid_dsa) return KeyKind::dsa;
  if (oid == oid_ec) return KeyKind::ec;
  auto const* const raw = std::ranges::find(raw_kinds, oid, &RawKind::oid);
  return raw == std::end(raw_kinds) ? KeyKind::other : raw->kind;
}

Result<PublicKey> rsa_key(std::string_view n, std::string_view e) {
  TRY(check_size("RSA modulus", n));
  TRY(check_size("RSA exponent", e));
  auto const bits = bits_of(n);
  auto const numbers = der_value(der::sequence, {der_unsigned(n), der_unsigned(e)});
  return PublicKey{
      .kind = KeyKind::rsa,
      .algorithm = "rsa-" + std::to_string(bits),
      .bits = bits,
      .id = id_of(algorithm_identifier(oid_rsa, der_value(der::null, {})), numbers),
      .ssh_fingerprint = ssh_fingerprint_of(ssh_string("ssh-rsa") + ssh_mpint(e) + ssh_mpint(n))};
}

Result<PublicKey> dsa_key(std::string_view p, std::string_view q, std::string_view g,
                          std::string_view y) {
  for (auto const part : {p, q, g, y}) TRY(check_size("a number of the DSA key", part));
  auto const bits = bits_of(p);
  auto const parameters =
      der_value(der::sequence, {der_unsigned(p), der_unsigned(q), der_unsigned(g)});
  auto const blob =
      ssh_string("ssh-dss") + ssh_mpint(p) + ssh_mpint(q) + ssh_mpint(g) + ssh_mpint(y);
  return PublicKey{.kind = KeyKind::dsa,
                   .algorithm = "dsa-" + std::to_string(bits),
                   .bits = bits,
                   .id = id_of(algorithm_identifier(oid_dsa, parameters), der_unsigned(y)),
                   .ssh_fingerprint = ssh_fingerprint_of(blob)};
}

Result<PublicKey> ec_key(Curve const& curve, std::string_view point) {
  auto const full = uncompressed(curve, point);
  if (!full) return fail(Errc::corrupt, "not a point of the curve " + std::string(curve.name));
  auto const parameters = der_value(der::oid, {curve.oid});
  PublicKey key{.kind = KeyKind::ec,
                .algorithm = "ec-" + std::string(curve.name),
                .bits = curve.bits,
                .id = id_of(algorithm_identifier(oid_ec, parameters), *full)};
  if (!curve.ssh.empty())
    key.ssh_fingerprint = ssh_fingerprint_of(ssh_string("ecdsa-sha2-" + std::string(curve.ssh)) +
                                             ssh_string(curve.ssh) + ssh_string(*full));
  return key;
}

Result<PublicKey> raw_key(KeyKind kind, std::string_view bytes) {
  auto const* const raw = raw_kind(kind);
  if (!raw || bytes.size() != raw->size)
    return fail(Errc::corrupt, "a public key of " + std::to_string(bytes.size()) +
                                   " bytes, which its kind does not have");
  PublicKey key{.kind = kind,
                .algorithm = std::string(raw->name),
                .bits = raw->bits,
                .id = id_of(algorithm_identifier(raw->oid, ""), bytes)};
  if (kind == KeyKind::ed25519)
    key.ssh_fingerprint = ssh_fingerprint_of(ssh_string("ssh-ed25519") + ssh_string(bytes));
  return key;
}

std::optional<std::string> ec_public(Curve const& curve, std::string_view scalar) {
  KeepErrorsOut const quiet;
  if (bits_of(scalar) == 0 || bits_of(scalar) > curve.bits) return std::nullopt;
  Group const group(EC_GROUP_new_by_curve_name(curve.nid));
  auto const secret = number(scalar);
  if (!group || !secret || BN_cmp(secret.get(), EC_GROUP_get0_order(group.get())) >= 0)
    return std::nullopt;
  Point const at(EC_POINT_new(group.get()));
  if (!at || EC_POINT_mul(group.get(), at.get(), secret.get(), nullptr, nullptr, nullptr) != 1)
    return std::nullopt;
  std::string out(1 + 2 * std::size_t((curve.bits + 7) / 8), '\0');
  auto const size = EC_POINT_point2oct(group.get(), at.get(), POINT_CONVERSION_UNCOMPRESSED,
                                       data_of(out), out.size(), nullptr);
  return size == out.size() ? std::optional(out) : std::nullopt;
}

std::optional<std::string> dsa_public(std::string_view p, std::string_view g, std::string_view x) {
  KeepErrorsOut const quiet;
  constexpr int bits_max = 4096;  // DSA ends at 3072; above, a file could make us compute for hours
  if (bits_of(p) > bits_max || bits_of(g) > bits_max || bits_of(x) > bits_max || bits_of(p) == 0)
    return std::nullopt;
  auto const modulus = number(p), generator = number(g), secret = number(x), y = number("");
  Context const context(BN_CTX_new());
  if (!modulus || !generator || !secret || !y || !context || BN_is_odd(modulus.get()) != 1)
    return std::nullopt;
  BN_set_flags(secret.get(), BN_FLG_CONSTTIME);
  if (BN_mod_exp(y.get(), generator.get(), secret.get(), modulus.get(), context.get()) != 1)
    return std::nullopt;
  std::string out(std::size_t(BN_num_bytes(y.get())), '\0');
  BN_bn2bin(y.get(), data_of(out));
  return out;
}

std::optional<std::string> raw_public(KeyKind kind, std::string_view private_bytes) {
  KeepErrorsOut const quiet;
  auto const* const raw = raw_kind(kind);
  if (!raw || private_bytes.size() != raw->size) return std::nullopt;
  Pkey const key(EVP_PKEY_new_raw_private_key(raw->nid, nullptr, data_of(private_bytes),
                                              private_bytes.size()));
  std::string out(raw->size, '\0');
  std::size_t size = out.size();
  if (!key || EVP_PKEY_get_raw_public_key(key.get(), data_of(out), &size) != 1) return std::nullopt;
  return out;
}

std::string ssh_string(std::string_view bytes) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += char(bytes.size() >> shift & 0xFF);
  return out.append(bytes);
}

std::string ssh_mpint(std::string_view big_endian) {
  auto const digits = without_leading_zeros(big_endian);
  bool const sign = !digits.empty() && (std::uint8_t(digits[0]) & 0x80) != 0;
  return ssh_string(std::string(sign ? 1 : 0, '\0').append(digits));
}

std::string ssh_fingerprint_of(std::string_view blob) {
  auto text = to_base64(bytes_of(sha256(blob)));
  text.resize(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

}  // namespace reeve::crypto
