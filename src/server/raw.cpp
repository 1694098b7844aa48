// The estate as a whole: export, SQL of one's own.

#include "inventory/export.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"
#include "sql/query.hpp"

namespace reeve::server {
namespace {

// The whole text is made first, on another thread: a reader that is slow to take it must not hold
// a snapshot, and with it the write-ahead log, open.
Result<net::Response> export_estate(Api& api, Request const& request) {
  auto const work = [&]() -> Result<std::string> {
    auto const db = TRY(api.service.inventory().reader());
    std::string out;
    TRY(inventory::export_json(*db, api.service.now(), [&](std::string_view piece) -> Result<> {
      out += piece;
      return {};
    }));
    return out;
  };
  auto body = TRY(request.call.blocking(work));
  return net::Response{.body = std::move(body)};
}

Result<net::Response> get_export_schema(Api&, Request const&) {
  return json_response(inventory::export_schema());
}

// Body: {"query", "rows_max"}. Answers columns and rows of text, null where it is null.
Result<net::Response> query(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  sql::AskLimits limits;
  if (auto const* most = body.find("rows_max"); most && most->integer())
    limits.rows = *most->integer();
  Json::Array columns, rows;
  auto const work = [&]() -> Result<sql::Answered> {
    auto const db = TRY(api.service.inventory().reader());
    auto const names = [&](std::vector<std::string> const& all) -> Result<> {
      for (auto const& each : all) columns.emplace_back(each);
      return {};
    };
    auto const row = [&](sql::Row const& at) -> Result<> {
      Json::Array cells;
      for (int n = 0; n < at.columns(); ++n)
        cells.push_back(at.is_null(n) ? Json() : Json(at.text(n)));
      rows.emplace_back(std::move(cells));
      return {};
    };
    return sql::ask(*db, body.text_at("query"), limits, names, row);
  };
  auto const answered = TRY(request.call.blocking(work));
  Json out;
  out.add("columns", std::move(columns)).add("rows", std::move(rows));
  return json_response(out.add("cut", answered == sql::Answered::cut));
}

constexpr Route routes_here[] = {
    {"GET", "/v1/export", pdp::action("export.read"), "The whole estate", export_estate},
    {"GET", "/v1/export-schema", pdp::action("export.read"), "JSON Schema of the export",
     get_export_schema},
    {"POST", "/v1/sql", pdp::action("sql.query"), "A query over the documented views", query,
     "query rows_max?:integer"},
};

}  // namespace

constinit std::span<Route const> const raw_routes = routes_here;

}  // namespace reeve::server
