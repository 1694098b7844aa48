#include "connect/retry.hpp"

#include <algorithm>

#include "connect/connector.hpp"

namespace reeve::connect {
namespace {

constexpr Duration first_bound = std::chrono::milliseconds(500);
constexpr Duration bound_max = std::chrono::seconds(60);

Result<> wait_for(Duration wait, Patience const& patience) {
  if (wait <= Duration::zero()) return {};
  if (patience.now() + wait > patience.deadline)
    return fail(Errc::timeout, "the time for this run has passed");
  return patience.wait(wait);
}

}  // namespace

Duration Pace::take(Instant now) {
  auto const second = double(Duration(std::chrono::seconds(1)).count());
  if (last_ != Instant{} && now > last_)
    tokens_ = std::min(double(rate_.burst),
                       tokens_ + double((now - last_).count()) / second * rate_.per_second);
  last_ = now;
  tokens_ -= 1;
  return tokens_ >= 0 ? Duration::zero()
                      : Duration(std::int64_t(-tokens_ / rate_.per_second * second));
}

Duration backoff(int attempt, std::uint64_t random) {
  auto bound = first_bound;
  for (int at = 0; at < attempt && bound < bound_max; ++at) bound *= 2;
  auto const limit = std::uint64_t(std::min(bound, bound_max).count());
  return Duration(std::int64_t(random % (limit + 1)));
}

Result<Page> enumerate_patiently(Connector& connector, std::string_view cursor, Pace& pace,
                                 Patience const& patience) {
  for (int attempt = 0;; ++attempt) {
    TRY(wait_for(pace.take(patience.now()), patience));
    auto page = connector.enumerate(cursor);
    if (page || !describe(page.error().code()).retry || attempt + 1 >= patience.attempts_max)
      return page;
    TRY(wait_for(backoff(attempt, patience.random()), patience));
  }
}

}  // namespace reeve::connect
