#include "connectors/host/changer_line.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::host {
namespace {

using Lines = std::vector<std::string_view>;  // as split: a last newline gives an empty last one

std::string hash(std::string_view text) {
  return crypto::to_hex(crypto::bytes_of(crypto::sha256(text)));
}

std::int64_t count(Lines const& lines, std::optional<std::string> const& line) {
  return line ? std::ranges::count(lines, std::string_view(*line)) : 0;
}

/// The hash of a neighbour; empty: there is none. What follows the last newline is no line.
std::string hash_at(Lines const& lines, std::ptrdiff_t n) {
  if (n < 0 || n >= std::ptrdiff_t(lines.size())) return "";
  if (n + 1 == std::ptrdiff_t(lines.size()) && lines.back().empty()) return "";
  return hash(lines[std::size_t(n)]);
}

std::string joined(Lines const& lines) {
  std::string out;
  for (std::size_t n = 0; n < lines.size(); ++n) out.append(n == 0 ? "" : "\n").append(lines[n]);
  return out;
}

/// Where a line comes back to: where it was if its neighbour still is, behind that one wherever it
/// went, before the next one, else at the end.
std::ptrdiff_t place_for(Lines const& lines, LineState const& state) {
  auto const size = std::ptrdiff_t(lines.size());
  if (state.number < size && hash_at(lines, state.number - 1) == state.previous)
    return state.number;
  for (std::ptrdiff_t n = 0; n < size; ++n)
    if (!state.previous.empty() && hash_at(lines, n) == state.previous) return n + 1;
  for (std::ptrdiff_t n = 0; n < size; ++n)
    if (!state.next.empty() && hash_at(lines, n) == state.next) return n;
  return lines.back().empty() ? size - 1 : size;
}

/// Where the line is that `text` is of, at best at `number`; it must be there.
std::ptrdiff_t find(Lines const& lines, std::string_view text, std::int64_t number) {
  auto const there = std::size_t(number);
  if (there < lines.size() && lines[there] == text) return number;
  return std::ranges::find(lines, text) - lines.begin();
}

}  // namespace

std::string spell(LineState const& state) {
  Json out;
  out.add("text", state.text ? Json(crypto::to_base64(*state.text)) : Json());
  out.add("own", state.own).add("other", state.other).add("number", state.number);
  out.add("previous", state.previous).add("next", state.next).add("file", state.file);
  return to_json(out);
}

Result<LineState> parse_line_state(std::string_view text) {
  auto const json = parse_json(text);
  auto const number = [&](std::string_view key) {
    auto const* found = json->find(key);
    return found && found->integer() ? *found->integer() : -1;
  };
  if (!json || !json->find("text")) return fail(Errc::conflict, "not a state of a line");
  LineState out{.own = number("own"),
                .other = number("other"),
                .number = number("number"),
                .previous = json->text_at("previous"),
                .next = json->text_at("next"),
                .file = json->text_at("file")};
  if (out.own < 0 || out.other < 0 || out.number < 0)
    return fail(Errc::conflict, "not a state of a line");
  if (json->find("text")->text()) {
    auto line = crypto::from_base64(json->text_at("text"));
    if (!line) return fail(Errc::conflict, "not a state of a line");
    out.text = std::move(*line);
  }
  if (out.text.has_value() != (out.own > 0)) return fail(Errc::conflict, "not a state of a line");
  return out;
}

LineChange change_line(std::string_view text, std::size_t number, std::optional<std::string> to) {
  auto lines = split(text, '\n');
  auto const at = std::ptrdiff_t(number);
  LineChange out;
  out.before = {.text = std::string(lines.at(number)),
                .own = count(lines, std::string(lines[number])),
                .other = count(lines, to),
                .number = at,
                .previous = hash_at(lines, at - 1),
                .next = hash_at(lines, at + 1),
                .file = hash(text)};
  out.after = out.before;
  out.after.text = to;
  if (to)
    lines[number] = *to;
  else
    lines.erase(lines.begin() + at);
  if (lines.empty()) lines.emplace_back();
  out.after.own = count(lines, to);
  out.after.other = count(lines, out.before.text);
  out.text = joined(lines);
  out.after.file = hash(out.text);
  return out;
}

bool stands(std::string_view text, LineState const& state, LineState const& other) {
  auto const lines = split(text, '\n');
  return count(lines, state.text) == (state.text ? state.own : 0) &&
         count(lines, other.text) == (other.text ? state.other : 0);
}

Result<std::string> move_line(std::string_view text, LineState const& from, LineState const& to) {
  if (!from.file.empty() && hash(text) != from.file)
    return fail(Errc::conflict, "the file was changed since the preview; preview again");
  if (!stands(text, from, to))
    return fail(Errc::conflict, from.text ? "the line is not there as it was"
                                          : "the line is there already, or others like it are");
  if (!from.text && !to.text) return fail(Errc::conflict, "neither state has a line");
  auto lines = split(text, '\n');
  auto const at = from.text ? find(lines, *from.text, from.number) : place_for(lines, to);
  if (from.text) lines.erase(lines.begin() + at);
  if (to.text) lines.insert(lines.begin() + at, *to.text);
  if (lines.empty()) lines.emplace_back();
  return joined(lines);
}

}  // namespace reeve::host
