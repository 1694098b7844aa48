#include "connectors/x509/endpoint.hpp"

#include <doctest/doctest.h>

#include "connectors/x509/starttls.hpp"

namespace reeve::x509 {
namespace {

using namespace std::string_literals;

TEST_CASE("endpoint: is read as operators write it, and has one text") {
  struct Case {
    std::string text, want;
  };
  for (auto const& c : std::initializer_list<Case>{
           {"db.example:443", "tls:db.example:443"},
           {" tls://db.example:443 ", "tls:db.example:443"},
           {"smtp://mail:25", "smtp:mail:25"},
           {"imap://mail:143", "imap:mail:143"},
           {"pop3://mail:110", "pop3:mail:110"},
           {"ldap://dir:389", "ldap:dir:389"},
           {"postgres://pg:5432", "postgres:pg:5432"},
           {"[::1]:8443", "tls:[::1]:8443"},
           {"10.0.0.1:443#a.example", "tls:10.0.0.1:443#a.example"},
       }) {
    CAPTURE(c.text);
    auto const got = parse_endpoint(c.text);
    REQUIRE(got.has_value());
    CHECK(got->text() == c.want);
  }
  for (std::string const bad :
       {"", "host", "host:", ":443", "host:0", "host:65536", "host:44x", "http://a:1", "::1:443",
        "[]:1", "a b:1", "a/b:1", "host:443#", "a;rm:1", "\x1b[31m:1"}) {
    CAPTURE(bad);
    auto const got = parse_endpoint(bad);
    REQUIRE_FALSE(got.has_value());
    CHECK_FALSE(got.error().to_string().contains('\x1b'));
  }
}

/// A server that says what it was told to say, a byte at a time.
class Script final : public Wire {
 public:
  explicit Script(std::string says) : says_(std::move(says)) {}
  Result<> send(std::string_view bytes) override {
    heard += bytes;
    return {};
  }
  Result<std::string> receive(std::size_t) override {
    if (at_ == says_.size()) return fail(Errc::unavailable, "closes the connection");
    return says_.substr(at_++, 1);
  }
  std::string heard;
  bool drained() const { return at_ == says_.size(); }

 private:
  std::string says_;
  std::size_t at_ = 0;
};

TEST_CASE("starttls: each protocol is asked in its words, and refusals are told apart") {
  struct Case {
    std::string name;
    Start start;
    std::string says;
    Errc want;  // internal: it begins
  };
  auto const ok = Errc::internal;
  for (auto const& c : std::initializer_list<Case>{
           {"smtp", Start::smtp, "220-hi\r\n220 there\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n", ok},
           {"smtp without", Start::smtp, "220 hi\r\n250 a\r\n502 no\r\n", Errc::unsupported},
           {"smtp busy", Start::smtp, "421 later\r\n", Errc::unsupported},
           {"smtp for ever", Start::smtp,
            [] {
              std::string out;
              for (int i = 0; i < 200; ++i) out += "220-more\r\n";
              return out;
            }(),
            Errc::corrupt},
           {"a line for ever", Start::smtp, std::string(100'000, 'x'), Errc::corrupt},
           {"closes", Start::smtp, "220 hi\r\n", Errc::unavailable},
           {"imap", Start::imap, "* OK hi\r\n* CAPABILITY X\r\na OK go\r\n", ok},
           {"imap refuses", Start::imap, "* OK hi\r\na BAD no\r\n", Errc::unsupported},
           {"no imap", Start::imap, "HTTP/1.1 400 Bad\r\n", Errc::corrupt},
           {"pop3", Start::pop3, "+OK hi\r\n+OK go\r\n", ok},
           {"pop3 refuses", Start::pop3, "+OK hi\r\n-ERR no\r\n", Errc::unsupported},
           {"ldap", Start::ldap, "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s, ok},
           {"ldap, long length", Start::ldap,
            "\x30\x84\x00\x00\x00\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"s, ok},
           {"ldap refuses", Start::ldap,
            "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00"s, Errc::unsupported},
           {"ldap of 4 GiB", Start::ldap, "\x30\x84\xff\xff\xff\xff"s, Errc::corrupt},
           {"no ldap", Start::ldap, "SSH-2.0-x\r\n", Errc::corrupt},
           {"postgres", Start::postgres, "S", ok},
           {"postgres without", Start::postgres, "N", Errc::unsupported},
           {"no postgres", Start::postgres, "E", Errc::corrupt},
       }) {
    CAPTURE(c.name);
    Script script(c.says);
    auto const got = request_tls(c.start, script);
    if (c.want == ok) {
      CHECK_MESSAGE(got.has_value(), (got ? "" : got.error().to_string()));
      CHECK(script.drained());
    } else {
      REQUIRE_FALSE(got.has_value());
      CHECK(got.error().code() == c.want);
    }
  }
}

TEST_CASE("starttls: not a byte of the handshake is read with the answer") {
  Script script("+OK hi\r\n+OK go\r\n\x16");
  REQUIRE(request_tls(Start::pop3, script).has_value());
  CHECK(script.receive(1).value() == "\x16");
}

}  // namespace
}  // namespace reeve::x509
