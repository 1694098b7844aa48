#pragma once

#include <charconv>
#include <span>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/yaml.hpp"
#include "model/coverage.hpp"
#include "posture/rule.hpp"

// Words and values that rule files and their fixtures share.
namespace reeve::posture {

inline Result<bool> yes_or_no(Yaml const& at) {
  if (at.scalar == "yes" || at.scalar == "true" || at.scalar == "1") return true;
  if (at.scalar == "no" || at.scalar == "false" || at.scalar == "0") return false;
  return at.wrong("\"" + at.scalar + "\" is neither yes nor no");
}

/// A word of a closed set, as its position there. Errors: invalid, with the choices.
template <class T>
struct Words {
  std::span<std::string_view const> words;
  Result<T> operator()(Yaml const& at) const { return (*this)(at, at.scalar); }
  Result<T> operator()(Yaml const& at, std::string_view text) const {
    for (std::size_t n = 0; n < words.size(); ++n)
      if (words[n] == text) return T(n);
    std::string choices;
    for (auto const word : words) choices += (choices.empty() ? "" : ", ") + std::string(word);
    return at.wrong("\"" + std::string(text) + "\" is unknown; one of: " + choices);
  }
};
inline constexpr Words<Severity> severity_word{severity_names};
inline constexpr Words<Verdict> verdict_word{verdict_names};
inline constexpr Words<ObjectClass> object_class_word{object_class_names};
inline constexpr Words<CoverageState> coverage_state_word{coverage_state_names};
inline constexpr Words<SightingMode> sighting_mode_word{sighting_mode_names};

/// A map with no other keys than these.
inline Result<> only(Yaml const& map, std::span<std::string_view const> keys) {
  for (auto const& [key, value] : map.members)
    (void)TRY(Words<int>{keys}(value.line > 0 ? value : map, key));
  return {};
}

/// "45d", "4h". Errors: invalid.
inline Result<Duration> duration(std::string_view text) {
  std::int64_t count = 0;
  auto const [unit, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view const rest(unit, text.data() + text.size());
  constexpr std::int64_t most = 1'000'000;
  if (error == std::errc() && count >= 0 && count <= most) {
    if (rest == "d") return Duration(Days(count));
    if (rest == "h") return Duration(std::chrono::hours(count));
  }
  return fail(Errc::invalid, "\"" + std::string(text) + "\" is no duration like 45d or 4h");
}

}  // namespace reeve::posture
