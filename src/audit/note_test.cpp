#include "audit/note.hpp"

#include <doctest/doctest.h>

#include <string>

#include "crypto/random.hpp"

namespace reeve::audit {
namespace {

crypto::Ed25519Key key(std::string_view seed) {
  crypto::PredictableRandom random(seed);
  return crypto::Ed25519Key::generate(random);
}

VerifierKey verifier(crypto::Ed25519Key const& signer) {
  return {std::string(default_origin), signer.public_key()};
}

Checkpoint example() {
  return {.origin = std::string(default_origin), .size = 42, .root = crypto::sha256("x")};
}

// The note of the documentation of golang.org/x/mod/sumdb/note.
TEST_CASE("audit: a note that another program signed is read") {
  auto const peter =
      VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  REQUIRE(peter);
  CHECK(peter->id() == 0xc74f20a3);
  std::string const text =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n";
  auto const note =
      text +
      "\n\u2014 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
      "RyyBwJnAM=\n";
  auto const opened = open_note(note, *peter);
  REQUIRE(opened);
  CHECK(*opened == text);
}

TEST_CASE("audit: a checkpoint survives its note, and another key does not open it") {
  auto const mine = key("mine");
  auto const note = sign_checkpoint(example(), mine);
  auto const opened = open_checkpoint(note, verifier(mine));
  REQUIRE(opened);
  CHECK(*opened == example());
  CHECK_FALSE(open_checkpoint(note, verifier(key("other"))));
  CHECK_FALSE(open_checkpoint(note, {"reeve/other", mine.public_key()}));
  auto const again = VerifierKey::parse(verifier(mine).to_string());
  REQUIRE(again);
  CHECK(again->key == mine.public_key());
}

TEST_CASE("audit: each flipped bit of a checkpoint is noticed") {
  auto const mine = key("mine");
  auto const note = sign_checkpoint(example(), mine);
  for (std::size_t at = 0; at < note.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(at);
      CAPTURE(bit);
      auto bad = note;
      bad[at] = static_cast<char>(bad[at] ^ (1 << bit));
      CHECK_FALSE(open_checkpoint(bad, verifier(mine)));
    }
}

TEST_CASE("audit: signatures of others beside ours do no harm, a false one of ours does") {
  auto const mine = key("mine"), other = key("other");
  auto const note = sign_checkpoint(example(), mine);
  auto const theirs = sign_note(example().text(), "witness.example", other);
  auto const line = theirs.substr(theirs.rfind("\n\n") + 2);
  CHECK(open_checkpoint(note + line, verifier(mine)));
  auto const wrong = sign_note("another text\n", default_origin, mine);
  CHECK_FALSE(open_checkpoint(note + wrong.substr(wrong.rfind("\n\n") + 2), verifier(mine)));
}

TEST_CASE("audit: what is no checkpoint is refused though it is well signed") {
  auto const mine = key("mine");
  auto const root = example().text().substr(example().text().find('\n', 13) + 1);
  struct Case {
    char const* name;
    std::string text;
  };
  Case const cases[] = {{"a line too many", example().text() + "more\n"},
                        {"a line too few", "reeve/audit\n42\n"},
                        {"another origin", "reeve/other\n42\n" + root},
                        {"a leading zero", "reeve/audit\n042\n" + root},
                        {"a sign", "reeve/audit\n+42\n" + root},
                        {"beyond 64 bits", "reeve/audit\n18446744073709551616\n" + root},
                        {"no number", "reeve/audit\n\n" + root},
                        {"a short root", "reeve/audit\n42\nAAAA\n"},
                        {"no base64", "reeve/audit\n42\n!!!!\n"}};
  for (auto const& c : cases) {
    CAPTURE(c.name);
    CHECK_FALSE(open_checkpoint(sign_note(c.text, default_origin, mine), verifier(mine)));
  }
}

TEST_CASE("audit: a verifier key in another spelling is refused") {
  auto const good = verifier(key("mine")).to_string();
  CHECK(VerifierKey::parse(good));
  for (auto const& bad : {std::string(), std::string("a+b"), good + " ", good + "=", " " + good,
                          "x" + good, good.substr(0, good.size() - 4)}) {
    CAPTURE(bad);
    CHECK_FALSE(VerifierKey::parse(bad));
  }
}

}  // namespace
}  // namespace reeve::audit
