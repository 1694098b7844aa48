#include "inventory/list.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "inventory/rows.hpp"
#include "sql/database.hpp"

namespace reeve::inventory {
namespace {

/// With `members` many rows may have one value, so that its index finds a large part of the table,
/// which would then be sorted for each page. A page walks the index of its sort instead, and passes
/// rows over. Where few have the value a walk would pass nearly all of them over, so these few are
/// gathered by `members`, a select of their ids from an index alone, and sorted. `led_by` names the
/// sort with an index that starts with the filter: there neither is needed.
struct Filter {
  std::string_view name, sql;
  bool number = false;
  std::string_view members = {}, led_by = {};
};
/// As many rows of a million take as long to gather as a page of a hundred takes to walk.
constexpr std::int64_t few = 8000;
/// `id` makes the order total. A descending one sorts both down.
struct Sort {
  std::string_view name, sql, id;
  bool number = false, down = false;
};
struct ListInfo {
  std::string_view table;
  std::span<Filter const> filters;
  std::span<Sort const> sorts;  ///< The first is the table's own.
};

// With a risk order the profiles come first, so that their index leads. The sum keeps a planner
// that knows how many there are from coming to them through their identities.
constexpr std::string_view risk_from = "v_profile p join v_identity o on o.id = p.identity_id + 0";

constexpr std::string_view gathered_by_risk =
    "v_identity o join v_profile p on p.identity_id = o.id";

constexpr Filter identity_filters[] = {
    {"source", "o.source", false,
     "select i.id from identities i where i.source_id = "
     "(select s.id from sources s where s.name = :f_source)",
     "name"},
    {"kind", "o.kind", false, "select i.id from identities i where i.kind = :f_kind", "name"},
    {"name", "o.name"},
    {"native_id", "o.native_id"},
    {"environment", "o.environment", false,
     "select i.id from identities i where i.environment = :f_environment"},
    {"quadrant", "p.quadrant", false,
     "select i.identity_id from profiles i where i.quadrant = :f_quadrant", "risk"},
    {"enabled", "o.enabled", true, "select i.id from identities i where i.enabled = :f_enabled"}};
constexpr Sort identity_sorts[] = {{"name", "o.name", "o.id"},
                                   {"id", "o.id", "o.id", true},
                                   {"risk", "p.risk", "p.identity_id", true, true}};
constexpr Filter credential_filters[] = {{"source", "o.source"},
                                         {"kind", "o.kind"},
                                         {"identity", "o.identity_id", true},
                                         {"fingerprint", "o.fingerprint"},
                                         {"native_id", "o.native_id"}};
constexpr Filter finding_filters[] = {{"rule", "o.rule"},
                                      {"severity", "o.severity"},
                                      {"state", "o.state"},
                                      {"source", "o.source"},
                                      {"identity", "o.identity_id", true}};
constexpr Sort finding_sorts[] = {{"risk", "o.risk", "o.id", true, true},
                                  {"id", "o.id", "o.id", true}};
constexpr Filter owned_filters[] = {
    {"source", "o.source"}, {"identity", "o.identity_id", true}, {"native_id", "o.native_id"}};
constexpr Filter sighting_filters[] = {{"source", "o.source"},
                                       {"identity", "o.identity_id", true},
                                       {"fingerprint", "o.fingerprint"},
                                       {"kind", "o.kind"}};
constexpr Filter consumer_filters[] = {
    {"source", "o.source"}, {"identity", "o.identity_id", true}, {"kind", "o.kind"}};
constexpr Filter resource_filters[] = {{"source", "o.source"},
                                       {"kind", "o.kind"},
                                       {"sensitivity", "o.sensitivity"},
                                       {"native_id", "o.native_id"}};
constexpr Filter person_filters[] = {
    {"source", "o.source"}, {"name", "o.name"}, {"email", "o.email"}, {"active", "o.active", true}};
constexpr Filter owner_filters[] = {
    {"identity", "o.identity_id", true}, {"person", "o.person_id", true}, {"state", "o.state"}};
constexpr Filter coverage_filters[] = {{"source", "o.source"}, {"state", "o.state"}};
constexpr Filter source_filters[] = {{"name", "o.name"}, {"kind", "o.kind"}};
constexpr Filter run_filters[] = {{"source", "o.source"}};
constexpr Sort by_id[] = {{"id", "o.id", "o.id", true}};
constexpr Sort coverage_sorts[] = {{"class", "o.class", "o.source_id"}};

constexpr ListInfo lists[] = {{"identities", identity_filters, identity_sorts},
                              {"credentials", credential_filters, by_id},
                              {"findings", finding_filters, finding_sorts},
                              {"grants", owned_filters, by_id},
                              {"usage", owned_filters, by_id},
                              {"sightings", sighting_filters, by_id},
                              {"consumers", consumer_filters, by_id},
                              {"resources", resource_filters, by_id},
                              {"persons", person_filters, by_id},
                              {"owners", owner_filters, by_id},
                              {"coverage", coverage_filters, coverage_sorts},
                              {"sources", source_filters, by_id},
                              {"runs", run_filters, by_id}};

Result<ListInfo const*> info_of(std::string_view table) {
  (void)TRY(inventory::table(table));  // for its message
  return std::ranges::find(lists, table, &ListInfo::table);
}

template <class T>
std::string choices(std::span<T const> all) {
  std::string out;
  for (auto const& each : all) out += (out.empty() ? "" : ", ") + std::string(each.name);
  return out;
}

template <class T>
Result<T const*> find(std::span<T const> all, std::string_view name, std::string_view what) {
  auto const found = std::ranges::find(all, name, &T::name);
  if (found != all.end()) return &*found;
  return fail(Errc::invalid, "no " + std::string(what) + " \"" + std::string(name) +
                                 "\" here; one of: " + choices(all));
}

Result<Sort const*> sort_of(ListInfo const& info, std::string_view name) {
  if (name.starts_with('-')) name.remove_prefix(1);
  return name.empty() ? Result<Sort const*>(&info.sorts.front()) : find(info.sorts, name, "sort");
}

/// "42", "nhi_42".
Result<std::int64_t> number(std::string_view text) {
  auto const digits = text.substr(text.find('_') == text.npos ? 0 : text.find('_') + 1);
  std::int64_t value = 0;
  auto const [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  if (error != std::errc() || end != digits.end())
    return fail(Errc::invalid, "\"" + std::string(text) + "\" is no number or id");
  return value;
}

/// Where a page starts: behind this key.
struct Start {
  std::string text;
  std::int64_t number = 0, id = 0;
};

Start first(Sort const& sort) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  return sort.down ? Start{"", most, most} : Start{"", std::numeric_limits<std::int64_t>::min(), 0};
}

/// Opaque to others: the sort's name, the key, the id.
std::string cursor(Sort const& sort, Start const& at) {
  auto const key = sort.number ? std::to_string(at.number) : at.text;
  return crypto::to_base64url(std::string(sort.name) + "\n" + std::to_string(at.id) + "\n" + key);
}

Result<Start> start_at(Sort const& sort, std::string const& text) {
  if (text.empty()) return first(sort);
  auto const bad = [] { return fail(Errc::invalid, "this is no cursor of this list"); };
  auto const plain = crypto::from_base64url(text);
  if (!plain) return bad();
  auto const end = plain->find('\n');
  auto const second = plain->find('\n', end + 1);
  if (end == plain->npos || second == plain->npos || plain->substr(0, end) != sort.name)
    return bad();
  Start out{.text = plain->substr(second + 1)};
  auto const id = number(std::string_view(*plain).substr(end + 1, second - end - 1));
  if (!id) return bad();
  out.id = *id;
  if (sort.number) {
    auto const key = number(out.text);
    if (!key) return bad();
    out.number = *key;
  }
  return out;
}

/// An expression is served by no index on its column, in both databases.
std::string unindexed(std::string_view column, bool number) {
  return std::string(column) + (number ? " + 0" : " || ''");
}

std::string compared(Filter const& filter, Sort const& sort) {
  std::string column(filter.sql);
  bool const led = filter.members.empty() || filter.led_by == sort.name;
  return led ? column : unindexed(column, filter.number);
}

struct Made {
  std::string sql;
  Table const* table;
  Sort const* sort;
};

/// `gather`: none, or the filter whose few rows are gathered.
Result<Made> statement(ListQuery const& query, Filter const* gather) {
  auto const* info = TRY(info_of(query.table));
  auto const from = TRY(table(query.table));
  auto const by = TRY(sort_of(*info, query.sort));
  Made out{"", from, by};
  auto const& sort = *out.sort;
  bool const by_risk = query.table == "identities" && sort.name == "risk";
  auto const key = gather ? unindexed(sort.sql, sort.number) : std::string(sort.sql);
  auto const id = gather ? unindexed(sort.id, true) : std::string(sort.id);
  std::string const way = sort.down ? " desc" : "";
  out.sql = select_list(*out.table) + ", " + key + ", " + id + " from " +
            (by_risk ? std::string(gather ? gathered_by_risk : risk_from) : out.table->from) +
            " where (" + key + ", " + id + (sort.down ? ") < (" : ") > (") + ":key, :id)";
  if (gather) out.sql += " and o.id in (" + std::string(gather->members) + ")";
  for (auto const& [name, value] : query.filters) {
    auto const* filter = TRY(find(info->filters, name, "filter"));
    out.sql += " and " +
               (gather ? unindexed(filter->sql, filter->number) : compared(*filter, sort)) +
               " = :f_" + name;
  }
  out.sql += " order by " + key + way + " nulls last, " + id + way + " nulls last limit :limit";
  return out;
}

/// The values of the filters, where the parameters can borrow them.
struct Bound {
  std::vector<std::string> names;
  std::vector<sql::Param> params;
};

Result<Bound> bind(ListQuery const& query) {
  auto const* info = TRY(info_of(query.table));
  Bound out;
  out.names.reserve(query.filters.size());
  for (auto const& [name, value] : query.filters) {
    auto const* filter = TRY(find(info->filters, name, "filter"));
    auto const& param = out.names.emplace_back(":f_" + name);
    sql::Value bound = value;
    if (filter->number) bound = TRY(number(value));
    out.params.push_back({param, bound});
  }
  return out;
}

/// The filter that few rows pass and no index of the sort leads with; null: there is none, or
/// another filter names a row or two by itself.
Result<Filter const*> gathering(sql::Database& db, ListQuery const& query,
                                std::vector<sql::Param> const& params) {
  auto const* info = TRY(info_of(query.table));
  auto const* sort = TRY(sort_of(*info, query.sort));
  std::vector<Filter const*> filters;
  filters.reserve(query.filters.size());
  for (auto const& [name, value] : query.filters)
    filters.push_back(TRY(find(info->filters, name, "filter")));
  for (auto const* filter : filters)
    if (filter->members.empty()) return nullptr;
  for (auto const* filter : filters) {
    if (filter->led_by == sort->name) continue;
    auto const counted = TRY(sql::integer(db,
                                          "select count(*) from (" + std::string(filter->members) +
                                              " limit " + std::to_string(few + 1) + ") m",
                                          params));
    if (counted <= few) return filter;
  }
  return nullptr;
}

}  // namespace

Result<std::string> list_sql(ListQuery const& query, std::string_view gathered) {
  auto const* info = TRY(info_of(query.table));
  Filter const* gather = nullptr;
  if (!gathered.empty()) gather = TRY(find(info->filters, gathered, "filter"));
  auto made = TRY(statement(query, gather));
  return std::move(made.sql);
}

Result<ListPage> list(sql::Database& db, ListQuery const& query) {
  constexpr std::int64_t limit_max = 1000;
  if (query.limit < 1 || query.limit > limit_max)
    return fail(Errc::invalid, "limit is a number from 1 to 1000");
  auto bound = TRY(bind(query));
  auto const* gather = TRY_DURING(gathering(db, query, bound.params), "list " + query.table);
  auto const made = TRY(statement(query, gather));
  auto const start = TRY(start_at(*made.sort, query.cursor));
  bound.params.push_back({":key", made.sort->number ? sql::Value(start.number)
                                                    : sql::Value(std::string_view(start.text))});
  bound.params.push_back({":id", start.id});
  bound.params.push_back({":limit", query.limit + 1});
  ListPage out;
  Start last;
  auto const read = [&](sql::Row const& row) -> Result<> {
    if (std::int64_t(out.rows.size()) == query.limit) {
      out.next = cursor(*made.sort, last);
      return {};
    }
    out.rows.push_back(object(*made.table, row));
    int const at = row.columns() - 2;
    last = {made.sort->number ? "" : row.text(at), made.sort->number ? row.integer(at) : 0,
            row.integer(at + 1)};
    return {};
  };
  TRY_DURING(sql::each(db, made.sql, bound.params, read), "list " + query.table);
  return out;
}

Result<Json> get(sql::Database& db, std::string_view name, std::string_view id) {
  auto const* const from = TRY(table(name));
  if (from->prefix.empty() || !id.starts_with(from->prefix))
    return fail(Errc::invalid, "an id of " + from->name + " looks like " + from->prefix +
                                   "42, not like " + std::string(id));
  auto const wanted = TRY(number(id));
  std::optional<Json> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    out = object(*from, row);
    return {};
  };
  TRY(sql::each(db, select_list(*from) + " from " + from->from + " where o.id = :id",
                {{":id", wanted}}, read));
  if (!out)
    return fail(Errc::not_found, "there is no " + std::string(id) + " in the inventory now");
  return *std::move(out);
}

std::vector<std::string_view> list_filters(std::string_view table) {
  std::vector<std::string_view> out;
  for (auto const& info : lists)
    if (info.table == table)
      for (auto const& filter : info.filters) out.push_back(filter.name);
  return out;
}

std::vector<std::string_view> list_sorts(std::string_view table) {
  std::vector<std::string_view> out;
  for (auto const& info : lists)
    if (info.table == table)
      for (auto const& sort : info.sorts) out.push_back(sort.name);
  return out;
}

}  // namespace reeve::inventory
