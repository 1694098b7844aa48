// An estate made up from a seed, told as connectors tell theirs: page by page, the same cursor
// always the same page. Per identity three credentials and five grants; beside them a few
// sightings, consumers, uses, resources and people. Between one and two of a hundred fail each
// rule, and as many do not tell what a rule needs.
#pragma once

#include <cstdint>
#include <vector>

#include "connect/settings.hpp"
#include "inventory/decisions.hpp"

namespace reeve::bench {

/// The moment the ages in it count back from.
constexpr Instant estate_now = from_micros(1'772'359'200'000'000);

/// Sources that together have `identities` of them. Two number their objects in order, two give
/// ids without any.
std::vector<inventory::SourceConfig> estate_sources(std::int64_t identities);

/// Who answers for what in it: somebody for all but a few.
inventory::Decisions estate_decisions(std::int64_t identities);

/// The one kind that these sources are of.
connect::Kind estate_kind();

}  // namespace reeve::bench
