// Any bytes as one HTTP/1.1 request, its body whole and byte by byte. How the network cuts a
// request must not change what it says: that would be smuggling. What is accepted keeps the
// promises of Head, which handlers, logs and answers rely on.

#include <algorithm>
#include <string>

#include "check.hpp"
#include "net/http.hpp"
#include "net/request_parser.hpp"

namespace {

using namespace reeve;

/// How a body reads: its bytes, where it ended, and how.
struct Body {
  std::string data;
  std::size_t taken = 0;
  bool done = false, broken = false;

  bool operator==(Body const&) const = default;
};

/// Gives the parser at most `step` bytes more each time it asks for more.
Body read_body(std::string_view head_bytes, std::string_view bytes, std::size_t step) {
  net::RequestParser parser;
  net::Head head;
  fuzz::must(!parser.parse_head(head_bytes, head));
  Body body;
  for (std::size_t arrived = 0; !(body.done = parser.done());) {
    auto const piece = parser.parse_body(bytes.substr(body.taken, arrived - body.taken));
    body.broken = !piece;
    if (!piece) break;
    fuzz::must(piece->taken <= arrived - body.taken && piece->data.size() <= piece->taken);
    body.taken += piece->taken;
    body.data += piece->data;
    if (piece->taken > 0) continue;
    if (arrived == bytes.size()) break;
    arrived = std::min(bytes.size(), arrived + step);
  }
  return body;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void check(net::Head const& head) {
  fuzz::must(!head.method.empty() && is_printable(head.method));
  fuzz::must(head.path.starts_with('/') && is_printable(head.path) && is_printable(head.query));
  fuzz::must(head.fields.size() <= 100);
  for (auto const& [name, value] : head.fields) {
    fuzz::must(!name.empty() && is_printable(name));
    fuzz::must(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = fuzz::text(data, size);
  auto const end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return 0;  // The connection waits for it.
  auto const head_bytes = bytes.substr(0, end + 4), rest = bytes.substr(end + 4);
  net::RequestParser parser;
  net::Head head;
  if (parser.parse_head(head_bytes, head)) return 0;
  check(head);
  auto const whole = read_body(head_bytes, rest, rest.size() + 1);
  auto const cut = read_body(head_bytes, rest, 1);
  fuzz::must(whole.done == cut.done);
  if (whole.done) fuzz::must(whole == cut);
  if (auto const length = parser.declared_length(); length && whole.done)
    fuzz::must(whole.data.size() == *length && whole.taken == *length);
  return 0;
}
