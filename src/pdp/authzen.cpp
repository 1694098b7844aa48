#include "pdp/authzen.hpp"

#include <algorithm>

#include "pdp/obligation.hpp"

namespace reeve::pdp {
namespace {

/// A member of an object; null counts as absent.
Json const* member(Json const& object, std::string_view key) {
  auto const* found = object.find(key);
  return found && !found->is_null() ? found : nullptr;
}

Result<std::string> text_of(Json const& object, std::string_view of, std::string_view key) {
  auto const name = std::string(of) + "." + std::string(key);
  auto const* found = member(object, key);
  if (!found) return fail(Errc::invalid, name + " is missing");
  if (!found->text()) return fail(Errc::invalid, name + " is no text");
  return *found->text();
}

/// Without the members that are null, at any depth; a null in a list stays, and Cedar refuses it.
Json without_nulls(Json const& json) {
  if (auto const* items = json.array()) {
    Json::Array out;
    for (auto const& item : *items) out.push_back(without_nulls(item));
    return out;
  }
  auto const* members = json.object();
  if (!members) return json;
  Json out{Json::Object{}};
  for (auto const& [key, value] : *members)
    if (!value.is_null()) out.add(key, without_nulls(value));
  return out;
}

/// The object of that name; empty when there is none.
Result<Json> object_of(Json const& parent, std::string_view of, std::string_view key) {
  auto const* found = member(parent, key);
  if (!found) return Json(Json::Object{});
  auto const name = of.empty() ? std::string(key) : std::string(of) + "." + std::string(key);
  if (!found->object()) return fail(Errc::invalid, name + " is no object");
  return without_nulls(*found);
}

/// The object of that name, which must be there. Errors: invalid.
Result<Json const*> required(Json const& body, std::string_view key) {
  auto const* found = member(body, key);
  if (!found) return fail(Errc::invalid, std::string(key) + " is missing");
  if (!found->object()) return fail(Errc::invalid, std::string(key) + " is no object");
  return found;
}

enum class Id : std::uint8_t { required, ignored };

Result<Entity> entity_of(Json const& body, std::string_view key, Id id) {
  auto const& json = *TRY(required(body, key));
  Entity out;
  out.type = TRY(text_of(json, key, "type"));
  if (id == Id::required) out.id = TRY(text_of(json, key, "id"));
  out.properties = TRY(object_of(json, key, "properties"));
  return out;
}

Result<> take_action(Json const& body, Request& out) {
  auto const& json = *TRY(required(body, "action"));
  out.action = TRY(text_of(json, "action", "name"));
  out.action_properties = TRY(object_of(json, "action", "properties"));
  return {};
}

constexpr std::string_view parts[] = {"subject", "action", "resource", "context"};

/// Of a batch: what is missing in an entry comes from the top, as a whole. An empty object at the
/// top is no default: published requests carry one beside complete entries.
Json complete(Json const& entry, Json const& top) {
  Json out{Json::Object{}};
  for (auto const part : parts) {
    auto const* own = member(entry, part);
    auto const* found = own ? own : member(top, part);
    if (!found) continue;
    bool const empty = found->object() && found->object()->empty();
    if (own || !empty) out.add(std::string(part), *found);
  }
  return out;
}

Result<Semantic> semantic_of(Json const& body) {
  auto const options = TRY(object_of(body, "", "options"));
  auto const* given = member(options, "evaluations_semantic");
  if (!given) return Semantic::execute_all;
  auto const* text = given->text();
  auto const found =
      text ? std::ranges::find(semantic_names, *text) : std::ranges::end(semantic_names);
  if (found == std::ranges::end(semantic_names))
    return fail(Errc::invalid,
                "options.evaluations_semantic is one of: execute_all, deny_on_first_deny, "
                "permit_on_first_permit");
  return static_cast<Semantic>(found - std::ranges::begin(semantic_names));
}

Result<> take_page(Json const& body, Search& out) {
  auto const* page = member(body, "page");
  if (!page) return {};
  if (!page->object()) return fail(Errc::invalid, "page is no object");
  out.paged = true;
  if (auto const* token = member(*page, "token")) {
    if (!token->text()) return fail(Errc::invalid, "page.token is no text");
    out.token = *token->text();
  }
  if (auto const* limit = member(*page, "limit")) {
    auto const* number = limit->integer();
    if (!number || *number < 1) return fail(Errc::invalid, "page.limit is a number from 1 on");
    out.limit = static_cast<std::size_t>(*number);
  }
  return {};
}

bool decides(Semantic semantic, Decision const& decision) {
  switch (semantic) {
    case Semantic::execute_all: return false;
    case Semantic::deny_on_first_deny: return !decision.permit;
    case Semantic::permit_on_first_permit: return decision.permit;
  }
  return true;
}

}  // namespace

Result<Request> parse_evaluation(Json const& body) {
  if (!body.object()) return fail(Errc::invalid, "a request is an object");
  Request out;
  out.subject = TRY(entity_of(body, "subject", Id::required));
  TRY(take_action(body, out));
  out.resource = TRY(entity_of(body, "resource", Id::required));
  out.context = TRY(object_of(body, "", "context"));
  return out;
}

Result<Batch> parse_batch(Json const& body) {
  if (!body.object()) return fail(Errc::invalid, "a request is an object");
  Batch out;
  out.semantic = TRY(semantic_of(body));
  auto const* entries = member(body, "evaluations");
  if (entries && !entries->array()) return fail(Errc::invalid, "evaluations is no list");
  if (!entries || entries->array()->empty()) {
    out.single = true;
    auto one = TRY(parse_evaluation(body));
    out.entries.emplace_back(std::move(one));
    return out;
  }
  for (auto const part : parts) {
    auto const* top = member(body, part);
    if (top && !top->object()) return fail(Errc::invalid, std::string(part) + " is no object");
  }
  for (auto const& entry : *entries->array())
    out.entries.push_back(entry.object()
                              ? parse_evaluation(complete(entry, body))
                              : Result<Request>(fail(Errc::invalid, "an entry is an object")));
  return out;
}

Result<Search> parse_search(Sought sought, Json const& body) {
  if (!body.object()) return fail(Errc::invalid, "a request is an object");
  Search out{.sought = sought};
  auto const id = [&](Sought one) { return sought == one ? Id::ignored : Id::required; };
  out.request.subject = TRY(entity_of(body, "subject", id(Sought::subject)));
  if (sought != Sought::action) TRY(take_action(body, out.request));
  out.request.resource = TRY(entity_of(body, "resource", id(Sought::resource)));
  out.request.context = TRY(object_of(body, "", "context"));
  TRY(take_page(body, out));
  return out;
}

bool says_properties(Request const& request) {
  auto const some = [](Entity const& entity) {
    auto const* members = entity.properties.object();
    return members && !members->empty();
  };
  return some(request.subject) || some(request.resource);
}

Json answer(Decision const& decision) {
  Json context;
  context.add("cause", name(decision.cause)).add("reason", decision.text);
  Json::Array reasons, obligations;
  for (auto const& id : decision.reasons) reasons.emplace_back(id);
  context.add("reasons", std::move(reasons));
  if (!decision.version.empty()) context.add("version", decision.version);
  for (auto const& one : decision.obligations) obligations.push_back(to_json(one));
  if (!obligations.empty()) context.add("obligations", std::move(obligations));
  return Json().add("decision", decision.permit).add("context", std::move(context));
}

Json answer(Batch const& batch, std::span<Decision const> decisions) {
  if (batch.single) return answer(decisions.front());
  Json::Array out;
  for (auto const& decision : decisions) out.push_back(answer(decision));
  return Json().add("evaluations", std::move(out));
}

std::vector<Decision> evaluate(Engine const& engine, Batch const& batch,
                               std::function<bool()> const& late) {
  std::vector<Decision> out;
  for (auto const& entry : batch.entries) {
    if (!entry)
      out.push_back(failed(std::string(entry.error().message())));
    else if (late())
      out.push_back(failed("there was no time left for this one"));
    else
      out.push_back(supported(engine.decide(*entry), *entry));
    if (decides(batch.semantic, out.back())) break;
  }
  return out;
}

Decision supported(Decision decision, Request const& request) {
  auto const* said = request.context.find("supported_obligations");
  if (!said || !said->array()) return decision;
  std::vector<std::string_view> known;
  for (auto const& type : *said->array())
    if (type.text()) known.push_back(*type.text());
  return enforceable(std::move(decision), known);
}

}  // namespace reeve::pdp
