// What a file is, is told by its first bytes, never by its name: ".pem" holds DER and ".jks" holds
// PKCS#12 (keytool's default since Java 9) often enough. DER starts alike for certificates, keys
// and PKCS#12, so those are tried in turn; each parser is strict enough that at most one says yes.

#include "crypto/contents.hpp"

#include "base/text.hpp"

namespace reeve::crypto {
namespace {

using namespace std::string_view_literals;

std::string at_line(int line) {
  return "line " + std::to_string(line);
}

class Looker {
 public:
  Contents look(std::string_view bytes,
                std::function<std::string(std::string_view key)> const& fingerprint) && {
    if (bytes.starts_with("\xFE\xED\xFE\xED"sv) || bytes.starts_with("\xCE\xCE\xCE\xCE"sv))
      java(bytes);
    else if (bytes.starts_with("\x05\x02"sv) || bytes.starts_with("\x05\x01"sv))
      keytab(bytes, fingerprint);
    else if (bytes.starts_with('\x30'))
      der(bytes);
    else if (bytes.contains("-----BEGIN "))
      pem(bytes);
    else
      ssh_lines(bytes);
    return std::move(out_);
  }

 private:
  void fault(int line, std::string place, Error const& error) {
    out_.malformed.push_back({line, std::move(place), error.to_string()});
  }

  void java(std::string_view bytes) {
    out_.format = "jks";
    if (auto store = parse_jks(bytes))
      keystore(*std::move(store));
    else
      fault(0, "", store.error());
  }

  void keytab(std::string_view bytes,
              std::function<std::string(std::string_view key)> const& fingerprint) {
    out_.format = "keytab";
    auto table = parse_keytab(bytes, fingerprint);
    if (!table) return fault(0, "", table.error());
    out_.keytab = std::move(table->entries);
    out_.malformed = std::move(table->malformed);
  }

  void der(std::string_view bytes) {
    out_.format = "der";
    if (auto certificate = parse_certificate(bytes)) return certify(*std::move(certificate), "");
    if (auto key = parse_private_key_der(bytes)) return private_key(*std::move(key), "");
    if (auto many = parse_pkcs7(bytes)) return pkcs7(*std::move(many), "");
    auto store = parse_pkcs12(bytes);
    if (store) return keystore(*std::move(store));
    out_.format.clear();  // other DER: a request, a revocation list, a ticket
  }

  void pkcs7(std::vector<Certificate> many, std::string const& place) {
    if (place.empty()) out_.format = "pkcs7";
    for (auto& certificate : many) certify(std::move(certificate), place);
  }

  void keystore(Keystore store) {
    out_.format = store.format;
    out_.sealed = store.sealed;
    out_.open_to_all = store.open_to_all;
    out_.malformed = std::move(store.malformed);
    for (auto& entry : store.entries) {
      auto const place = entry.alias.empty() ? "" : "alias " + entry.alias;
      if (entry.kind == KeystoreEntryKind::private_key)
        private_key({.format = store.format,
                     .encrypted = entry.encrypted,
                     .algorithm = entry.key ? entry.key->algorithm : "",
                     .key = entry.key},
                    place);
      for (auto& certificate : entry.chain) certify(std::move(certificate), place);
    }
  }

  void pem(std::string_view bytes) {
    out_.format = "pem";
    auto file = read_pem(bytes);
    out_.malformed = std::move(file.malformed);
    for (auto const& block : file.blocks) pem_block(block);
  }

  void pem_block(PemBlock const& block) {
    auto const der = block.der.reveal();
    auto const place = at_line(block.line);
    if (is_private_key_label(block.label))
      take(parse_private_key(block), block, [&](auto key) { private_key(std::move(key), place); });
    else if (block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE")
      take(parse_certificate(der), block, [&](auto found) { certify(std::move(found), place); });
    else if (block.label == "TRUSTED CERTIFICATE")
      take(parse_trusted_certificate(der), block,
           [&](auto found) { certify(std::move(found), place); });
    else if (block.label == "PKCS7" || block.label == "CMS")
      take(parse_pkcs7(der), block, [&](auto many) { pkcs7(std::move(many), place); });
  }

  template <class T>
  void take(Result<T> result, PemBlock const& block, auto const& keep) {
    if (result)
      keep(*std::move(result));
    else
      fault(block.line, block.label, result.error());
  }

  void ssh_lines(std::string_view bytes) {
    constexpr std::size_t bytes_max = 1U << 20;
    if (bytes.size() > bytes_max) return;
    int number = 0;
    for (auto const line : split(bytes, '\n')) {
      ++number;
      auto key = parse_ssh_line(line);
      if (!key) continue;
      out_.format = "ssh-public-key";
      out_.ssh_keys.push_back({std::move(key->key), at_line(number)});
    }
  }

  void certify(Certificate certificate, std::string place) {
    out_.certificates.push_back({std::move(certificate), std::move(place)});
  }
  void private_key(PrivateKey key, std::string place) {
    out_.private_keys.push_back({std::move(key), std::move(place)});
  }

  Contents out_;
};

}  // namespace

Contents look_inside(std::string_view bytes,
                     std::function<std::string(std::string_view key)> const& fingerprint) {
  return Looker().look(bytes, fingerprint);
}

}  // namespace reeve::crypto
