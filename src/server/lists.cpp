#include "inventory/list.hpp"
#include "inventory/rows.hpp"
#include "model/id.hpp"
#include "model/schema.hpp"
#include "pdp/actions.hpp"
#include "posture/leave.hpp"
#include "posture/profiles.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

/// Query parameters that are not filters.
constexpr std::string_view paging[] = {"sort", "cursor", "limit"};

Result<inventory::ListQuery> list_query(std::string table, Request const& request) {
  inventory::ListQuery out{.table = std::move(table), .filters = request.query};
  out.sort = request.get("sort");
  out.cursor = request.get("cursor");
  for (auto const name : paging) out.filters.erase(std::string(name));
  if (auto const limit = request.get("limit"); !limit.empty()) {
    auto const number = parse_json(limit);
    if (!number || !number->integer()) return fail(Errc::invalid, "limit is a number");
    out.limit = *number->integer();
  }
  return out;
}

Result<net::Response> list_table(Api& api, Request const& request, std::string const& table) {
  auto const query = TRY(list_query(table, request));
  auto const load = [&]() -> Result<inventory::ListPage> {
    auto const db = TRY(api.service.inventory().reader());
    return inventory::list(*db, query);
  };
  auto page = TRY(request.call.blocking(load));
  Json out;
  out.add("items", std::move(page.rows));
  out.add("next", page.next.empty() ? Json() : Json(page.next));
  return json_response(out);
}

Result<net::Response> get_row(Api& api, Request const& request, std::string const& table) {
  auto const load = [&]() -> Result<Json> {
    auto const db = TRY(api.service.inventory().reader());
    return inventory::get(*db, table, request.id);
  };
  return json_response(TRY(request.call.blocking(load)));
}

/// Handlers take no argument of their own, so each table has one by template.
struct Name {
  char text[16]{};
  consteval Name(char const* from) {
    for (int n = 0; from[n] != '\0'; ++n) text[n] = from[n];
  }
};
template <Name Of>
Result<net::Response> list_of(Api& api, Request const& request) {
  return list_table(api, request, Of.text);
}
template <Name Of>
Result<net::Response> one_of(Api& api, Request const& request) {
  return get_row(api, request, Of.text);
}

Result<Json::Array> rows_of(sql::Database& db, std::string table, std::string const& identity) {
  auto page = TRY(inventory::list(
      db, {.table = std::move(table), .filters = {{"identity", identity}}, .limit = 200}));
  return std::move(page.rows);
}

Json scorecard(posture::Scorecard const& card) {
  Json out;
  out.add("actor", posture::name(card.actor)).add("behaviour", posture::name(card.behaviour));
  out.add("actor_confidence", card.actor_confidence);
  out.add("behaviour_confidence", card.behaviour_confidence);
  out.add("quadrant", posture::quadrant(card));
  out.add("contradicts_declaration", card.contradicts_declaration);
  Json::Array lines;
  for (auto const& line : card.lines)
    lines.push_back(
        Json().add("clue", line.clue).add("actor", line.actor).add("behaviour", line.behaviour));
  return out.add("lines", std::move(lines));
}

/// Everything about one identity on one page.
Result<Json> explanation(sql::Database& db, std::string const& id) {
  Json out;
  out.add("identity", TRY(inventory::get(db, "identities", id)));
  auto const number = TRY(parse_id<IdentityKind>(id));
  auto const traces = TRY(posture::traces_of(db, number.value));
  out.add("scorecard", scorecard(posture::classify(traces)));
  for (auto const* table :
       {"owners", "credentials", "grants", "consumers", "usage", "sightings", "findings"})
    out.add(table, TRY(rows_of(db, table, id)));
  return out;
}

Result<net::Response> explain_identity(Api& api, Request const& request) {
  auto const load = [&]() -> Result<Json> {
    auto const db = TRY(api.service.inventory().reader());
    return explanation(*db, request.id);
  };
  return json_response(TRY(request.call.blocking(load)));
}

Json::Array touched(std::vector<posture::Touched> const& all) {
  Json::Array out;
  for (auto const& one : all) {
    Json row;
    row.add("id", std::string(id_prefix(one.object_class)) + std::to_string(one.id));
    row.add("class", name(one.object_class)).add("source", one.source).add("name", one.name);
    row.add("why", one.why);
    if (!one.opens.empty()) row.add("opens", one.opens);
    out.push_back(std::move(row.add("risk", one.risk)));
  }
  return out;
}

Json leave_json(posture::Leave const& leave) {
  Json out;
  out.add("person", to_string(PersonId{leave.person})).add("name", leave.name);
  out.add("breaks", touched(leave.breaks)).add("orphaned", touched(leave.orphaned));
  out.add("can_use", touched(leave.can_use)).add("could_read", touched(leave.could_read));
  Json::Array first;
  for (auto const& step : leave.first) first.emplace_back(step);
  return out.add("first", std::move(first));
}

/// Of somebody who is still here too: it only looks.
Result<net::Response> person_leave(Api& api, Request const& request) {
  auto const person = TRY(parse_id<PersonKind>(request.id));
  auto const load = [&]() -> Result<posture::Leave> {
    auto const db = TRY(api.service.inventory().reader());
    return posture::leave(*db, person.value, api.service.now());
  };
  return json_response(leave_json(TRY(request.call.blocking(load))));
}

constexpr auto read = pdp::action("inventory.read");
constexpr Route routes_here[] = {
    {"GET", "/v1/identities", read, "Identities, filtered and sorted", list_of<"identities">},
    {"GET", "/v1/identities/{id}", read, "One identity", one_of<"identities">},
    {"GET", "/v1/identities/{id}/explain", read,
     "Class with its scorecard, owners, credentials, grants, use and findings of one identity",
     explain_identity},
    {"GET", "/v1/credentials", read, "Credentials", list_of<"credentials">},
    {"GET", "/v1/credentials/{id}", read, "One credential", one_of<"credentials">},
    {"GET", "/v1/sightings", read, "Places where credentials were seen", list_of<"sightings">},
    {"GET", "/v1/consumers", read, "What uses identities and credentials", list_of<"consumers">},
    {"GET", "/v1/usage", read, "Use, rolled up by the hour", list_of<"usage">},
    {"GET", "/v1/grants", read, "What identities may do", list_of<"grants">},
    {"GET", "/v1/resources", read, "What is protected", list_of<"resources">},
    {"GET", "/v1/resources/{id}", read, "One resource", one_of<"resources">},
    {"GET", "/v1/owners", read, "Who answers for identities", list_of<"owners">},
    {"GET", "/v1/sources", read, "Sources that were looked at", list_of<"sources">},
    {"GET", "/v1/coverage", read, "What could and could not be seen", list_of<"coverage">},
    {"GET", "/v1/runs", read, "Runs that changed the estate", list_of<"runs">},
    {"GET", "/v1/persons", pdp::action("person.read"), "Persons", list_of<"persons">},
    {"GET", "/v1/persons/{id}", pdp::action("person.read"), "One person", one_of<"persons">},
    {"GET", "/v1/persons/{id}/leave", pdp::action("person.read"),
     "What would break if this person left, what she could still use or has read, what to do first",
     person_leave},
    {"GET", "/v1/findings", pdp::action("finding.read"), "Findings, the riskiest first",
     list_of<"findings">},
    {"GET", "/v1/findings/{id}", pdp::action("finding.read"), "One finding", one_of<"findings">},
};

}  // namespace

constinit std::span<Route const> const list_routes = routes_here;

}  // namespace reeve::server
