#include "crypto/keystore.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/private_key.hpp"
#include "crypto/shell_fake.hpp"

namespace reeve::crypto {
namespace {

using namespace std::string_literals;

/// Certificate and key, made once: "web.pem", "web.key".
Workshop const& shop() {
  static Workshop const made;
  static bool const filled = [] {
    for (std::string const name : {"web", "old"})
      made.run(
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj "
          "/CN=" +
          name + " -keyout " + name + ".key -out " + name + ".pem && openssl x509 -in " + name +
          ".pem -outform der -out " + name + ".der");
    return true;
  }();
  REQUIRE(filled);
  return made;
}

bool tools(std::string const& program) {
  if (has_program(program)) return true;
  MESSAGE("SKIP: " << program << " is not installed");
  return false;
}

std::string key_id() {
  auto const file = read_pem(shop().read("web.key"));
  return parse_private_key(file.blocks.at(0)).value().key.value().id;
}

TEST_CASE("pkcs12: the empty password opens it, any other leaves it sealed") {
  if (!tools("openssl")) return;
  struct Case {
    std::string name, options;
    bool sealed, open;
    std::size_t entries;
    bool key_known;
  };
  auto const modern =
      "openssl pkcs12 -export -name 'my web' -inkey web.key -in web.pem -out a.p12 "s;
  for (auto const& c : std::initializer_list<Case>{
           {"empty password", "-passout pass:", false, true, 1, true},
           {"a password", "-passout pass:hunter2", true, false, 1, false},
           {"certificate in clear", "-passout pass:hunter2 -certpbe NONE", true, false, 1, true},
           {"all in clear", "-passout pass:hunter2 -certpbe NONE -keypbe NONE", false, true, 1,
            true},
           {"no MAC, empty password", "-passout pass: -nomac", false, true, 1, true},
           {"no MAC, a password", "-passout pass:hunter2 -nomac -certpbe AES-256-CBC", true, false,
            1, false},
           {"old scheme, empty password",
            "-passout pass: -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1", false, true,
            1, true},
           {"more rounds than we spend", "-passout pass: -iter 5000000 -macalg sha1", true, false,
            1, false},
       }) {
    CAPTURE(c.name);
    shop().run(modern + c.options);
    auto const store = parse_pkcs12(shop().read("a.p12"));
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().to_string()));
    CHECK(store->sealed == c.sealed);
    CHECK(store->open_to_all == c.open);
    REQUIRE(store->entries.size() == c.entries);
    auto const& entry = store->entries[0];
    CHECK(entry.kind == KeystoreEntryKind::private_key);
    CHECK(entry.alias == "my web");
    CHECK(entry.key.has_value() == c.key_known);
    if (entry.key) CHECK(entry.key->id == key_id());
    if (c.key_known) CHECK(entry.chain.at(0).common_name == "web");
    CHECK(store->malformed.empty());
  }
}

TEST_CASE("pkcs12: a trust store is certificates without keys") {
  if (!tools("openssl")) return;
  shop().run(
      "openssl pkcs12 -export -nokeys -in web.pem -certfile old.pem -out t.p12 -passout pass:");
  auto const store = parse_pkcs12(shop().read("t.p12")).value();
  REQUIRE(store.entries.size() == 2);
  for (auto const& entry : store.entries) CHECK(entry.kind == KeystoreEntryKind::certificate);
}

TEST_CASE("pkcs12: every cut is an error, every flipped byte a store or an error") {
  if (!tools("openssl")) return;
  shop().run("openssl pkcs12 -export -inkey web.key -in web.pem -out a.p12 -passout pass: -iter 1");
  auto const bytes = shop().read("a.p12");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CHECK_FALSE(parse_pkcs12(bytes.substr(0, i)).has_value());
    auto bent = bytes;
    bent[i] = char(bent[i] ^ 0x41);
    if (auto const store = parse_pkcs12(bent)) CHECK(store->format == "pkcs12");
  }
}

