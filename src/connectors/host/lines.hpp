#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::host {

/// A line that could not be read; its neighbours could. `why` never quotes what may be a secret.
struct Malformed {
  int line = 0;  ///< From 1; 0: the whole text.
  std::string why;

  bool operator==(Malformed const&) const = default;
};

/// Over a file that may be large: nothing is copied.
///
///     for (Lines lines(text); lines.next();) use(lines.number(), lines.text());
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next() {
    if (rest_.empty()) return false;
    auto const end = rest_.find('\n');
    text_ = rest_.substr(0, end);
    if (text_.ends_with('\r')) text_.remove_suffix(1);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    ++number_;
    return true;
  }
  std::string_view text() const { return text_; }  ///< Without its line end.
  int number() const { return number_; }           ///< From 1.

 private:
  std::string_view rest_, text_;
  int number_ = 0;
};

/// The next word of `rest`, cut off it; blanks and tabs divide. Empty: there is none.
inline std::string_view next_word(std::string_view& rest) {
  auto const from = rest.find_first_not_of(" \t");
  rest = from == std::string_view::npos ? std::string_view() : rest.substr(from);
  auto const word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

/// All of `text` as a decimal number.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace reeve::host
