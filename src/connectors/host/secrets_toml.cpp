// toml++ behind our nodes. Its messages quote the text they stumble over, so only the place of an
// error is passed on.

#define TOML_HEADER_ONLY 0  // the parser is in the library, so this file builds in a second
#define TOML_SHARED_LIB 1
#include <toml++/toml.h>

#include <string>
#include <utility>

#include "connectors/host/secrets_document.hpp"

namespace reeve::host {
namespace {

constexpr std::size_t bytes_max = 4u << 20;

Yaml node(toml::node const& from) {
  Yaml out;
  out.line = static_cast<int>(from.source().begin.line);
  if (auto const* table = from.as_table()) {
    out.kind = Yaml::Kind::map;
    for (auto const& [key, value] : *table)
      out.members.emplace_back(std::string(key.str()), node(value));
  } else if (auto const* array = from.as_array()) {
    out.kind = Yaml::Kind::sequence;
    for (auto const& item : *array) out.items.push_back(node(item));
  } else {
    out.kind = Yaml::Kind::scalar;
    out.quoted = from.is_string();
    if (auto const* text = from.as_string()) out.scalar = text->get();
    if (auto const* yes = from.as_boolean()) out.scalar = yes->get() ? "true" : "false";
    if (auto const* number = from.as_integer()) out.scalar = std::to_string(number->get());
  }
  return out;
}

}  // namespace

Result<Yaml> read_toml(std::string_view text) {
  if (text.size() > bytes_max)
    return fail(Errc::invalid, std::to_string(text.size()) + " bytes of TOML, at most " +
                                   std::to_string(bytes_max) + " are read");
  try {
    return node(toml::parse(text));
  } catch (toml::parse_error const& error) {
    auto const at = error.source().begin;
    return fail(Errc::invalid, "line " + std::to_string(at.line) + ", column " +
                                   std::to_string(at.column) + ": not TOML");
  }
}

}  // namespace reeve::host
