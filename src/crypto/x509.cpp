// Certificates by OpenSSL: its DER parser limits depth itself; we limit size and the number of
// names, clean every text, and treat each extension as optional. A certificate that OpenSSL reads
// and whose key or names it cannot is still a certificate somebody deployed: it is described as far
// as it goes, and `problems` says what is missing.

#include "crypto/x509.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "crypto/openssl_errors.hpp"
#include "crypto/owned.hpp"
#include "crypto/x509_internal.hpp"

namespace reeve::crypto {
namespace {

using X509Ptr = Owned<X509, X509_free>;
using Bio = Owned<BIO, BIO_free_all>;
using Number = Owned<BIGNUM, BN_free>;
using Names = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Usages = Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using Pkcs7 = Owned<PKCS7, PKCS7_free>;

void free_text(char* text) {
  OPENSSL_free(text);
}
using Text = Owned<char, free_text>;
void free_bytes(unsigned char* bytes) {
  OPENSSL_free(bytes);
}
using Bytes = Owned<unsigned char, free_bytes>;

constexpr std::size_t der_bytes_max = 256 * 1024;
constexpr std::size_t name_bytes_max = 4096;
constexpr int names_max = 1000;

std::string_view view(unsigned char const* bytes, int size) {
  return size <= 0 ? std::string_view()
                   : std::string_view(reinterpret_cast<char const*>(bytes), std::size_t(size));
}
std::string_view view(ASN1_STRING const* text) {
  return view(ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
}
std::string cleaned(std::string_view text) {
  return shortened(clean_utf8(text.substr(0, name_bytes_max)), name_bytes_max);
}

/// RFC 4514, but with the letters of other alphabets as UTF-8 and not as escapes.
std::string name_text(X509_NAME const* name) {
  Bio const out(BIO_new(BIO_s_mem()));
  unsigned long const flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!out || X509_NAME_print_ex(out.get(), name, 0, flags) < 0) return "";
  char* bytes = nullptr;
  auto const size = BIO_get_mem_data(out.get(), &bytes);
  return size <= 0 ? "" : cleaned({bytes, std::size_t(size)});
}

std::string common_name(X509_NAME const* name) {
  int last = -1;
  for (int at; (at = X509_NAME_get_index_by_NID(name, NID_commonName, last)) >= 0;) last = at;
  if (last < 0) return "";
  unsigned char* raw = nullptr;
  auto const size =
      ASN1_STRING_to_UTF8(&raw, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
  Bytes const bytes(raw);
  return cleaned(view(bytes.get(), size));
}

std::string object_text(ASN1_OBJECT const* object) {
  int const nid = OBJ_obj2nid(object);
  if (nid != NID_undef) return OBJ_nid2sn(nid);
  char text[128];
  OBJ_obj2txt(text, sizeof text, object, /*no_name=*/1);
  return text;
}

std::string ip_text(std::string_view bytes) {
  std::string out;
  if (bytes.size() == 4) {
    for (char const c : bytes) out += (out.empty() ? "" : ".") + std::to_string(std::uint8_t(c));
    return "ip:" + out;
  }
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    if (i > 0) out += ':';
    auto group = to_hex(bytes.substr(i, 2));
    group.erase(0, std::min(group.find_first_not_of('0'), group.size() - 1));
    out += group;
  }
  return "ip:" + out;
}

std::string general_name(GENERAL_NAME const* name) {
  int type = 0;
  auto const* const value = GENERAL_NAME_get0_value(name, &type);
  auto const text = [&] { return view(static_cast<ASN1_STRING const*>(value)); };
  switch (type) {
    case GEN_DNS: return "dns:" + cleaned(text());
    case GEN_EMAIL: return "email:" + cleaned(text());
    case GEN_URI: return "uri:" + cleaned(text());
    case GEN_IPADD: return ip_text(text());
    case GEN_DIRNAME: return "dir:" + name_text(static_cast<X509_NAME const*>(value));
    case GEN_RID: return "oid:" + object_text(static_cast<ASN1_OBJECT const*>(value));
    default: return "other";
  }
}

/// Extension of that number; null with a note when it is there and cannot be read.
void* extension(X509* certificate, int nid, std::string_view what, Certificate& out) {
  int critical = 0;
  void* const found = X509_get_ext_d2i(certificate, nid, &critical, nullptr);
  if (!found && critical != -1)
    out.problems.push_back(std::string(what) + (critical == -2 ? " is given twice" : " is broken"));
  return found;
}

void read_names(X509* certificate, Certificate& out) {
  Names const names(static_cast<GENERAL_NAMES*>(
      extension(certificate, NID_subject_alt_name, "subjectAltName", out)));
  int const count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  if (count > names_max)
    out.problems.push_back("only 1000 of " + std::to_string(count) + " names were read");
  for (int i = 0; i < std::min(count, names_max); ++i)
    out.names.push_back(general_name(sk_GENERAL_NAME_value(names.get(), i)));
}

void read_usages(X509* certificate, Certificate& out) {
  Usages const usages(static_cast<EXTENDED_KEY_USAGE*>(
      extension(certificate, NID_ext_key_usage, "extendedKeyUsage", out)));
  int const count = usages ? sk_ASN1_OBJECT_num(usages.get()) : 0;
  for (int i = 0; i < std::min(count, names_max); ++i)
    out.usages.push_back(object_text(sk_ASN1_OBJECT_value(usages.get(), i)));
}

Result<Instant> moment(ASN1_TIME const* time, std::string_view what) {
  std::tm tm{};
  auto const broken = [&] { return fail(Errc::corrupt, std::string(what) + " is no time"); };
  if (!time || ASN1_TIME_to_tm(time, &tm) != 1) return broken();
  std::chrono::year_month_day const day(std::chrono::year(tm.tm_year + 1900),
                                        std::chrono::month(unsigned(tm.tm_mon) + 1),
                                        std::chrono::day(unsigned(tm.tm_mday)));
  if (!day.ok()) return broken();
  return Instant(std::chrono::sys_days(day)) + std::chrono::hours(tm.tm_hour) +
         std::chrono::minutes(tm.tm_min) + std::chrono::seconds(tm.tm_sec);
}

std::string serial_text(X509 const* certificate) {
  Number const number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  Text const text(number ? BN_bn2hex(number.get()) : nullptr);
  return text ? shortened(text.get(), 128) : "";
}

void read_key(X509 const* certificate, Certificate& out) {
  unsigned char* raw = nullptr;
  int const size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &raw);
  Bytes const bytes(raw);
  auto const spki = view(bytes.get(), size);
  auto key = parse_spki(spki);
  if (key) {
    out.key = *std::move(key);
    return;
  }
  // Still something to join on: the bytes themselves.
  out.key = {.algorithm = "unreadable", .id = "spki-sha256:" + to_hex(bytes_of(sha256(spki)))};
  out.problems.push_back("public key: " + std::string(key.error().message()));
}

void read_signature(X509 const* certificate, Certificate& out) {
  ASN1_OBJECT const* object = nullptr;
  X509_ALGOR_get0(&object, nullptr, nullptr, X509_get0_tbs_sigalg(certificate));
  int const nid = OBJ_obj2nid(object);
  out.signature = nid == NID_undef ? object_text(object) : OBJ_nid2ln(nid);
  int hash = NID_undef;
  int const known =
      X509_get_signature_info(const_cast<X509*>(certificate), &hash, nullptr, nullptr, nullptr);
  if (known != 1 || hash == NID_undef) return;
  out.signature_hash = lower(OBJ_nid2sn(hash));
}

/// OpenSSL refuses keys too large to check in reasonable time; then the names decide.
bool is_self_signed(X509* certificate) {
  int const checked = X509_self_signed(certificate, /*verify_signature=*/1);
  if (checked >= 0) return checked == 1;
  return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

std::string digest_text(X509* certificate) {
  unsigned char* raw = nullptr;
  int const size = i2d_X509(certificate, &raw);
  Bytes const bytes(raw);
  return to_hex(bytes_of(sha256(view(bytes.get(), size))));
}

Result<Certificate> parse_with(X509* (*decode)(X509**, unsigned char const**, long),
                               std::string_view der) {
  KeepErrorsOut const quiet;
  if (der.size() > der_bytes_max) return fail(Errc::corrupt, "certificate of more than 256 KiB");
  auto const* at = reinterpret_cast<unsigned char const*>(der.data());
  auto const* const end = at + der.size();
  X509Ptr const certificate(decode(nullptr, &at, long(der.size())));
  if (!certificate) return fail(Errc::corrupt, "not an X.509 certificate");
  if (at != end)
    return fail(Errc::corrupt,
                std::to_string(end - at) + " bytes after the end of the certificate");
  return describe_certificate(certificate.get());
}

}  // namespace

Result<Certificate> describe_certificate(X509* certificate) {
  KeepErrorsOut const quiet;
  Certificate out;
  out.not_before = TRY(moment(X509_get0_notBefore(certificate), "notBefore"));
  out.not_after = TRY(moment(X509_get0_notAfter(certificate), "notAfter"));
  auto const* const subject = X509_get_subject_name(certificate);
  out.subject = name_text(subject);
  out.issuer = name_text(X509_get_issuer_name(certificate));
  out.common_name = common_name(subject);
  out.serial = serial_text(certificate);
  out.sha256 = digest_text(certificate);
  read_key(certificate, out);
  read_signature(certificate, out);
  read_names(certificate, out);
  read_usages(certificate, out);
  out.is_ca = X509_check_ca(certificate) > 0;
  out.self_signed = is_self_signed(certificate);
  if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0)
    out.problems.emplace_back("its extensions break RFC 5280");
  return out;
}

