#include "connectors/x509/x509.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/text.hpp"
#include "connect/conformance.hpp"
#include "connectors/x509/client_fake.hpp"
#include "crypto/encode.hpp"
#include "crypto/owned.hpp"

namespace reeve::connect {
namespace {

using Pkey = crypto::Owned<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = crypto::Owned<::X509, X509_free>;

template <class Object>
std::string der_of(Object* object, int (*encode)(Object const*, unsigned char**)) {
  unsigned char* raw = nullptr;
  int const size = encode(object, &raw);
  std::string out(reinterpret_cast<char const*>(raw), std::size_t(size));
  OPENSSL_free(raw);
  return out;
}
std::string pem(std::string const& label, std::string const& der) {
  return "-----BEGIN " + label + "-----\n" + crypto::to_base64(der) + "\n-----END " + label +
         "-----\n";
}

/// A key with certificates, made in the process: no tool would write the names tests need.
class Maker {
 public:
  Maker() : key_(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")) { REQUIRE(key_ != nullptr); }

  /// From day `begin` to day `end` after 1970, signed by `issuer` (null: by itself).
  std::string certificate(std::string const& name, long begin, long end,
                          Maker const* issuer = nullptr, bool ca = false) const {
    X509Ptr const made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 7);
    ASN1_TIME_set(X509_getm_notBefore(made.get()), begin * 86400);
    ASN1_TIME_set(X509_getm_notAfter(made.get()), end * 86400);
    set_name(X509_get_subject_name(made.get()), name);
    set_name(X509_get_issuer_name(made.get()), issuer ? "authority" : name);
    X509_set_pubkey(made.get(), key_.get());
    if (ca) {
      auto* const extension =
          X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
      X509_add_ext(made.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
    REQUIRE(X509_sign(made.get(), (issuer ? issuer : this)->key_.get(), nullptr) > 0);
    return der_of<::X509>(made.get(), i2d_X509);
  }
  std::string key_pem() const {
    auto* const info = EVP_PKEY2PKCS8(key_.get());
    auto const der = der_of<PKCS8_PRIV_KEY_INFO>(info, i2d_PKCS8_PRIV_KEY_INFO);
    PKCS8_PRIV_KEY_INFO_free(info);
    return pem("PRIVATE KEY", der);
  }

 private:
  static void set_name(X509_NAME* name, std::string const& text) {
    // T61String: the one type that takes any bytes, at any length.
    auto* const entry = X509_NAME_ENTRY_create_by_NID(
        nullptr, NID_commonName, V_ASN1_T61STRING,
        reinterpret_cast<unsigned char const*>(text.data()), int(text.size()));
    X509_NAME_add_entry(name, entry, -1, 0);
    X509_NAME_ENTRY_free(entry);
  }
  Pkey key_;
};

std::string no_fingerprint(std::string_view) {
  return "fp";
}

std::unique_ptr<Connector> connector(x509::FakeEstate const& estate, X509Options options) {
  return make_x509("tls", std::make_unique<x509::FakeClient>(estate), no_fingerprint,
                   std::move(options));
}

template <class T>
std::vector<T> all(Page const& page) {
  std::vector<T> out;
  for (auto const& seen : page.observations)
    if (auto const* object = std::get_if<T>(&seen.object)) out.push_back(*object);
  return out;
}

x509::Endpoint endpoint(std::string const& text) {
  return x509::parse_endpoint(text).value();
}

TEST_CASE("x509: a certificate in a file, a bundle and on an endpoint is one, seen three times") {
  Maker const authority, web;
  auto const der = web.certificate("web.example", 100, 130, &authority);
  x509::FakeEstate const estate{
      .files = {{"/tls/web.pem", {pem("CERTIFICATE", der) + web.key_pem(), 0640}},
                {"/tls/x/copy.crt", {der}}},
      .servers = {{"tls:web.example:443", {{der}, "TLSv1.3"}}}};
  auto const page = connector(estate, {{"/tls"}, {endpoint("web.example:443")}})->enumerate("");
  REQUIRE(page.has_value());
  CHECK(page->gaps.empty());
  auto const identities = all<Identity>(*page);
  auto const credentials = all<Credential>(*page);
  REQUIRE(identities.size() == 1);
  REQUIRE(credentials.size() == 1);
  CHECK(identities[0].name == "web.example");
  CHECK(identities[0].kind == "certificate");
  auto const& c = credentials[0];
  CHECK(c.identity == identities[0].native_id);
  CHECK(c.algorithm == Known<std::string>("ed25519"));
  CHECK(c.issuer == Known<std::string>("CN=authority"));
  CHECK(c.created == Known<Instant>(Instant(Days(100))));
  CHECK(c.expires == Known<Instant>(Instant(Days(130))));
  std::vector<std::string> places;
  for (auto const& s : all<Sighting>(*page)) {
    CHECK(Known<std::string>(s.fingerprint) == c.fingerprint);
    CHECK(s.identity == identities[0].native_id);
    auto const exposed = std::get_if<std::string>(&s.exposure);
    places.push_back(s.kind + " " + s.where + " " + std::string(name(s.mode)) +
                     (exposed ? " " + *exposed : ""));
  }
  CHECK(places == std::vector<std::string>{"certificate file:/tls/web.pem:1 stored",
                                           "private_key file:/tls/web.pem:4 stored group",
                                           "certificate file:/tls/x/copy.crt stored",
                                           "certificate tls:web.example:443 used"});
  auto const consumers = all<Consumer>(*page);
  REQUIRE(consumers.size() == 1);
  CHECK(consumers[0].identity == identities[0].native_id);
  CHECK(consumers[0].native_id == "tls:web.example:443");
}

TEST_CASE("x509: a renewal is the same identity, a self-made namesake is another") {
  Maker const authority, old_key, new_key, self_a, self_b;
  x509::FakeEstate const estate{
      .files = {{"/t/1", {old_key.certificate("app", 1, 90, &authority)}},
                {"/t/2", {new_key.certificate("app", 80, 170, &authority)}},
                {"/t/3", {self_a.certificate("app", 1, 90)}},
                {"/t/4", {self_b.certificate("app", 1, 90)}}}};
  auto const page = connector(estate, {{"/t"}})->enumerate("").value();
  CHECK(all<Identity>(page).size() == 3);
  CHECK(all<Credential>(page).size() == 4);
  CHECK(std::ranges::count(all<Credential>(page), Known<std::string>(None{}),
                           &Credential::issuer) == 2);
}

TEST_CASE("x509: trusted authorities are no identities of ours, until their key lies here") {
  Maker const root;
  auto const der = root.certificate("Root", 1, 9000, nullptr, /*ca=*/true);
  x509::FakeEstate estate{.files = {{"/ca/root.pem", {pem("CERTIFICATE", der)}}}};
  auto const count = [&](X509Options const& options) {
    return all<Identity>(connector(estate, options)->enumerate("").value()).size();
  };
  CHECK(count({{"/ca"}}) == 0);
  CHECK(count({.roots = {"/ca"}, .authorities = true}) == 1);
  estate.servers["tls:a:1"] = {{der}, "TLSv1.2"};  // a server's self-made one often says CA:TRUE
  CHECK(count({{"/ca"}, {endpoint("a:1")}}) == 1);
  estate.files["/ca/root.key"] = {root.key_pem(), 0600};
  CHECK(count({{"/ca"}}) == 1);
}

TEST_CASE("x509: what could not be seen is named, and the rest is told") {
  Maker const a, b;
  x509::FakeEstate const estate{
      .files = {{"/t/a.der", {a.certificate("a", 1, 2)}},
                {"/t/secret.pem", {b.certificate("b", 1, 2)}},
                {"/t/broken.pem",
                 {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}},
                {"/t/notes.txt", {"nothing to see"}}},
      .unreadable = {"/t/secret.pem"}};
  auto const x509 = connector(estate, {{"/t"}, {endpoint("gone.example:443")}});
  auto const page = x509->enumerate("").value();
  CHECK(all<Identity>(page).size() == 1);
  auto const gap = [&](std::string_view text, ObjectClass at) {
    for (auto const& one : page.gaps)
      if (one.object_class == at && one.why.contains(text)) return one;
    return Gap{};
  };
  CHECK(gap("/t/secret.pem", ObjectClass::credential).missing == "read of the files under roots");
  CHECK(gap("/t/secret.pem", ObjectClass::credential).fix.contains("/t/secret.pem"));
  CHECK(gap("/t/broken.pem:1", ObjectClass::identity).missing.empty());
  CHECK(gap("gone.example:443", ObjectClass::consumer).why.contains("Connection refused"));
  auto const coverage = x509->coverage();
  CHECK(coverage.at(std::size_t(ObjectClass::identity)).state == CoverageState::partial);
  CHECK(coverage.at(std::size_t(ObjectClass::identity)).missing == "read of the files under roots");
  CHECK(coverage.at(std::size_t(ObjectClass::consumer)).reason.contains("gone.example:443"));
  CHECK(coverage.at(std::size_t(ObjectClass::grant)).state == CoverageState::unsupported);
}

TEST_CASE("x509: keeps the promises of a connector") {
  Maker const authority;
  x509::FakeEstate estate;
  X509Options options{{"/t"}, {endpoint("a:1"), endpoint("b:2")}};
  options.page_size = 3;
  std::vector<std::string> canaries;
  for (int i = 0; i < 6; ++i) {
    Maker const key;
    auto const name = i == 3 ? hostile_name() : "svc" + std::to_string(i);
    auto const der = key.certificate(name, 1, 90, &authority);
    estate.files["/t/" + std::to_string(i)] = {pem("CERTIFICATE", der) + key.key_pem()};
    auto const secret = key.key_pem();
    canaries.emplace_back(split(secret, '\n').at(1));
    if (i < 2) estate.servers[options.endpoints[std::size_t(i)].text()] = {{der}, "TLSv1.3"};
  }
  Bench const bench{.connect =
                        [&](std::string_view without) {
                          auto robbed = estate;
                          if (without.starts_with("read")) robbed.unreadable.insert("/t/4");
                          if (without.starts_with("TCP"))
                            robbed.network.emplace(Errc::denied,
                                                   "connect: Operation not permitted");
                          return connector(robbed, options);
                        },
                    .identities = 6,
                    .canaries = canaries};
  for (auto const& promise : broken_promises(bench)) FAIL_CHECK(promise);
}

TEST_CASE("x509: cursors of others and empty settings are refused") {
  CHECK(connector({}, {{"/t"}})->enumerate("7").error().code() == Errc::invalid);
  CHECK(connector({}, {{"/t"}})->enumerate("identity !").error().code() == Errc::invalid);
  auto const settings = [](std::vector<std::pair<std::string, std::string>> const& given) {
    return Settings::resolve(x509_info(), given, [](auto const&) { return std::nullopt; });
  };
  CHECK_FALSE(x509_kind().make("x", settings({}).value(), no_fingerprint).has_value());
  CHECK_FALSE(x509_kind()
                  .make("x", settings({{"endpoints", "nohost"}}).value(), no_fingerprint)
                  .has_value());
  CHECK(
      x509_kind().make("x", settings({{"roots", "/etc/ssl"}}).value(), no_fingerprint).has_value());
}

}  // namespace
}  // namespace reeve::connect
