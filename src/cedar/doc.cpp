#include "cedar/doc.hpp"

#include <algorithm>

namespace reeve::cedar {
namespace {

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

Docs::Id Docs::add(Node node) {
  nodes_.push_back(node);
  return static_cast<Id>(nodes_.size() - 1);
}

Docs::Id Docs::text(std::string_view text) {
  return add({Kind::text, text, 0, 0, 0});
}

bool Docs::fits(Id doc, std::vector<Command> const& rest, std::size_t column,
                std::size_t width) const {
  std::vector<Id> open = {doc};
  auto behind = rest.size();
  bool flat = true;
  for (;;) {
    if (open.empty()) {
      if (behind == 0) return true;
      open.push_back(rest[--behind].doc);
      flat = false;  // what stands behind the group may break, and then the group fits
    }
    auto const& node = nodes_[open.back()];
    open.pop_back();
    switch (node.kind) {
      case Kind::nil: break;
      case Kind::text:
        column += columns(node.text);
        if (column > width) return false;
        break;
      case Kind::line:
        if (!flat) return true;
        if (++column > width) return false;
        break;
      case Kind::softline:
        if (!flat) return true;
        break;
      case Kind::hardline: return !flat;
      case Kind::both:
        open.push_back(node.right);
        open.push_back(node.left);
        break;
      case Kind::nest:
      case Kind::group: open.push_back(node.left); break;
    }
  }
}

std::string Docs::render(Id doc, std::size_t width) const {
  std::string out;
  std::size_t column = 0;
  std::vector<Command> open = {{0, false, doc}};
  while (!open.empty()) {
    auto const [indent, flat, id] = open.back();
    open.pop_back();
    auto const& node = nodes_[id];
    switch (node.kind) {
      case Kind::nil: break;
      case Kind::text:
        out += node.text;
        column += columns(node.text);
        break;
      case Kind::line:
      case Kind::softline:
      case Kind::hardline:
        if (flat && node.kind != Kind::hardline) {
          if (node.kind == Kind::line) out += ' ', ++column;
          break;
        }
        column = static_cast<std::size_t>(open.empty() ? indent : open.back().indent);
        out += "\n" + std::string(column, ' ');
        break;
      case Kind::both:
        open.push_back({indent, flat, node.right});
        open.push_back({indent, flat, node.left});
        break;
      case Kind::nest: open.push_back({indent + node.by, flat, node.left}); break;
      case Kind::group:
        open.push_back({indent, flat || fits(node.left, open, column, width), node.left});
        break;
    }
  }
  return out;
}

}  // namespace reeve::cedar
