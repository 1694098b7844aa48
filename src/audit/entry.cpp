#include "audit/entry.hpp"

#include <algorithm>
#include <optional>

#include "base/json.hpp"
#include "base/text.hpp"

namespace reeve::audit {
namespace {

constexpr std::size_t text_bytes_max = 1024, actors_max = 16, details_max = 32;
constexpr Kind kinds[] = {Kind::act, Kind::denial, Kind::read, Kind::run, Kind::plan};

Json text(std::string_view raw) {
  auto clean = clean_utf8(raw);
  return clean.size() <= text_bytes_max ? Json(std::move(clean))
                                        : Json(shortened(clean, text_bytes_max - 3));
}

Json json_of(Entry const& entry) {
  Json::Array actors;
  for (auto const& actor : entry.actors)
    if (actors.size() < actors_max)
      actors.push_back(Json().add("kind", text(actor.kind)).add("id", text(actor.id)));
  Json details{Json::Object{}};
  for (auto const& [key, value] : entry.details)
    if (details.object()->size() < details_max && !details.find(*text(key).text()))
      details.add(*text(key).text(), text(value));
  Json out;
  out.add("time", rfc3339(entry.time)).add("kind", name(entry.kind));
  out.add("action", text(entry.action)).add("object", text(entry.object));
  out.add("outcome", text(entry.outcome)).add("actors", std::move(actors));
  return out.add("request", text(entry.request)).add("details", std::move(details));
}

std::unexpected<Error> wrong(std::string_view field) {
  return fail(Errc::corrupt, "an audit entry has no good " + std::string(field));
}

Result<std::string> text_of(Json const& json, std::string_view key) {
  auto const* member = json.find(key);
  if (!member || !member->text()) return wrong(key);
  return *member->text();
}

Result<Kind> kind_of(std::string_view word) {
  for (auto const kind : kinds)
    if (name(kind) == word) return kind;
  return wrong("kind");
}

Result<std::vector<Actor>> actors_of(Json const& json) {
  auto const* member = json.find("actors");
  if (!member || !member->array()) return wrong("actors");
  std::vector<Actor> out;
  for (auto const& each : *member->array()) {
    Actor actor;
    actor.kind = TRY(text_of(each, "kind"));
    actor.id = TRY(text_of(each, "id"));
    out.push_back(std::move(actor));
  }
  return out;
}

Result<std::vector<std::pair<std::string, std::string>>> details_of(Json const& json) {
  auto const* member = json.find("details");
  if (!member || !member->object()) return wrong("details");
  std::vector<std::pair<std::string, std::string>> out;
  for (auto const& each : *member->object()) {
    if (!each.value.text()) return wrong("details");
    out.emplace_back(each.key, *each.value.text());
  }
  return out;
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::act: return "act";
    case Kind::denial: return "denial";
    case Kind::read: return "read";
    case Kind::run: return "run";
    case Kind::plan: return "plan";
  }
  return "";
}

std::string to_json(Entry const& entry) {
  auto out = reeve::to_json(json_of(entry));
  // Escapes can make a text six times as long: then the details go, and say so.
  if (out.size() > entry_bytes_max) {
    auto less = entry;
    less.details = {{"details", "left out: too long"}};
    less.actors.resize(std::min<std::size_t>(less.actors.size(), 2));
    out = reeve::to_json(json_of(less));
  }
  return out;
}

Result<Entry> parse_entry(std::string_view json) {
  auto const parsed = parse_json(json, {.bytes_max = entry_bytes_max, .depth_max = 4});
  if (!parsed)
    return fail(Errc::corrupt, "an audit entry: " + std::string(parsed.error().message()));
  Entry out;
  auto const time = parse_rfc3339(TRY(text_of(*parsed, "time")));
  if (!time) return wrong("time");
  out.time = *time;
  auto const kind = TRY(text_of(*parsed, "kind"));
  out.kind = TRY(kind_of(kind));
  out.action = TRY(text_of(*parsed, "action"));
  out.object = TRY(text_of(*parsed, "object"));
  out.outcome = TRY(text_of(*parsed, "outcome"));
  out.actors = TRY(actors_of(*parsed));
  out.request = TRY(text_of(*parsed, "request"));
  out.details = TRY(details_of(*parsed));
  if (to_json(out) != json) return fail(Errc::corrupt, "an audit entry is not in its one form");
  return out;
}

}  // namespace reeve::audit