Result<Certificate> parse_certificate(std::string_view der) {
  return parse_with(d2i_X509, der);
}
Result<Certificate> parse_trusted_certificate(std::string_view der) {
  return parse_with(d2i_X509_AUX, der);
}

Result<std::vector<Certificate>> parse_pkcs7(std::string_view der) {
  KeepErrorsOut const quiet;
  constexpr std::size_t bytes_max = 4U << 20;
  if (der.size() > bytes_max) return fail(Errc::corrupt, "PKCS#7 of more than 4 MiB");
  auto const* at = reinterpret_cast<unsigned char const*>(der.data());
  Pkcs7 const container(d2i_PKCS7(nullptr, &at, long(der.size())));
  if (!container) return fail(Errc::corrupt, "not PKCS#7");
  if (!PKCS7_type_is_signed(container.get()))
    return fail(Errc::unsupported, "PKCS#7 without certificates: not SignedData");
  auto const* const signed_data = container->d.sign;
  int const count = signed_data && signed_data->cert ? sk_X509_num(signed_data->cert) : 0;
  if (count > names_max) return fail(Errc::corrupt, "PKCS#7 with more than 1000 certificates");
  std::vector<Certificate> out;
  out.reserve(std::size_t(count));
  for (int i = 0; i < count; ++i)
    out.push_back(TRY(describe_certificate(sk_X509_value(signed_data->cert, i))));
  return out;
}

}  // namespace reeve::crypto
