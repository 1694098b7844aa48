// Asks for TLS in the words of each protocol: SMTP (RFC 3207), IMAP (RFC 9051 §6.2.1), POP3
// (RFC 2595 §4), LDAP (RFC 4511 §4.14), PostgreSQL (protocol 3.0, "SSLRequest").
//
// Replies are read a byte at a time, so that nothing of the handshake is taken from it, and are
// bounded: 1,000 bytes a line, 100 lines. A reply we do not understand is an error that quotes it.

#include "connectors/x509/starttls.hpp"

#include "base/text.hpp"

namespace reeve::x509 {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t line_bytes_max = 1000;
constexpr int lines_max = 100;

std::string quoted(std::string_view line) {
  return "\"" + shortened(printable(clean_utf8(line)), 120) + "\"";
}

Result<std::string> line_of(Wire& wire) {
  std::string line;
  while (line.size() < line_bytes_max) {
    line += TRY(wire.receive(1));
    if (line.ends_with('\n')) return std::string(trim(line));
  }
  return fail(Errc::corrupt, "a reply without an end: " + quoted(line));
}

/// SMTP: lines "250-…" go on, "250 …" ends.
Result<> expect_smtp(Wire& wire, std::string_view code, std::string_view asked) {
  for (int i = 0; i < lines_max; ++i) {
    auto const line = TRY(line_of(wire));
    if (line.starts_with("220-") || line.starts_with("250-")) continue;
    if (line.starts_with(code)) return {};
    return fail(Errc::unsupported, "answers " + std::string(asked) + " with " + quoted(line));
  }
  return fail(Errc::corrupt, "a reply of more than 100 lines");
}

Result<> smtp(Wire& wire) {
  TRY(expect_smtp(wire, "220", "a connection"));
  TRY(wire.send("EHLO reeve.invalid\r\n"));
  TRY(expect_smtp(wire, "250", "EHLO"));
  TRY(wire.send("STARTTLS\r\n"));
  return expect_smtp(wire, "220", "STARTTLS");
}

/// IMAP and POP3: a greeting, one command, one answer; IMAP may tell other things before it.
Result<> greeted(Wire& wire, std::string_view greeting, std::string_view command,
                 std::string_view good, std::string_view untagged) {
  auto const first = TRY(line_of(wire));
  if (!first.starts_with(greeting)) return fail(Errc::corrupt, "greets with " + quoted(first));
  TRY(wire.send(command));
  for (int i = 0; i < lines_max; ++i) {
    auto const line = TRY(line_of(wire));
    if (line.starts_with(good)) return {};
    if (!untagged.empty() && line.starts_with(untagged)) continue;
    return fail(Errc::unsupported,
                "answers " + std::string(trim(command)) + " with " + quoted(line));
  }
  return fail(Errc::corrupt, "a reply of more than 100 lines");
}

Result<std::string> exactly(Wire& wire, std::size_t size) {
  std::string out;
  while (out.size() < size) out += TRY(wire.receive(size - out.size()));
  return out;
}

/// An ExtendedResponse whose resultCode is success. BER, as servers write lengths in long forms.
Result<> ldap(Wire& wire) {
  TRY(
      wire.send("\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                "1.3.6.1.4.1.1466.20037"sv));
  auto const head = TRY(exactly(wire, 2));
  if (head[0] != '\x30') return fail(Errc::corrupt, "does not answer in LDAP");
  std::size_t size = std::uint8_t(head[1]);
  if (size >= 0x80) {
    auto const count = size & 0x7F;
    if (count == 0 || count > 4) return fail(Errc::corrupt, "an LDAP message of no length");
    size = 0;
    for (char const c : TRY(exactly(wire, count))) size = size << 8 | std::uint8_t(c);
  }
  if (size > line_bytes_max) return fail(Errc::corrupt, "an LDAP answer of more than 1,000 bytes");
  auto const message = TRY(exactly(wire, size));
  bool const response = message.starts_with("\x02\x01\x01\x78"sv);
  if (!response) return fail(Errc::corrupt, "does not answer StartTLS");
  if (!message.contains("\x0a\x01\x00"sv))
    return fail(Errc::unsupported, "refuses the StartTLS operation");
  return {};
}

Result<> postgres(Wire& wire) {
  TRY(wire.send("\0\0\0\x08\x04\xd2\x16\x2f"sv));
  auto const answer = TRY(wire.receive(1));
  if (answer == "S") return {};
  if (answer == "N") return fail(Errc::unsupported, "runs without TLS");
  return fail(Errc::corrupt, "does not answer as PostgreSQL");
}

}  // namespace

Result<> request_tls(Start start, Wire& wire) {
  switch (start) {
    case Start::tls: return {};
    case Start::smtp: return smtp(wire);
    case Start::imap: return greeted(wire, "* OK", "a STARTTLS\r\n", "a OK", "* ");
    case Start::pop3: return greeted(wire, "+OK", "STLS\r\n", "+OK", "");
    case Start::ldap: return ldap(wire);
    case Start::postgres: return postgres(wire);
  }
  return fail(Errc::internal, "a way to start TLS without words");
}

}  // namespace reeve::x509
