// The one file that sees yaml-cpp. Its event interface is used, not its tree, because limits have
// to hold while the text is read. It throws; nothing leaves parse_yaml but a Result.

#include "base/yaml.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace reeve {
namespace {

std::string at_line(int line, std::string const& what) {
  return "line " + std::to_string(line) + ": " + what;
}

std::size_t count(Yaml const& node) {
  std::size_t all = 1;
  for (auto const& item : node.items) all += count(item);
  for (auto const& member : node.members) all += count(member.second);
  return all;
}

/// Thrown through yaml-cpp to end the reading; caught in parse_yaml.
struct Refused {
  std::string why;
};

class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(YamlLimits const& limits) : limits_(limits) {}

  void OnDocumentStart(YAML::Mark const&) override {}
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    put({.line = mark.line + 1}, anchor);
  }
  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    auto const found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{at_line(mark.line + 1, "alias of an open node")};
    grow(count(found->second), mark.line + 1);
    attach(Yaml(found->second));
  }
  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    put({.kind = Yaml::Kind::scalar, .quoted = tag == "!", .line = mark.line + 1, .scalar = value},
        anchor);
  }
  void OnSequenceStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open({.kind = Yaml::Kind::sequence, .line = mark.line + 1}, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open({.kind = Yaml::Kind::map, .line = mark.line + 1}, anchor);
  }
  void OnMapEnd() override { close(); }

  Yaml take() { return std::move(root_); }

 private:
  struct Open {
    Yaml node;
    YAML::anchor_t anchor;
    bool has_key = false;
    std::string key;
  };

  void grow(std::size_t by, int line) {
    nodes_ += by;
    if (nodes_ > limits_.nodes_max) throw Refused{at_line(line, "too many nodes")};
  }
  void open(Yaml node, YAML::anchor_t anchor) {
    grow(1, node.line);
    if (int(open_.size()) >= limits_.depth_max) throw Refused{at_line(node.line, "too deep")};
    open_.push_back({std::move(node), anchor});
  }
  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    keep(done.node, done.anchor);
    attach(std::move(done.node));
  }
  void put(Yaml node, YAML::anchor_t anchor) {
    grow(1, node.line);
    keep(node, anchor);
    attach(std::move(node));
  }
  void keep(Yaml const& node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
  }
  void attach(Yaml node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == Yaml::Kind::sequence)
      parent.node.items.push_back(std::move(node));
    else if (parent.has_key)
      add(parent, std::move(node));
    else
      take_key(parent, node);
  }
  static void take_key(Open& parent, Yaml& key) {
    if (key.kind == Yaml::Kind::sequence || key.kind == Yaml::Kind::map)
      throw Refused{at_line(key.line, "a key must be a scalar")};
    auto const same = std::ranges::find(parent.node.members, key.scalar, &Yaml::Member::first);
    if (same != parent.node.members.end())
      throw Refused{at_line(key.line, "the key \"" + key.scalar + "\" is repeated")};
    parent.key = std::move(key.scalar);
    parent.has_key = true;
  }
  static void add(Open& parent, Yaml node) {
    parent.node.members.emplace_back(std::move(parent.key), std::move(node));
    parent.has_key = false;
  }

  YamlLimits const& limits_;
  Yaml root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Yaml> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace

Yaml const& Yaml::operator[](std::string_view key) const {
  static Yaml const none;
  auto const found = std::ranges::find(members, key, &Member::first);
  return found == members.end() ? none : found->second;
}

std::unexpected<Error> Yaml::wrong(std::string const& what) const {
  return fail(Errc::invalid, at_line(line, what));
}

Result<Yaml> parse_yaml(std::string_view text, YamlLimits const& limits) {
  if (text.size() > limits.bytes_max)
    return fail(Errc::invalid, std::to_string(text.size()) + " bytes of YAML, at most " +
                                   std::to_string(limits.bytes_max) + " are read");
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    Builder builder(limits);
    parser.HandleNextDocument(builder);
    return builder.take();
  } catch (Refused const& refused) {
    return fail(Errc::invalid, refused.why);
  } catch (YAML::Exception const& error) {
    return fail(Errc::invalid, at_line(error.mark.line + 1, error.msg));
  }
}

}  // namespace reeve
