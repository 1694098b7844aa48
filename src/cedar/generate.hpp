// Random cases for differential tests: policies with templates and links, entities, requests. Made
// for being near the edges: numbers at the ends of int64, empty and odd ids, wrong types, dates,
// ranges, missing attributes, deep nesting (below what the reference's WebAssembly build survives),
// broken text.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "cedar/policy.hpp"

namespace reeve::cedar {

/// splitmix64: the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class List>
  auto const& pick(List const& list) {
    return list[below(std::size(list))];
  }

 private:
  std::uint64_t state_;
};

struct RandomCase {
  std::vector<std::string> policies;                           ///< Texts; "policy0", … in order.
  std::vector<std::pair<std::string, std::string>> templates;  ///< Id and text.
  std::vector<Link> links;
  Json::Array entities;
  Json::Array requests;  ///< `principal`, `action`, `resource`, `context`.
};

RandomCase random_case(Random& random);

/// What our engines say to each request: "allow [\"policy0\"] []", or "invalid" when the case
/// cannot be read. Both engines are asked; "engines differ: …" when they do not agree.
std::vector<std::string> our_answers(RandomCase const& c);
/// `policies`, `entities` and `requests` in the forms of cedar-wasm, as one line of JSON.
std::string oracle_question(RandomCase const& c);

}  // namespace reeve::cedar
