// Writing the pages of a run: every object is looked up by its key, compared, and written only when
// it differs. See schema.sql for what an interval means and why a half-written run is unseen.
//
// An import of a million identities is ten million objects, so what counts is what is done for
// each. They are looked up many at a time and compared here: one statement (on PostgreSQL one round
// trip) for sixty-four. New ids are counted up from one question a page, which is safe because a
// transaction that writes is alone. What was met unchanged is kept as ranges of ids: a page of a
// thousand objects that were first imported together is one row and not a thousand.

#include "inventory/writer.hpp"

#include <algorithm>
#include <charconv>

#include "crypto/encode.hpp"
#include "inventory/insert.hpp"

namespace reeve::inventory {
namespace {

using sql::Database;
constexpr std::size_t look_up_at_once = 64;

/// PostgreSQL takes any number in one round trip, as an array.
std::size_t at_once(Database const& db) {
  constexpr std::size_t page = 4096;
  return db.kind() == sql::Kind::sqlite ? look_up_at_once : page;
}

constexpr char add_gap[] = R"(insert into gaps (run_id, class, native_id, missing, why, fix)
  values (:run, :class, :native_id, :missing, :why, :fix) on conflict do nothing)";
constexpr char add_seen[] = R"(insert into seen (run_id, class, first_id, last_id)
  values (:run, :class, :first, :last) on conflict do nothing)";
constexpr char add_change[] = R"(insert into change_log (run_id, class, native_id, what, evidence)
  values (:run, :class, :native_id, :what, :evidence))";
constexpr char next_id[] = "select coalesce(max(id), 0) + 1 from {table}";
constexpr char end_version[] = "update {table} set to_run = :run where id = :id and to_run is null";
constexpr char drop_version[] = "delete from {table} where id = :id and from_run = :run";
constexpr char not_of_this_run[] = R"(select id from {table}
  where source_id = :source and from_run < :run and to_run is null)";

/// ":k0" to ":k63".
std::string_view key_name(std::size_t at) {
  static auto const names = [] {
    std::array<std::string, look_up_at_once> all;
    for (std::size_t n = 0; n < all.size(); ++n) all[n] = ":k" + std::to_string(n);
    return all;
  }();
  return names[at];
}

/// "native_id in (:k0, …)". The last of a page gets shorter lists: the text of a statement is what
/// finds its prepared form, so lengths are powers of two and the rest of a list repeats a key.
std::size_t list_size(std::size_t keys) {
  std::size_t size = 1;
  while (size < keys) size *= 2;
  return size;
}
std::string in_list(std::size_t keys) {
  std::string out = "native_id in (";
  for (std::size_t n = 0; n < list_size(keys); ++n)
    out += (n == 0 ? "" : ", ") + std::string(key_name(n));
  return out + ")";
}

/// Where a look-up looks, up to its conditions, and its parameters.
///
/// PostgreSQL takes the keys as an array, all in one round trip. It keeps the plan, and of a table
/// that was empty when it made one it believes that reading all of a source is cheapest. What ends
/// with "offset 0" is planned by itself, for one key, so there the index is all it can take.
struct Keys {
  Keys(Database const& db, std::string_view table, Run const& run,
       std::vector<std::string_view> const& keys)
      : params{{":source", run.source.value}} {
    if (db.kind() == sql::Kind::sqlite) {
      from =
          " from " + std::string(table) + " where source_id = :source and " + in_list(keys.size());
      for (std::size_t n = 0; n < list_size(keys.size()); ++n)
        params.push_back({key_name(n), keys[std::min(n, keys.size() - 1)]});
      return;
    }
    from = " from unnest(cast(:keys as text[])) as k (key) cross join lateral (select * from " +
           std::string(table) +
           " t where t.source_id = :source and t.native_id = k.key offset 0) o where 1 = 1";
    std::vector<sql::Value> const values(keys.begin(), keys.end());
    array = array_text(values);
    params.push_back({":keys", array});
  }
  Keys(Keys const&) = delete;
  Keys& operator=(Keys const&) = delete;

  std::string from, array;  ///< A parameter borrows the array.
  std::vector<sql::Param> params;
};

std::string find_start(sql::Params columns) {
  std::string out = "select native_id, id, from_run, to_run";
  for (auto const& column : columns) out += ", " + std::string(column.name.substr(1));
  return out;
}

/// Both null or both the same.
bool same(sql::Value const& value, sql::Row const& row, int at) {
  if (row.is_null(at)) return std::holds_alternative<std::nullptr_t>(value);
  if (auto const* number = std::get_if<std::int64_t>(&value)) return row.integer(at) == *number;
  auto const* text = std::get_if<std::string_view>(&value);
  return text && row.text(at) == *text;
}

struct IdRange {
  std::int64_t first = 0, last = 0;
};

