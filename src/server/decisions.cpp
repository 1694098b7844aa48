#include "base/text.hpp"
#include "inventory/list.hpp"
#include "model/id.hpp"
#include "model/schema.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

/// Writes a decision, then draws the conclusions that follow from it.
Result<> decide(Service& service, sql::Store::Work const& work) {
  TRY(service.decide(work));
  TRY(service.conclude());
  return {};
}

Result<inventory::Named> named(Service& service, std::string_view table, std::string const& id) {
  auto const db = TRY(service.inventory().reader());
  auto const row = TRY(inventory::get(*db, table, id));
  return inventory::Named{row.text_at("source"), row.text_at("native_id")};
}

struct Subject {
  inventory::Named named;
  ObjectClass object_class{};
};

/// "cred_42" of a finding, as its source names it.
Result<Subject> subject_of(Service& service, std::string const& id) {
  constexpr std::string_view tables[] = {"persons", "identities", "resources", "credentials",
                                         "grants",  "sightings",  "consumers", "usage"};
  for (std::size_t n = 0; n < object_classes; ++n)
    if (id.starts_with(id_prefix(ObjectClass(n)))) {
      auto name = TRY(named(service, tables[n], id));
      return Subject{std::move(name), ObjectClass(n)};
    }
  return fail(Errc::corrupt, "finding with the subject " + id);
}

// Body: {"reason", "until": RFC 3339}.
Result<net::Response> accept_finding(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  auto const until = TRY_DURING(parse_rfc3339(body.text_at("until")), "read until");
  auto const work = [&]() -> Result<> {
    Json finding;
    {
      auto const db = TRY(api.service.inventory().reader());
      finding = TRY(inventory::get(*db, "findings", request.id));
    }
    auto const subject = TRY(subject_of(api.service, finding.text_at("subject")));
    inventory::Exception const exception{.rule = finding.text_at("rule"),
                                         .object_class = subject.object_class,
                                         .subject = subject.named,
                                         .reason = body.text_at("reason"),
                                         .by = request.caller.id,
                                         .until = until};
    return decide(api.service, [&](sql::Database& db) {
      return inventory::accept(db, exception, api.service.now());
    });
  };
  TRY(request.call.blocking(work));
  return json_response(Json().add("accepted", request.id).add("until", rfc3339(until)));
}

// Body: {"person": "per_2", "state": "accepted" | "declined" | "assigned", "role"}.
Result<net::Response> decide_owner(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  inventory::OwnerDecision decision{.state = body.text_at("state"), .by = request.caller.id};
  if (auto const role = body.text_at("role"); !role.empty()) decision.role = role;
  if (decision.state != "accepted" && decision.state != "declined" && decision.state != "assigned")
    return fail(Errc::invalid, "state is accepted, declined or assigned");
  if (decision.role != "owner" && decision.role != "sponsor" && decision.role != "reviewer")
    return fail(Errc::invalid, "role is owner, sponsor or reviewer");
  auto const work = [&]() -> Result<> {
    decision.identity = TRY(named(api.service, "identities", request.id));
    decision.person = TRY(named(api.service, "persons", body.text_at("person")));
    return decide(api.service, [&](sql::Database& db) {
      return inventory::decide(db, decision, api.service.now());
    });
  };
  TRY(request.call.blocking(work));
  return json_response(Json().add("identity", request.id).add("state", decision.state));
}

// Body: {"pattern", "sensitivity", "reason"}.
Result<net::Response> mark_resource(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  inventory::Mark const mark{body.text_at("pattern"), body.text_at("sensitivity"),
                             body.text_at("reason"), request.caller.id};
  if (mark.pattern.empty()) return fail(Errc::invalid, "pattern is missing");
  auto const work = [&]() -> Result<std::int64_t> {
    TRY(decide(api.service,
               [&](sql::Database& db) { return inventory::mark(db, mark, api.service.now()); }));
    auto const db = TRY(api.service.inventory().reader());
    return sql::integer(*db, "select count(*) from marks", {});
  };
  auto const marked = TRY(request.call.blocking(work));
  return json_response(Json().add("pattern", mark.pattern).add("marked", marked));
}

// Body: {"member": "cred_3" | "sgt_9", "cluster": name of the new one}.
Result<net::Response> split_cluster(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  auto const work = [&]() -> Result<> {
    auto const member = TRY(subject_of(api.service, body.text_at("member")));
    return decide(api.service, [&](sql::Database& db) {
      return inventory::split(db, member.object_class, member.named, body.text_at("cluster"),
                              request.caller.id, api.service.now());
    });
  };
  TRY(request.call.blocking(work));
  return json_response(Json().add("split", body.text_at("member")));
}

constexpr Route routes_here[] = {
    {"POST", "/v1/findings/{id}/accept", pdp::action("finding.accept"),
     "Accepts a finding until a day, with a reason", accept_finding, "reason until:time"},
    {"POST", "/v1/identities/{id}/owners", pdp::action("owner.decide"),
     "Accepts, declines or assigns an owner", decide_owner, "person state role?"},
    {"POST", "/v1/resource-marks", pdp::action("resource.mark"),
     "Says how sensitive the resources of a name pattern are", mark_resource,
     "pattern sensitivity reason?"},
    {"POST", "/v1/cluster-splits", pdp::action("cluster.split"),
     "Says that a credential or sighting is not the same as the others of its cluster",
     split_cluster, "member cluster"},
};

}  // namespace

constinit std::span<Route const> const decision_routes = routes_here;

}  // namespace reeve::server
