// Conditions on requests (RFC 9110 §13) for one object at a time: `ETag` on its GET, 304 to who has
// it, and `If-Match` on a decision about it, so that nobody decides on what he no longer sees.
//
// The tag is a hash of the answer: right for every row, whatever made it change. The condition is
// looked at before the work begins, which serves people who overtake one another within minutes. It
// is no lock: two decisions within the same milliseconds both hold.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/api.hpp"

namespace reeve::server {

/// Strong and quoted.
std::string etag_of(std::string_view body);

/// Adds the tag to the answer of a GET of one object; turns it into 304 when If-None-Match has it.
void tag(Route const& route, Request const& request, net::Response& response);

/// What If-Match asks of a write. Empty: it holds, or was not asked for. Otherwise the answer: 412.
/// Errors: unsupported (there is no GET of that object), denied (he may not read it), those of the
/// GET.
Result<std::optional<net::Response>> unmet(Api& api, Route const& route, Request const& request);

/// May the caller of `request` do what `route` does? Errors: denied.
Result<> allowed(Api& api, Route const& route, Caller const& caller, std::string const& id,
                 net::Call& call);

/// An error as an answer; `status` 0: that of its code.
net::Response error_response(Error const& error, net::Call& call, int status = 0);

}  // namespace reeve::server
