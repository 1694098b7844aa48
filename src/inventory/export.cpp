#include "inventory/export.hpp"

#include "inventory/rows.hpp"
#include "sql/database.hpp"

namespace reeve::inventory {
namespace {

constexpr std::size_t piece = 1 << 16;

class Pieces {
 public:
  explicit Pieces(Sink const& sink) : sink_(sink) {}
  Result<> add(std::string_view text) {
    buffer_ += text;
    return buffer_.size() < piece ? Result<>{} : flush();
  }
  Result<> flush() {
    TRY(sink_(buffer_));
    buffer_.clear();
    return {};
  }

 private:
  Sink const& sink_;
  std::string buffer_;
};

/// One object a line, so that two exports can be compared with diff.
Result<> write(sql::Database& db, Table const& table, Pieces& out) {
  TRY(out.add(",\n\"" + table.name + "\":["));
  bool first = true;
  auto const row = [&](sql::Row const& at) -> Result<> {
    TRY(out.add(first ? "\n" : ",\n"));
    first = false;
    return out.add(to_json(object(table, at)));
  };
  std::string order;
  for (std::size_t from = 0; from < table.order.size();) {
    auto const comma = std::min(table.order.find(", ", from), table.order.size());
    order += (from ? ", " : "") + table.order.substr(from, comma - from) + " nulls last";
    from = comma + 2;
  }
  TRY(sql::each(db, select_list(table) + " from " + table.from + " order by " + order, {}, row));
  return out.add("\n]");
}

Json schema_of(Column const& column) {
  using enum Column::Type;
  Json out;
  auto const typed = [&](char const* type) {
    out.add("type", column.known || column.nullable || column.type == id || column.type == instant
                        ? Json(Json::Array{type, "null"})
                        : Json(type));
  };
  switch (column.type) {
    case boolean: typed("boolean"); break;
    case integer: typed("integer"); break;
    case lines:
      typed("array");
      out.add("items", Json().add("type", "string"));
      break;
    case text:
    case list: typed("string"); break;
    case instant:
      typed("string");
      out.add("format", "date-time");
      break;
    case id: typed("string"); out.add("pattern", "^" + std::string(column.prefix) + "[0-9]+$");
  }
  return out;
}

Json schema_of(Table const& table) {
  Json properties{Json::Object{}};
  Json::Array required;
  for (auto const& column : table.columns) {
    properties.add(column.name, schema_of(column));
    if (!column.known) required.emplace_back(column.name);
  }
  Json row;
  row.add("type", "object").add("properties", std::move(properties));
  row.add("required", std::move(required)).add("additionalProperties", false);
  return Json().add("type", "array").add("items", std::move(row));
}

}  // namespace

Result<> export_json(sql::Database& db, Instant generated_at, Sink const& sink) {
  auto const snapshot = TRY(sql::Transaction::begin(db, sql::Access::read));
  Pieces out(sink);
  TRY(out.add("{\"generated_at\":\"" + rfc3339(generated_at) + "\""));
  for (auto const& table : tables()) TRY_DURING(write(db, table, out), "export " + table.name);
  TRY(out.add("\n}\n"));
  return out.flush();
}

Json export_schema() {
  Json properties{Json::Object{}};
  Json::Array required{"generated_at"};
  properties.add("generated_at", Json().add("type", "string").add("format", "date-time"));
  for (auto const& table : tables()) {
    properties.add(table.name, schema_of(table));
    required.emplace_back(table.name);
  }
  Json out;
  out.add("$schema", "https://json-schema.org/draft/2020-12/schema");
  out.add("title", "reeve export").add("type", "object");
  out.add("properties", std::move(properties)).add("required", std::move(required));
  return out.add("additionalProperties", false);
}

}  // namespace reeve::inventory
