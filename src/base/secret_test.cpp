#include "base/secret.hpp"

#include <doctest/doctest.h>

#include <type_traits>
#include <utility>

namespace reeve {
namespace {

template <class T>
concept Comparable = requires(T const& a) { a == a; };
static_assert(!Comparable<Secret> && !std::is_copy_constructible_v<Secret>);

TEST_CASE("secret: bytes are wiped where they came from and when moved") {
  std::string from = "hunter2";
  char const* const place = from.data();
  auto secret = Secret::take(from);
  CHECK(from.empty());
  CHECK(place[0] == '\0');
  CHECK(secret.reveal() == "hunter2");
  auto const moved = std::move(secret);
  CHECK(moved.reveal() == "hunter2");
  CHECK(secret.empty());  // NOLINT(bugprone-use-after-move): that is the point
}

TEST_CASE("secret: comparing tells equal from different, also by length") {
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
  CHECK(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace reeve