TEST_CASE("jks: aliases, dates, chains and the public halves are told, as keytool stored them") {
  if (!tools("openssl") || !tools("keytool")) return;
  shop().run(
      "rm -f s.jks s.jceks; openssl pkcs12 -export -name web -inkey web.key -in web.pem -out w.p12 "
      "-passout pass:changeit");
  for (std::string const format : {"jks", "jceks"}) {
    CAPTURE(format);
    auto const store_options =
        " -noprompt -storetype " + format + " -keystore s." + format + " -storepass changeit ";
    shop().run(
        "keytool -importkeystore -srckeystore w.p12 -srcstoretype PKCS12 -srcstorepass changeit "
        "-destkeystore s." +
        format + " -deststoretype " + format + " -deststorepass changeit");
    shop().run("keytool -importcert -alias partner -file old.pem" + store_options);
    auto const store = parse_jks(shop().read("s." + format));
    REQUIRE_MESSAGE(store.has_value(), (store ? "" : store.error().to_string()));
    CHECK(store->format == format);
    CHECK_FALSE(store->sealed);
    CHECK(store->malformed.empty());
    REQUIRE(store->entries.size() == 2);
    auto const web = std::ranges::find(store->entries, "web", &KeystoreEntry::alias);
    auto const partner = std::ranges::find(store->entries, "partner", &KeystoreEntry::alias);
    REQUIRE(web != store->entries.end());
    REQUIRE(partner != store->entries.end());
    CHECK(web->kind == KeystoreEntryKind::private_key);
    CHECK(web->encrypted);
    CHECK(web->key.value().id == key_id());
    CHECK(web->chain.at(0).common_name == "web");
    CHECK(web->created.has_value());
    CHECK(partner->kind == KeystoreEntryKind::certificate);
    CHECK(partner->chain.at(0).common_name == "old");
  }
  shop().run(
      "keytool -genseckey -alias aes -keyalg AES -keysize 128 -storetype jceks -keystore s.jceks "
      "-storepass changeit -keypass changeit");
  auto const sealed = parse_jks(shop().read("s.jceks"));
  CHECK(sealed.value().sealed);
}

std::string big(std::uint64_t value, int size) {
  std::string out;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out += char(value >> shift & 0xFF);
  return out;
}
std::string text(std::string const& value) {
  return big(value.size(), 2) + value;
}
std::string jks(std::uint32_t count, std::string const& entries) {
  return "\xFE\xED\xFE\xED" + big(2, 4) + big(count, 4) + entries + std::string(20, 'd');
}
std::string trusted(std::string const& alias, std::string const& der) {
  return big(2, 4) + text(alias) + big(1'700'000'000'000, 8) + text("X.509") + big(der.size(), 4) +
         der;
}

TEST_CASE("jks: hostile files are errors, a broken certificate costs itself alone") {
  if (!tools("openssl")) return;
  auto const der = shop().read("web.der");
  auto const good = parse_jks(jks(1, trusted("\x1b[31m\xC0\x80", der))).value();
  CHECK(good.entries.at(0).alias == "\x1b[31m\\xC0\\x80");
  CHECK(rfc3339(good.entries.at(0).created.value()) == "2023-11-14T22:13:20Z");
  auto const half = parse_jks(jks(2, trusted("bad", "garbage") + trusted("good", der))).value();
  CHECK(half.entries.size() == 1);
  CHECK(half.malformed.at(0).place == "bad");
  struct Case {
    std::string name, bytes;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"empty", ""},
           {"magic only", "\xFE\xED\xFE\xED"},
           {"version 3", "\xFE\xED\xFE\xED" + big(3, 4) + big(0, 4) + std::string(20, 'd')},
           {"4 billion entries", jks(0xFFFFFFFF, "")},
           {"fewer entries than said", jks(2, trusted("a", der))},
           {"more than said", jks(1, trusted("a", der) + trusted("b", der))},
           {"no digest", jks(0, "").substr(0, 12)},
           {"unknown tag", jks(1, big(9, 4) + text("a") + big(0, 8))},
           {"secret key in a JKS", jks(1, big(3, 4) + text("a") + big(0, 8))},
           {"certificate of 4 GiB",
            jks(1, big(2, 4) + text("a") + big(0, 8) + text("X.509") + big(0xFFFFFFFF, 4))},
           {"a million certificates in a chain",
            jks(1, big(1, 4) + text("a") + big(0, 8) + big(0, 4) + big(1'000'000, 4))},
           {"17 MiB", std::string(17U << 20, '\xFE')},
       }) {
    CAPTURE(c.name);
    CHECK_FALSE(parse_jks(c.bytes).has_value());
  }
}

