#include "connectors/host/keys_file.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "crypto/keystore.hpp"
#include "crypto/private_key.hpp"
#include "crypto/ssh_key.hpp"
#include "crypto/x509.hpp"
#include "scan/judge.hpp"

namespace reeve::host {
namespace {

/// More authorities than this in one file, and nothing but authorities: a trust store.
constexpr std::size_t authorities_max = 3;

std::string numbered(std::string_view what, std::size_t n) {
  return n == 0 ? std::string(what) : std::string(what) + " " + std::to_string(n + 1);
}

std::string below(std::string const& key, std::string const& name) {
  return key.empty() ? name : key + " " + name;
}

/// The line of a block in the file: `where.line` is that of the text it stands in.
int line_of(Finder::Where const& where, int line) {
  return where.line > 0 ? where.line : line;
}

void add_private_key(crypto::PrivateKey const& key, Secret const& bytes, Finder::Where const& where,
                     Finder& finder) {
  finder.add({.kind = "private_key",
              .fingerprint = key.key ? key.key->id : finder.fingerprint(bytes.reveal()),
              .key = where.key,
              .line = where.line,
              .account = key.comment.empty() ? where.account : clean_utf8(key.comment),
              .target = where.target,
              .encrypted = key.encrypted});
}

void private_key_block(crypto::PemBlock const& block, Finder::Where const& where, Finder& finder) {
  auto const key = crypto::parse_private_key(block);
  if (key) return add_private_key(*key, block.der, where, finder);
  finder.malformed(where.line,
                   "a private key that cannot be read: " + std::string(key.error().message()));
  finder.secret("private_key", block.der.reveal(), where);
}

void private_keys(crypto::PemFile const& file, Finder::Where const& where, Finder& finder) {
  std::size_t n = 0;
  for (auto const& block : file.blocks) {
    if (!crypto::is_private_key_label(block.label)) continue;
    auto at = where;
    at.key = below(where.key, numbered("private key", n++));
    at.line = line_of(where, block.line);
    private_key_block(block, at, finder);
  }
}

void add_certificate(crypto::Certificate const& certificate, Finder::Where const& where,
                     Finder& finder) {
  finder.add({.kind = "certificate",
              .fingerprint = certificate.key.id,
              .key = where.key,
              .line = where.line,
              .account = certificate.subject,
              .target = where.target,
              .expires = certificate.not_after});
}

void certificates(crypto::PemFile const& file, Finder::Where const& where, Finder& finder) {
  struct One {
    crypto::Certificate certificate;
    int line;
  };
  std::vector<One> all;
  for (auto const& block : file.blocks) {
    if (!block.label.ends_with("CERTIFICATE")) continue;
    auto certificate = crypto::parse_certificate(block.der.reveal());
    if (certificate)
      all.push_back({std::move(*certificate), block.line});
    else
      finder.malformed(line_of(where, block.line), std::string(certificate.error().message()));
  }
  bool const trust_store =
      all.size() > authorities_max &&
      std::ranges::all_of(all, [](One const& one) { return one.certificate.is_ca; });
  if (trust_store) return;
  for (std::size_t n = 0; n < all.size(); ++n) {
    auto at = where;
    at.key = below(where.key, numbered("certificate", n));
    at.line = line_of(where, all[n].line);
    add_certificate(all[n].certificate, at, finder);
  }
}

void malformed_blocks(crypto::PemFile const& file, Finder::Where const& where, Finder& finder) {
  for (auto const& malformed : file.malformed)
    finder.malformed(line_of(where, malformed.line), malformed.why);
}

/// PuTTY keeps the public half in clear: "Public-Lines: n", then n lines of base64 (puttygen
/// manual, appendix C).
void putty_key(std::string_view text, Finder& finder) {
  std::string blob, comment;
  bool encrypted = false;
  for (Lines lines(text); lines.next();) {
    auto const line = trim(lines.text());
    if (line.starts_with("Comment: ")) comment = clean_utf8(line.substr(9));
    if (line.starts_with("Encryption: ")) encrypted = line != "Encryption: none";
    if (!line.starts_with("Public-Lines: ")) continue;
    for (int n = number<int>(line.substr(14)).value_or(0); n > 0 && lines.next(); --n)
      blob += trim(lines.text());
  }
  auto const key = crypto::parse_ssh_blob(scan::base64_decoded(blob));
  if (!key) finder.malformed(1, "a PuTTY key that cannot be read");
  finder.add({.kind = "private_key",
              .fingerprint = key ? key->key.id : finder.fingerprint(text),
              .key = "private key",
              .line = 1,
              .account = comment,
              .encrypted = encrypted});
}

/// 30, then the length of all the rest: a text may begin with a zero as well.
bool is_der(std::string_view bytes) {
  if (bytes.size() < 4 || bytes.front() != '\x30') return false;
  auto const length = static_cast<unsigned char>(bytes[1]);
  return length < 0x80 ? bytes.size() == std::size_t(length) + 2 : length >= 0x80 && length <= 0x84;
}

void keystore(crypto::Keystore const& store, Finder& finder) {
  for (auto const& malformed : store.malformed) finder.malformed(malformed.line, malformed.why);
  std::size_t n = 0;
  for (auto const& entry : store.entries) {
    auto const key =
        (entry.alias.empty() ? "entry " + std::to_string(++n) : "alias " + entry.alias);
    if (entry.kind == crypto::KeystoreEntryKind::private_key && entry.key)
      finder.add({.kind = "private_key",
                  .fingerprint = entry.key->id,
                  .key = key,
                  .account = entry.chain.empty() ? "" : entry.chain.front().subject,
                  .encrypted = !store.open_to_all});
    for (auto const& certificate : entry.chain)
      if (!certificate.is_ca) add_certificate(certificate, {.key = key + " certificate"}, finder);
  }
  if (store.sealed) finder.malformed(0, "a keystore that shows the rest only with its password");
}

void keytab(std::string_view bytes, Finder& finder) {
  auto const file =
      crypto::parse_keytab(bytes, [&](std::string_view key) { return finder.fingerprint(key); });
  if (!file) return finder.malformed(file.error());
  for (auto const& malformed : file->malformed) finder.malformed(malformed.line, malformed.why);
  for (auto const& entry : file->entries)
    finder.add(
        {.kind = "kerberos_key",
         .fingerprint = entry.fingerprint,
         .key = entry.principal + " kvno " + std::to_string(entry.kvno) + " " + entry.enctype_name,
         .account = entry.principal});
}

void der_file(std::string_view bytes, Finder& finder) {
  if (auto const certificate = crypto::parse_certificate(bytes))
    return add_certificate(*certificate, {.key = "certificate"}, finder);
  if (auto const key = crypto::parse_private_key_der(bytes))
    return add_private_key(*key, Secret(bytes), {.key = "private key"}, finder);
  if (auto const several = crypto::parse_pkcs7(bytes)) {
    for (std::size_t n = 0; n < several->size(); ++n)
      add_certificate((*several)[n], {.key = numbered("certificate", n)}, finder);
  } else if (auto const store = crypto::parse_pkcs12(bytes))
    keystore(*store, finder);
  else
    finder.malformed(0, "neither a certificate nor a key that we can read");
}

}  // namespace

void find_private_key(Secret const& pem, Finder::Where const& where, Finder& finder) {
  auto const file = crypto::read_pem(pem.reveal());
  malformed_blocks(file, where, finder);
  bool const any = std::ranges::any_of(
      file.blocks, [](auto const& block) { return crypto::is_private_key_label(block.label); });
  if (any) return private_keys(file, where, finder);
  if (file.malformed.empty()) finder.malformed(where.line, "a private key that cannot be read");
  finder.secret("private_key", pem.reveal(), where);
}

void find_certificates(std::string_view pem, Finder::Where const& where, Finder& finder) {
  auto const file = crypto::read_pem(pem);
  malformed_blocks(file, where, finder);
  certificates(file, where, finder);
}

void find_in_key_file(std::string_view bytes, Finder& finder) {
  if (bytes.empty()) return;
  if (bytes.starts_with("PuTTY-User-Key-File-")) return putty_key(bytes, finder);
  if (is_der(bytes)) return der_file(bytes, finder);
  if (bytes.starts_with("\x05\x02")) return keytab(bytes, finder);
  if (bytes.starts_with("\xFE\xED\xFE\xED") || bytes.starts_with("\xCE\xCE\xCE\xCE")) {
    auto const store = crypto::parse_jks(bytes);
    return store ? keystore(*store, finder) : finder.malformed(store.error());
  }
  if (bytes.contains("-----BEGIN PGP PRIVATE KEY BLOCK-----"))
    return finder.secret("private_key", trim(bytes), {.key = "OpenPGP key", .line = 1});
  auto const file = crypto::read_pem(bytes);
  malformed_blocks(file, {}, finder);
  private_keys(file, {}, finder);
  certificates(file, {}, finder);
}

}  // namespace reeve::host
