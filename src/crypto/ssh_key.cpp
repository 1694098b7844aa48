// Public keys of SSH: RFC 4253 §6.6 (rsa, dsa), RFC 5656 §3.1 (ecdsa), RFC 8709 §4 (ed25519),
// OpenSSH's PROTOCOL.u2f (sk-*) and PROTOCOL.certkeys (certificates).
//
// A certificate is "type, nonce, the fields of the plain key, then what the authority says". The
// fingerprint that ssh-keygen prints for it is that of the plain key within, so the plain blob is
// put together again from its fields.

#include "crypto/ssh_key.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/key_parts.hpp"
#include "crypto/ssh_reader.hpp"

namespace reeve::crypto {
namespace {

constexpr std::size_t blob_bytes_max = 64 * 1024;
constexpr std::size_t list_items_max = 256;
constexpr std::string_view certificate_suffix = "-cert-v01@openssh.com";

enum class Family : std::uint8_t { rsa, dsa, ecdsa, ed25519, sk_ecdsa, sk_ed25519 };

struct Type {
  std::string_view plain;        ///< Type of the plain key.
  std::string_view certificate;  ///< Type of a certificate for it.
  Family family;
};
constexpr Type types[] = {
    {"ssh-rsa", "ssh-rsa-cert-v01@openssh.com", Family::rsa},
    {"ssh-dss", "ssh-dss-cert-v01@openssh.com", Family::dsa},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com", Family::ecdsa},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com", Family::ecdsa},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com", Family::ecdsa},
    {"ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", Family::ed25519},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
     Family::sk_ecdsa},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com", Family::sk_ed25519},
};

Result<Type const*> type_named(std::string_view name) {
  auto const* const found = std::ranges::find_if(
      types, [&](Type const& t) { return t.plain == name || t.certificate == name; });
  if (found == std::end(types))
    return fail(Errc::unsupported,
                "SSH key type \"" + shortened(printable(clean_utf8(name)), 80) + "\" is unknown");
  return found;
}

Result<PublicKey> ecdsa(SshReader& fields, std::string_view type) {
  auto const name = TRY(fields.string());
  auto const point = TRY(fields.string());
  auto const* const curve = curve_by_ssh_name(name);
  if (!curve || !type.contains(name))
    return fail(Errc::corrupt, "SSH: the curve is not that of the key type");
  return ec_key(*curve, point);
}

Result<PublicKey> rsa(SshReader& fields) {
  auto const e = TRY(fields.mpint());
  auto const n = TRY(fields.mpint());
  return rsa_key(n, e);
}

Result<PublicKey> dsa(SshReader& fields) {
  auto const p = TRY(fields.mpint());
  auto const q = TRY(fields.mpint());
  auto const g = TRY(fields.mpint());
  auto const y = TRY(fields.mpint());
  return dsa_key(p, q, g, y);
}

Result<PublicKey> read_key(SshReader& fields, Type const& type) {
  switch (type.family) {
    case Family::rsa: return rsa(fields);
    case Family::dsa: return dsa(fields);
    case Family::ecdsa:
    case Family::sk_ecdsa: return ecdsa(fields, type.plain);
    case Family::ed25519:
    case Family::sk_ed25519: return raw_key(KeyKind::ed25519, TRY(fields.string()));
  }
  return fail(Errc::internal, "SSH: a key family without a reader");
}

/// A list of strings inside a string; `stride` 2: name and value, of which the names are kept.
Result<std::vector<std::string>> strings(std::string_view list, int stride) {
  std::vector<std::string> out;
  for (SshReader reader(list); !reader.at_end();) {
    out.emplace_back(TRY(reader.string()));
    if (stride == 2) TRY(reader.string());
    if (out.size() > list_items_max)
      return fail(Errc::corrupt, "SSH: a certificate with too many entries");
  }
  return out;
}

/// Seconds since 1970; the largest value stands for "for ever", and what our clock cannot hold is
/// as good as that.
std::optional<Instant> moment(std::uint64_t seconds) {
  constexpr std::uint64_t end = std::numeric_limits<std::int64_t>::max() / 1'000'000;
  if (seconds >= end) return std::nullopt;
  return Instant(std::chrono::seconds(seconds));
}

Result<SshCertificate> read_certificate(SshReader& fields) {
  SshCertificate out;
  out.serial = TRY(fields.u64());
  auto const use = TRY(fields.u32());
  if (use != 1 && use != 2) return fail(Errc::corrupt, "SSH: a certificate of no known use");
  out.host = use == 2;
  out.key_id = TRY(fields.string());
  auto const principals = TRY(fields.string());
  out.principals = TRY(strings(principals, 1));
  auto const after = TRY(fields.u64());
  if (after != 0) out.valid_after = moment(after);
  out.valid_before = moment(TRY(fields.u64()));
  auto const critical = TRY(fields.string());
  out.critical = TRY(strings(critical, 2));
  TRY(fields.string());  // extensions
  TRY(fields.string());  // reserved
  auto const authority = TRY(fields.string());
  // An authority is a plain key; without this test, certificates could nest without end.
  auto const name = TRY(SshReader(authority).string());
  if (name.ends_with(certificate_suffix))
    return fail(Errc::corrupt, "SSH: a certificate signed by a certificate");
  out.authority = TRY(parse_ssh_blob(authority)).key;
  TRY(fields.string());  // signature
  return out;
}

}  // namespace

Result<SshPublicKey> parse_ssh_blob(std::string_view blob) {
  if (blob.size() > blob_bytes_max) return fail(Errc::corrupt, "SSH: key of more than 64 KiB");
  SshReader reader(blob);
  auto const name = TRY(reader.string());
  auto const& type = *TRY(type_named(name));
  bool const certified = name == type.certificate;
  if (certified) TRY(reader.string());  // nonce
  auto const fields = reader.rest();
  SshPublicKey out{.type = std::string(name)};
  out.key = TRY(read_key(reader, type));
  out.hardware = type.family == Family::sk_ecdsa || type.family == Family::sk_ed25519;
  if (out.hardware) out.application = TRY(reader.string());
  auto const plain = fields.substr(0, fields.size() - reader.rest().size());
  out.fingerprint = ssh_fingerprint_of(ssh_string(type.plain).append(plain));
  if (certified) out.certificate = TRY(read_certificate(reader));
  TRY(reader.end());
  return out;
}

Result<SshPublicLine> parse_ssh_line(std::string_view line) {
  line = trim(line);
  auto const first = line.find_first_of(" \t");
  if (first == std::string_view::npos) return fail(Errc::invalid, "not an SSH public key line");
  auto const type = line.substr(0, first);
  auto rest = trim(line.substr(first));
  auto const end = std::min(rest.find_first_of(" \t"), rest.size());
  auto const blob = TRY_DURING(from_base64(rest.substr(0, end)), "SSH public key line");
  SshPublicLine out;
  out.key = TRY(parse_ssh_blob(blob));
  if (out.key.type != type)
    return fail(Errc::corrupt, "SSH: the key is not of the type its line says");
  out.comment = trim(rest.substr(end));
  return out;
}

}  // namespace reeve::crypto
