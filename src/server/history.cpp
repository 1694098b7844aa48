#include "inventory/history.hpp"

#include "inventory/inventory.hpp"
#include "inventory/list.hpp"
#include "model/id.hpp"
#include "model/schema.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

net::Response items_response(Json::Array items) {
  Json out;
  out.add("items", std::move(items)).add("next", nullptr);
  return json_response(out);
}

Result<net::Response> get_history(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json::Array> {
    auto const db = TRY(api.service.inventory().reader());
    return inventory::history(*db, request.id);
  };
  auto items = TRY(request.call.blocking(load));
  return items_response(std::move(items));
}

Result<net::Response> get_cluster(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json::Array> {
    auto const db = TRY(api.service.inventory().reader());
    return inventory::cluster(*db, request.id);
  };
  auto items = TRY(request.call.blocking(load));
  return items_response(std::move(items));
}

/// "run_7", or a moment: the newest run that had finished by then.
Result<RunId> since_run(sql::Database& db, std::string const& since) {
  if (since.starts_with(RunKind::prefix)) return parse_id<RunKind>(since);
  auto const at = parse_rfc3339(since);
  if (!at)
    return fail(Errc::invalid,
                "since is a run (run_7) or a moment (2026-03-01T10:00:00Z), not " + since);
  return inventory::run_at(db, *at);
}

Json json_of(inventory::Change const& change) {
  constexpr std::string_view names[] = {"appeared", "changed", "vanished"};
  Json out;
  out.add("change", names[std::size_t(change.kind)]).add("class", name(change.object_class));
  out.add("id", std::string(id_prefix(change.object_class)) + std::to_string(change.id));
  return out.add("native_id", change.native_id);
}

Result<net::Response> get_diff(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json::Array> {
    auto const db = TRY(api.service.inventory().reader());
    auto const since = TRY(since_run(*db, request.get("since")));
    Json::Array items;
    for (auto const& change : TRY(inventory::diff(*db, since))) items.push_back(json_of(change));
    return items;
  };
  auto items = TRY(request.call.blocking(load));
  return items_response(std::move(items));
}

constexpr auto read = pdp::action("inventory.read");
constexpr Route routes_here[] = {
    {"GET", "/v1/objects/{id}/history", read,
     "Since when an object is as it is, who said so, and what was said before", get_history},
    {"GET", "/v1/clusters/{id}", read, "All that is one credential with a credential or sighting",
     get_cluster},
    {"GET", "/v1/diff", read, "What appeared, changed and vanished since a run or a moment",
     get_diff, "", "since"},
};

}  // namespace

constinit std::span<Route const> const history_routes = routes_here;

}  // namespace reeve::server
