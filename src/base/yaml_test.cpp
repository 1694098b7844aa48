#include "base/yaml.hpp"

#include <doctest/doctest.h>

namespace reeve {
namespace {

std::string error(std::string_view text) {
  auto const yaml = parse_yaml(text);
  return yaml ? "it was read" : yaml.error().to_string();
}

TEST_CASE("yaml: maps, sequences, scalars, anchors, and the lines they stand on") {
  auto const yaml = *parse_yaml("a: &x [1, two]\nb:\n  c: 'no'\n  d: no\n  e:\nf: *x\n");
  CHECK(yaml["a"].items.at(1).scalar == "two");
  CHECK(yaml["f"].items.at(0).scalar == "1");
  CHECK(yaml["b"]["c"].quoted);
  CHECK_FALSE(yaml["b"]["d"].quoted);
  CHECK(yaml["b"]["d"].line == 4);
  CHECK_FALSE(yaml["b"]["e"]);
  CHECK_FALSE(yaml["absent"]["deeper"]);
  CHECK(yaml.members.size() == 3);
  CHECK_FALSE(*parse_yaml(""));
}

TEST_CASE("yaml: bad input is refused with its line") {
  CHECK(error("a: 1\na: 2\n") == "line 2: the key \"a\" is repeated [invalid]");
  CHECK(error("a: [1\nb: 2").starts_with("line "));
  CHECK(error("? [a, b]\n: 1") == "line 1: a key must be a scalar [invalid]");
  CHECK(error("a: *nobody").starts_with("line 1: "));
  CHECK(error(std::string(10'000, '[')) == "line 1: too deep [invalid]");
}

TEST_CASE("yaml: aliases of aliases end in a clean error") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    auto const was = "*a" + std::to_string(i - 1), is = "a" + std::to_string(i);
    text += is + ": &" + is + " [" + was;
    for (int n = 1; n < 10; ++n) text += ", " + was;
    text += "]\n";
  }
  CHECK(error(text).ends_with("too many nodes [invalid]"));
}

}  // namespace
}  // namespace reeve