/// As few ranges as hold the ids.
std::vector<IdRange> ranges(std::vector<std::int64_t> ids) {
  std::ranges::sort(ids);
  std::vector<IdRange> out;
  for (auto const id : ids) {
    if (!out.empty() && id <= out.back().last + 1)
      out.back().last = id;
    else
      out.push_back({id, id});
  }
  return out;
}

/// What the run has met unchanged: apart from each other, in order.
Result<std::vector<IdRange>> met(Database& db, Run const& run, ObjectClass at) {
  std::vector<IdRange> out;
  auto const read = [&](sql::Row const& row) -> Result<> {
    IdRange const next{row.integer(0), row.integer(1)};
    if (!out.empty() && next.first <= out.back().last + 1)
      out.back().last = std::max(out.back().last, next.last);
    else
      out.push_back(next);
    return {};
  };
  TRY(sql::each(db,
                "select first_id, last_id from seen where run_id = :run and class = :class "
                "order by first_id nulls last",
                {{":run", run.id.value}, {":class", name(at)}}, read));
  return out;
}

bool holds(std::vector<IdRange> const& all, std::int64_t id) {
  auto const after = std::ranges::upper_bound(all, id, {}, &IdRange::first);
  return after != all.begin() && std::prev(after)->last >= id;
}

}  // namespace

// What names an identity comes with it or after it: classes in their order, and all of a page is
// known before any of it is written.
Result<> Writer::put(Page const& page) {
  TRY(put_class(ObjectClass::identity, page));
  TRY(know_identities(page));
  for (std::size_t n = 0; n < object_classes; ++n)
    if (auto const at = ObjectClass(n); at != ObjectClass::identity) TRY(put_class(at, page));
  for (auto const& gap : page.gaps) TRY(put(gap));
  return close();
}

Result<> Writer::put_class(ObjectClass at, Page const& page) {
  for (auto const& seen : page.observations)
    if (object_class(seen) == at)
      TRY_DURING(put(seen), "import " + std::string(name(at)) + " " + native_id(seen));
  TRY_DURING(write_waiting(at), "import " + std::string(name(at)));
  return write_met(at);
}

Result<> Writer::put(Observation const& seen) {
  auto const at = object_class(seen);
  auto const named = identity_of(seen);
  auto const owner = named.empty() ? 0 : identities_.at(named);
  if (owner == 0 && needs_identity(seen))
    return put(Gap{at, native_id(seen), "",
                   "names an identity that was not reported: " + std::string(named), ""});
  auto& all = batch(at);
  // What is told twice has to be looked up after it was written.
  if (all.waiting.size() == at_once(db_) || all.by_id.contains(native_id(seen)))
    TRY(write_waiting(at));
  auto& one = all.waiting.emplace_back(seen, owner);
  all.by_id.emplace(native_id(seen), &one);
  if (all.find.empty()) all.find = find_start(one.columns.params());
  return {};
}

Result<> Writer::put(Gap const& gap) {
  return run(add_gap, gap.object_class,
             {{":native_id", gap.native_id},
              {":missing", gap.missing},
              {":why", gap.why},
              {":fix", gap.fix}});
}

Result<> Writer::write_waiting(ObjectClass at) {
  auto& all = batch(at);
  if (all.waiting.empty()) return {};
  TRY(find_waiting(at));
  for (auto const& one : all.waiting) TRY(write(at, one));
  TRY(insert(db_, table(at), all.fresh));
  all.fresh.clear();
  all.by_id.clear();
  all.waiting.clear();
  return {};
}

Result<> Writer::find_waiting(ObjectClass at) {
  auto& all = batch(at);
  std::vector<std::string_view> keys;
  keys.reserve(all.waiting.size());
  for (auto const& one : all.waiting) keys.emplace_back(native_id(one.seen));
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto& one = *all.by_id.at(row.text(0));
    auto const from = row.integer(2);
    if (from < one.last.from_run) return {};
    one.last = {row.integer(1), from, row.is_null(3), true};
    int column = 4;
    for (auto const& param : one.columns.params())
      one.last.same = one.last.same && same(param.value, row, column++);
    return {};
  };
  Keys const by(db_, table(at), run_, keys);
  return sql::each(db_, all.find + by.from, by.params, read);
}

/// Rows of this run show by themselves that they were met: a first import marks nothing.
Result<> Writer::write(ObjectClass at, Pending const& one) {
  auto const& last = one.last;
  if (last.current && last.same) {
    if (last.from_run != run_.id.value) batch(at).met.push_back(last.id);
    if (at == ObjectClass::identity) identities_[native_id(one.seen)] = last.id;
    return {};
  }
  if (last.current) TRY(end(at, one));
  auto params = one.columns.params();
  params.push_back({":source", run_.source.value});
  params.push_back({":native_id", native_id(one.seen)});
  hash(at, params);
  params[params.size() - 2].name = ":source_id";
  auto const id = last.id != 0 ? last.id : TRY(fresh_id(at));
  params.push_back({":from_run", run_.id.value});
  params.push_back({":id", id});
  params.push_back({":evidence", one.seen.evidence});
  if (at == ObjectClass::identity) identities_[native_id(one.seen)] = id;
  batch(at).fresh.push_back(std::move(params));
  return {};
}

