#pragma once

#include <memory>
#include <string>

#include "connect/connector.hpp"
#include "connect/settings.hpp"
#include "connectors/people/feed.hpp"

namespace reeve::connect {

/// Persons, their managers, and who has left.
std::unique_ptr<Connector> make_people(std::string source, people::Feed feed, int page_size = 1000);

Info const& people_info();
Kind people_kind();

}  // namespace reeve::connect
