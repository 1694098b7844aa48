// What the tests of plans ask first: that it worked, with the reason where it did not.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "base/result.hpp"

namespace reeve::remedy {

template <class T>
T must(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().to_string()));
  return std::move(*result);
}
inline void ok(Result<> const& done) {
  REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().to_string()));
}

}  // namespace reeve::remedy