/// A version of this very run says that the source told two things in one run: the later one
/// wins, and the log keeps that there was a conflict.
Result<> Writer::end(ObjectClass at, Pending const& one) {
  bool const conflict = one.last.from_run == run_.id.value;
  TRY(run(conflict ? drop_version : end_version, at, {{":id", one.last.id}}));
  return run(add_change, at,
             {{":native_id", native_id(one.seen)},
              {":what", conflict ? "conflict" : "changed"},
              {":evidence", one.seen.evidence}});
}

Result<> Writer::write_met(ObjectClass at) {
  for (auto const& range : ranges(std::exchange(batch(at).met, {})))
    TRY(run(add_seen, at, {{":first", range.first}, {":last", range.last}}));
  return {};
}

/// Links what this page changed to what the pages before it did. A page that changed nothing is
/// no link, so an identical run has no root.
Result<> Writer::close() {
  if (changes_ == 0) return {};
  auto const page = crypto::to_hex(crypto::bytes_of(hash_.digest()));
  return link(db_, run_.id, page, changes_);
}

Result<std::int64_t> Writer::fresh_id(ObjectClass at) {
  auto& next = batch(at).next_id;
  if (next == 0) next = TRY(sql::integer(db_, in_table(next_id, at), {}));
  return next++;
}

/// Those that the page names and did not report itself came with an earlier one.
Result<> Writer::know_identities(Page const& page) {
  std::vector<std::string_view> names;
  for (auto const& seen : page.observations) {
    auto const named = identity_of(seen);
    if (named.empty() || !identities_.emplace(named, 0).second) continue;
    names.push_back(named);
    if (names.size() == at_once(db_)) TRY(find_identities(std::exchange(names, {})));
  }
  return names.empty() ? Result<>{} : find_identities(names);
}

Result<> Writer::find_identities(std::vector<std::string_view> const& names) {
  auto const read = [&](sql::Row const& row) -> Result<> {
    identities_.find(row.text(0))->second = row.integer(1);
    return {};
  };
  Keys const by(db_, table(ObjectClass::identity), run_, names);
  return sql::each(db_, "select native_id, id" + by.from + " and to_run is null", by.params, read);
}

/// The change set as bytes: class, then each column's name and value, each with its length before
/// it, so that no two sets are the same text.
void Writer::hash(ObjectClass at, sql::Params params) {
  ++changes_;
  hashed_.clear();
  auto const add = [&](std::string_view text) {
    std::array<char, 24> size{};
    auto const end = std::to_chars(size.begin(), size.end(), text.size()).ptr;
    hashed_.append(size.begin(), end).append(1, ':').append(text);
  };
  add(name(at));
  for (auto const& [column, value] : params) {
    add(column);
    if (auto const* text = std::get_if<std::string_view>(&value)) add(*text);
    if (auto const* number = std::get_if<std::int64_t>(&value)) add(std::to_string(*number));
  }
  hash_.add(hashed_);  // at once: each call costs as much as a hundred bytes
}

Result<> Writer::run(std::string_view text, ObjectClass at, std::vector<sql::Param> params) {
  params.push_back({":run", run_.id.value});
  params.push_back({":class", name(at)});
  return sql::run(db_, in_table(text, at), params);
}

std::string import_lookup_sql() {
  Observation const any{Identity{}, ""};
  return find_start(Columns(any, 0).params()) + " from identities where source_id = :source and " +
         in_list(1);
}

Result<> link(Database& db, RunId run, std::string_view link, std::int64_t changes) {
  std::string root;
  auto const read = [&](sql::Row const& row) -> Result<> {
    root = row.text(0);
    return {};
  };
  TRY(sql::each(db, "select change_root from runs where id = :run", {{":run", run.value}}, read));
  root = crypto::to_hex(crypto::bytes_of(crypto::Sha256().add(root).add(link).digest()));
  return sql::run(
      db, "update runs set change_root = :root, changes = changes + :changes where id = :run",
      {{":run", run.value}, {":root", root}, {":changes", changes}});
}

Result<> end_unmet(Database& db, Run const& run, ObjectClass at) {
  auto const kept = TRY(met(db, run, at));
  std::vector<std::int64_t> gone;
  auto const read = [&](sql::Row const& row) -> Result<> {
    if (!holds(kept, row.integer(0))) gone.push_back(row.integer(0));
    return {};
  };
  TRY(sql::each(db, in_table(not_of_this_run, at),
                {{":source", run.source.value}, {":run", run.id.value}}, read));
  for (auto const id : gone)
    TRY(sql::run(db, in_table(end_version, at), {{":run", run.id.value}, {":id", id}}));
  return {};
}

}  // namespace reeve::inventory
