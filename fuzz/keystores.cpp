// Any bytes as PKCS#12, JKS and keytab, and as a file of unknown content. Texts can be held by a
// database, and no key of a keytab shows but by its fingerprint.

#include "crypto/keystore.hpp"

#include "base/text.hpp"
#include "check.hpp"
#include "crypto/contents.hpp"

namespace {

using namespace reeve;

void check(crypto::Keystore const& store) {
  for (auto const& entry : store.entries) {
    fuzz::must(entry.alias == clean_utf8(entry.alias));
    fuzz::must(entry.kind != crypto::KeystoreEntryKind::certificate || !entry.chain.empty());
  }
}

std::string mark(std::string_view key) {
  return "fp" + std::to_string(key.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = fuzz::text(data, size);
  if (auto const store = crypto::parse_pkcs12(bytes)) check(*store);
  if (auto const store = crypto::parse_jks(bytes)) check(*store);
  if (auto const table = crypto::parse_keytab(bytes, mark))
    for (auto const& entry : table->entries) {
      fuzz::must(entry.principal == clean_utf8(entry.principal));
      fuzz::must(entry.fingerprint.starts_with("fp"));
    }
  auto const contents = crypto::look_inside(bytes, mark);
  fuzz::must(!contents.format.empty() || contents.certificates.empty());
  return 0;
}
