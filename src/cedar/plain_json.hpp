// JSON in its plain form: printable ASCII without escapes, short whole numbers. Most lines of a log
// are that, and reading it takes a tenth of what reading any JSON does. Whoever reads with this
// gives up at the first doubt and asks the JSON parser: what is taken here means the same there.
#pragma once

#include <optional>
#include <string_view>

#include "cedar/value.hpp"

namespace reeve::cedar {

class PlainJson {
 public:
  explicit PlainJson(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  void blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool text(std::string_view& out) {
    if (!take('"')) return false;
    auto const* const start = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\' && *at_ >= ' ' && *at_ <= '~') ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    out = {start, at_};
    ++at_;
    return true;
  }
  bool at_end() {
    blanks();
    return at_ == end_;
  }

 protected:
  char const* at_;
  char const* end_;
};

/// The record that record_from_json makes of the text. Empty: ask that.
std::optional<Record> plain_record(std::string_view json);

}  // namespace reeve::cedar
