#include "connectors/host/authorized_keys.hpp"

#include <doctest/doctest.h>

namespace reeve::host {
namespace {

// Public halves of keys that ssh-keygen made for these tests.
constexpr char ed25519[] = "AAAAC3NzaC1lZDI1NTE5AAAAIClXKvB7aDcGxjLBZ4MKSdUM8HKJmMZ7MupiLhTOTkuk";
constexpr char ecdsa[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFccHR6qsPplQsQRIRoEG9Dadnw77XXKrQNq27UrB8"
    "1cLImUF5QRjy6s9Wb+7iPbxk7ZVwfCNbPAA1mzhpyD2Qo=";
constexpr char rsa_3072[] =
    "AAAAB3NzaC1yc2EAAAADAQABAAABgQDJdpo2tQfXuk0tHpEzLdFbNTLUAkn0jlNnmEAZKuoDfvNrXf1jJprMR6oXOJ"
    "zfk7zgIXdGQnATr3uSFynS5lDW6a5O1d2YaH/YGFbzm/8x75Cb9XONMuUzfKwebwuB2kGLrHrXYnlYtF0wIvlQba1L"
    "R2nTpomZfuXpn0iqgs7oR6mghEXKh12Xncu2bX9jLX21HZnZLALrzrdOhZWo4M8+Ea+Sd2m9Fv4EDdoA9pURkKwo5N"
    "ze7j0kbmtaRzuGaC44Zm/xCWCH9fICgajQSjkx7/siSomJv+j2I94Uzh736kndwHpqv6rki9BYilcZMSSPoFkPx1zJ"
    "2H7SbyTk3LlHMSpsKVtn5GT6tlXTU4Arm7Y4YuzqqyZrx10EE0/ulDGhQhmDPRwlAtrVds/WLyvpa8Dzd6g/NzWs+I"
    "Sytq+dDte+GYW7hnFMUgKCCLM1RynZbeumrVVhzuauRn12hCW3kJlWsSsNFx8uDczHWbyC8vLmIZ9J95BMS/OFHa32"
    "Pl0=";

AuthorizedKey one(std::string const& line) {
  auto got = parse_authorized_keys(line);
  CAPTURE(line);
  CHECK(got.malformed.empty());
  REQUIRE(got.keys.size() == 1);
  return std::move(got.keys[0]);
}

std::string const key = std::string("ssh-ed25519 ") + ed25519;

TEST_CASE("host authorized_keys: kinds of keys and their comments") {
  struct Case {
    std::string line;
    char const* algorithm;
    char const* comment;
  };
  for (auto const& c : {
           Case{key + " bob@laptop", "ed25519", "bob@laptop"},
           Case{key + "   two words ", "ed25519", "two words"},
           Case{key, "ed25519", ""},
           Case{std::string("ssh-rsa ") + rsa_3072 + " x", "rsa-3072", "x"},
           Case{std::string("\tecdsa-sha2-nistp256\t") + ecdsa, "ec-p256", ""},
       }) {
    auto const got = one(c.line);
    CHECK(got.algorithm == c.algorithm);
    CHECK(got.comment == c.comment);
    CHECK(got.options.empty());
    CHECK(got.restrictions().empty());
  }
}

TEST_CASE("host authorized_keys: a quoted comma, blank or quote is part of the value") {
  auto const got =
      one(R"(from="10.0.0.0/8,!10.1.1.1",command="/bin/rrsync -ro \"/srv a,b\"",No-PTY,restrict )" +
          key);
  REQUIRE(got.options.size() == 4);
  CHECK(got.option("from")->value == "10.0.0.0/8,!10.1.1.1");
  CHECK(got.option("command")->value == R"(/bin/rrsync -ro "/srv a,b")");
  CHECK(got.option("no-pty") != nullptr);
  CHECK(!got.option("restrict")->value.has_value());
  CHECK(got.option("cert-authority") == nullptr);
}

TEST_CASE("host authorized_keys: what may be shown of the options holds no secret") {
  struct Case {
    char const* options;
    char const* shown;
  };
  for (auto const& c : std::initializer_list<Case>{
           {R"(from="10.0.0.0/8",restrict)", R"(from="10.0.0.0/8",restrict)"},
           {R"(command="/bin/backup --token=canary")", R"(command="/bin/backup …")"},
           {R"(command="/bin/backup")", R"(command="/bin/backup")"},
           {R"(command="T=canary /bin/backup")", R"(command=" …")"},
           {R"(environment="TOKEN=canary")", R"(environment="TOKEN …")"},
           {R"(cert-authority,principals="a,b")", R"(cert-authority,principals="a,b")"},
       }) {
    CAPTURE(c.options);
    CHECK(one(std::string(c.options) + " " + key).restrictions() == c.shown);
  }
}

TEST_CASE("host authorized_keys: expiry-time") {
  struct Case {
    char const* options;
    Known<Instant> want;
  };
  auto const at = [](char const* text) { return Known<Instant>(parse_rfc3339(text).value()); };
  for (auto const& c : {
           Case{"restrict", None{}},
           Case{R"(expiry-time="20270301")", at("2027-03-01T00:00:00Z")},
           Case{R"(expiry-time="202703011530Z")", at("2027-03-01T15:30:00Z")},
           Case{R"(expiry-time="20270301153059Z")", at("2027-03-01T15:30:59Z")},
           Case{R"(expiry-time="20280101",expiry-time="20270101")", at("2027-01-01T00:00:00Z")},
           Case{R"(expiry-time="20270230")", NotReported{}},
           Case{R"(expiry-time="tomorrow")", NotReported{}},
           Case{"expiry-time", NotReported{}},
       }) {
    CAPTURE(c.options);
    CHECK(one(std::string(c.options) + " " + key).expires() == c.want);
  }
}

TEST_CASE("host authorized_keys: a line sshd would refuse is named, its neighbours count") {
  std::string const truncated(ed25519, 40);
  auto const got = parse_authorized_keys("# comment\n\n" + key + "\n" +       //
                                         "ssh-ed25519 !!!\n" +                //
                                         "ssh-rsa " + ed25519 + "\n" +        //
                                         "ssh-ed25519 " + truncated + "\n" +  //
                                         "from=\"10.0.0.1 " + key + "\n" +    //
                                         "nonsense\n" +                       //
                                         "restrict ssh-foo AAAA\n" +          //
                                         "ssh-ed25519\n" +                    //
                                         std::string(70000, 'a') + "\n" + key + " last");
  CHECK(got.keys.size() == 2);
  std::string why;
  for (auto const& bad : got.malformed) why += std::to_string(bad.line) + " " + bad.why + "\n";
  CHECK(why ==
        "4 base64 without its padding\n"
        "5 SSH: the key is not of the type its line says\n"
        "6 SSH: ends within a value\n"
        "7 neither a key nor options before one, or a quote that is not closed\n"
        "8 neither a key nor options before one, or a quote that is not closed\n"
        "9 SSH: ends within a value\n"
        "10 not an SSH public key line\n"
        "11 a line of more than 64 KiB\n");
}

TEST_CASE("host authorized_keys: a million options are refused, not stored") {
  std::string commas(60000, ',');
  CHECK(parse_authorized_keys(commas + " " + key).keys.size() == 1);
  std::string flags;
  for (int i = 0; i < 20000; ++i) flags += "a,";
  CHECK(parse_authorized_keys(flags + " " + key).malformed.at(0).why == "more than 256 options");
}

}  // namespace
}  // namespace reeve::host