std::string show(std::string_view key) {
  return "fp(" + std::to_string(key.size()) + ")";
}
std::string entry(std::string const& body) {
  return big(body.size(), 4) + body;
}
std::string principal() {
  return big(2, 2) + text("EXAMPLE") + text("host") + text("db.example");
}
std::string tail(int enctype, std::string const& key) {
  return big(1, 4) + big(1'700'000'000, 4) + big(3, 1) + big(std::uint64_t(enctype), 2) + text(key);
}

TEST_CASE("keytab: principal, version, kind and time of each key, never the key") {
  auto const key = "sixteen byte key"s;
  auto const bytes = "\x05\x02"s + entry(principal() + tail(18, key) + big(300, 4)) +
                     big(std::uint64_t(-8) & 0xFFFFFFFF, 4) + "deleted." +
                     entry(principal() + tail(23, key)) +
                     entry(principal() + tail(99, key) + "pad");
  auto const table = parse_keytab(bytes, show).value();
  CHECK(table.malformed.empty());
  REQUIRE(table.entries.size() == 3);
  CHECK(table.entries[0] == KeytabEntry{.principal = "host/db.example@EXAMPLE",
                                        .kvno = 300,
                                        .enctype = 18,
                                        .enctype_name = "aes256-cts-hmac-sha1-96",
                                        .created = from_micros(1'700'000'000'000'000),
                                        .fingerprint = "fp(16)"});
  CHECK(table.entries[1].kvno == 3);
  CHECK(table.entries[1].enctype_name == "arcfour-hmac");
  CHECK(table.entries[2].enctype_name == "enctype-99");
  CHECK(parse_keytab("\x05\x02", show).value().entries.empty());
}

TEST_CASE("keytab: what MIT's ktutil wrote is read as klist prints it") {
  if (!tools("ktutil") || !tools("klist")) return;
  Workshop const made;
  made.run(
      "printf 'addent -password -p host/db.example@EXAMPLE -k 300 -e aes256-cts-hmac-sha1-96\\n"
      "hunter2\\naddent -password -p app@EXAMPLE -k 2 -e aes128-cts-hmac-sha1-96\\nhunter2\\n"
      "wkt t.keytab\\nquit\\n' | ktutil");
  auto const table = parse_keytab(made.read("t.keytab"), show).value();
  REQUIRE(table.entries.size() == 2);
  CHECK(table.malformed.empty());
  auto const printed = made.run("klist -k -e t.keytab");
  for (auto const& entry : table.entries) {
    auto const line =
        std::to_string(entry.kvno) + " " + entry.principal + " (" + entry.enctype_name;
    CHECK_MESSAGE(printed.contains(line), printed);
  }
  CHECK(table.entries[0].fingerprint == "fp(32)");
  CHECK(table.entries[1].fingerprint == "fp(16)");
}

TEST_CASE("keytab: broken entries are told, the others are read; broken lengths end it") {
  auto const good = entry(principal() + tail(18, "key"));
  auto const table = parse_keytab("\x05\x02"s + entry("short") + good, show).value();
  CHECK(table.entries.size() == 1);
  CHECK(table.malformed.at(0).place == "entry 1");
  auto const odd = big(1, 2) + text("R@LM") + text("a/b\x1b\xff");
  CHECK(
      parse_keytab("\x05\x02"s + entry(odd + tail(1, "k")), show).value().entries.at(0).principal ==
      "a\\/b\x1b\\xFF@R\\@LM");
  struct Case {
    std::string name, bytes;
    Errc want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"empty", "", Errc::corrupt},
           {"one byte", "\x05", Errc::corrupt},
           {"version 1", "\x05\x01"s + good, Errc::unsupported},
           {"another file",
            "\x7f"
            "ELF",
            Errc::corrupt},
           {"entry of 2 GiB", "\x05\x02\x7f\xff\xff\xff", Errc::corrupt},
           {"hole of 2 GiB", "\x05\x02\x80"s + std::string(3, '\0'), Errc::corrupt},
           {"cut size", "\x05\x02\x01", Errc::corrupt},
       }) {
    CAPTURE(c.name);
    auto const bad = parse_keytab(c.bytes, show);
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().code() == c.want);
  }
}

}  // namespace
}  // namespace reeve::crypto
