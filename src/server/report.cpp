#include "report/report.hpp"

#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

// No script runs in it and nothing may frame it: the page's own policy says the same when it is
// opened from a file.
Result<net::Response> get_report(Api& api, Request const& request) {
  auto const work = [&]() -> Result<std::string> {
    auto const db = TRY(api.service.inventory().reader());
    return report::html(*db, api.service.now());
  };
  auto page = TRY(request.call.blocking(work));
  net::Response out{.content_type = "text/html; charset=utf-8", .body = std::move(page)};
  out.fields.emplace_back("X-Content-Type-Options", "nosniff");
  out.fields.emplace_back("X-Frame-Options", "DENY");
  return out;
}

constexpr Route routes_here[] = {
    {"GET", "/v1/report", pdp::action("report.read"), "The estate as one HTML page", get_report, "",
     "", "text/html"},
};

}  // namespace

constinit std::span<Route const> const report_routes = routes_here;

}  // namespace reeve::server
