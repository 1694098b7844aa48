// A call of the API as a question to the decision point.
#pragma once

#include <string>

#include "pdp/context.hpp"
#include "pdp/decision_log.hpp"
#include "pdp/request.hpp"
#include "server/api.hpp"

namespace reeve::server {

/// Who asks, first in front: an agent stands before the token it uses.
std::vector<pdp::Actor> actors_of(Caller const& caller);

/// `id` is that of the path; empty: the route is about the whole estate.
pdp::Request question(Api& api, Caller const& caller, Route const& route, std::string const& id,
                      net::Call& call);

/// Asks the decision point, and notes the answer in the decision log when it is one to note.
pdp::Decided ask(Api& api, Caller const& caller, Route const& route, std::string const& id,
                 net::Call& call);

}  // namespace reeve::server
