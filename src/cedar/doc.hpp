// Documents that know where they may break (Wadler, "A prettier printer", 1998; the strict form of
// Lindig, "Strictly Pretty", 2000). A group is laid out on one line when it fits there, up to the
// next break behind it; else all its own lines break. A break takes the indent of what follows it,
// so that a bracket behind a comment's forced break stands at its own depth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::cedar {

class Docs {
 public:
  using Id = std::uint32_t;

  Id nil() { return 0; }
  Id text(std::string_view text);  ///< Must outlive this.
  Id space() { return text(" "); }
  Id line() { return add({Kind::line, {}, 0, 0, 0}); }          ///< A blank, or a break.
  Id softline() { return add({Kind::softline, {}, 0, 0, 0}); }  ///< Nothing, or a break.
  Id hardline() { return add({Kind::hardline, {}, 0, 0, 0}); }
  Id nest(int by, Id doc) { return doc == nil() ? doc : add({Kind::nest, {}, doc, 0, by}); }
  Id group(Id doc) { return doc == nil() ? doc : add({Kind::group, {}, doc, 0, 0}); }
  template <class... More>
  Id cat(Id first, More... more) {
    if constexpr (sizeof...(more) == 0)
      return first;
    else
      return both(first, cat(more...));
  }

  std::string render(Id doc, std::size_t width) const;

 private:
  enum class Kind : std::uint8_t { nil, text, line, softline, hardline, both, nest, group };
  struct Node {
    Kind kind = Kind::nil;
    std::string_view text;
    Id left = 0, right = 0;
    int by = 0;
  };
  struct Command {
    int indent;
    bool flat;
    Id doc;
  };
  Id add(Node node);
  Id both(Id left, Id right) {
    if (left == nil() || right == nil()) return left == nil() ? right : left;
    return add({Kind::both, {}, left, right, 0});
  }
  bool fits(Id doc, std::vector<Command> const& rest, std::size_t column, std::size_t width) const;

  std::vector<Node> nodes_ = {{}};
};

}  // namespace reeve::cedar
