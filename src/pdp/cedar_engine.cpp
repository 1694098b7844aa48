#include "pdp/cedar_engine.hpp"

#include <algorithm>
#include <map>

#include "cedar/authorize.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/explain.hpp"
#include "cedar/syntax.hpp"
#include "pdp/obligation.hpp"

namespace reeve::pdp {
namespace {

using cedar::EntityUid;

/// A name as policies can spell it; others fit no policy, and must not fit one by accident.
Result<EntityUid> uid_of(std::string const& type, std::string const& id) {
  if (!cedar::is_name(type)) return fail(Errc::invalid, "there is no type \"" + type + "\"");
  return EntityUid{type, id};
}

/// The members of `json` that `fields` knows, or with null all of them. null is absent.
Result<cedar::Record> record_of(Json const& json, cedar::TypeFields const* fields) {
  cedar::Fields out;
  if (!json.object()) return fail(Errc::invalid, "expected an object");
  for (auto const& [key, value] : *json.object()) {
    if (value.is_null()) continue;
    if (!fields) {
      auto read = TRY_DURING(cedar::value_from_json(value), "read " + key);
      out.push_back({key, std::move(read)});
      continue;
    }
    auto const known = fields->find(key);
    if (known == fields->end()) continue;
    auto const& type = *known->second.type;
    // Records inside a context are trimmed alike; a record without fields is anything.
    if (type.kind == cedar::Type::Kind::record && value.object()) {
      auto inner = TRY_DURING(record_of(value, &type.fields), "read " + key);
      out.push_back({key, cedar::Value(std::move(inner))});
      continue;
    }
    auto read = TRY_DURING(cedar::value_from_json(value, type), "read " + key);
    out.push_back({key, std::move(read)});
  }
  return cedar::Record(std::move(out));
}

/// `over` before `under`.
cedar::Record layered(cedar::Record const& under, cedar::Record const& over) {
  auto fields = under.fields();
  fields.insert(fields.end(), over.fields().begin(), over.fields().end());
  return cedar::Record(std::move(fields));
}

/// Collects the entities of one request: what it says, over what is stored, with all that either
/// leads to.
class Gathering {
 public:
  explicit Gathering(Domain const& domain) : domain_(domain) {}

  Result<EntityUid> add(Entity const& entity) {
    auto uid = TRY(uid_of(entity.type, entity.id));
    auto const* schema = domain_.schema ? &domain_.schema->schema : nullptr;
    auto const* info = schema ? schema->find(uid.type) : nullptr;
    if (schema && !info) return fail(Errc::invalid, "there is no type \"" + uid.type + "\"");
    auto attributes = TRY_DURING(record_of(entity.properties, info ? &info->fields : nullptr),
                                 "read the properties of " + entity.type);
    auto& place = reach(uid);
    place.attributes = layered(place.attributes, attributes);
    for (auto const& [type, id] : entity.parents) {
      auto parent = TRY(uid_of(type, id));
      reach(parent);
      found_.at(uid).parents.push_back(std::move(parent));
    }
    return uid;
  }

  void add_action(EntityUid const& uid) {
    auto& place = reach(uid);
    if (!domain_.schema) return;
    auto const* info = domain_.schema->schema.find(uid);
    if (info) place.parents.assign(info->ancestors.begin(), info->ancestors.end());
  }

  Result<cedar::Entities> finish() {
    std::vector<cedar::Entity> all;
    for (auto& [uid, entity] : found_) {
      if (domain_.schema && uid.type != domain_.action_type)
        TRY(cedar::check_entity(entity, domain_.schema->schema));
      all.push_back(std::move(entity));
    }
    return cedar::Entities::make(std::move(all));
  }

 private:
  /// The entity of this request, made when it was not there, with what is stored and leads on.
  cedar::Entity& reach(EntityUid const& uid) {
    if (auto const known = found_.find(uid); known != found_.end()) return known->second;
    auto const* stored = domain_.entities.find(uid);
    auto& made = found_[uid];
    made = stored ? *stored : cedar::Entity{.uid = uid};
    if (!stored) return made;
    for (auto const& parent : stored->parents) reach(parent);
    for (auto const& field : stored->attributes.fields()) follow(field.value);
    for (auto const& tag : stored->tags.fields()) follow(tag.value);
    return made;
  }

  void follow(cedar::Value const& value) {
    if (auto const* uid = value.entity())
      if (domain_.entities.find(*uid)) reach(*uid);
    if (auto const* set = value.set())
      for (auto const& item : set->items()) follow(item);
    if (auto const* record = value.record())
      for (auto const& field : record->fields()) follow(field.value);
  }

  Domain const& domain_;
  std::map<EntityUid, cedar::Entity> found_;
};

/// `action.properties` are `context.action`, when the domain can hold them.
Json context_of(Request const& request) {
  auto out = request.context.object() ? request.context : Json(Json::Object{});
  auto const* properties = request.action_properties.object();
  if (properties && !out.find("action")) out.add("action", request.action_properties);
  return out;
}

bool forbids(Domain const& domain, std::string const& id) {
  for (auto const& active : domain.policies.active())
    if (*active.id == id) return active.policy->effect == cedar::Effect::forbid;
  return false;
}

/// Of what decided; a link has those of its template.
void oblige(Decision& out, Domain const& domain) {
  for (auto const& active : domain.policies.active()) {
    if (!std::ranges::binary_search(out.reasons, *active.id)) continue;
    auto obligations = obligations_of(*active.policy);
    if (!obligations) continue;  // files with such were refused; elsewhere it obliges to nothing
    for (auto& one : *obligations) out.obligations.push_back(std::move(one));
  }
}

std::string text_of(Decision const& decision) {
  std::string ids;
  for (auto const& id : decision.reasons) ids += (ids.empty() ? "" : ", ") + id;
  switch (decision.cause) {
    case Cause::permitted: return "permitted by " + ids;
    case Cause::forbidden: return "forbidden by " + ids;
    case Cause::not_permitted: return "no policy permits it";
    case Cause::failed: return "a policy could not be evaluated: " + decision.errors[0].policy;
  }
  return "";
}

/// One condition with what it looked at. Facts about the resource stay here: whoever was denied may
/// not read it.
std::string told(cedar::Conjunct const& conjunct) {
  auto const about_resource = [](auto const& o) { return o.text.starts_with("resource"); };
  if (std::ranges::any_of(conjunct.operands, about_resource))
    return "something of what it is asked of";
  auto out = conjunct.text;
  for (auto const& operand : conjunct.operands)
    out += (&operand == &conjunct.operands.front() ? ", but " : ", ") + operand.text +
           (operand.value.empty() ? " is absent" : " is " + operand.value);
  return out;
}

/// Policies that are about this principal, action and resource, and what of their conditions does
/// not hold. Others are nobody's business who was denied.
std::string missing(cedar::Explanation const& why) {
  std::string out;
  for (auto const& miss : why.near_misses) {
    bool const scope = std::ranges::any_of(miss.failing, [](auto const& conjunct) {
      return conjunct.part != cedar::Part::when && conjunct.part != cedar::Part::unless;
    });
    if (scope) continue;
    out += (out.empty() ? "" : "; ") + miss.policy + " needs ";
    for (auto const& conjunct : miss.failing)
      out += (&conjunct == &miss.failing.front() ? "" : " and ") + told(conjunct);
  }
  return "no policy permits it" + (out.empty() ? "" : ": " + out);
}

Decision decision_of(cedar::Response const& response, Domain const& domain) {
  Decision out;
  out.reasons = response.reasons;
  bool doubt = false;
  for (auto const& error : response.errors) {
    out.errors.push_back({error.policy, error.message});
    doubt = doubt || forbids(domain, error.policy);
  }
  bool const allowed = response.decision == cedar::Decision::allow;
  if (allowed && doubt) out.reasons.clear();
  out.permit = allowed && !doubt;
  if (!allowed)
    out.cause = out.reasons.empty() ? Cause::not_permitted : Cause::forbidden;
  else
    out.cause = doubt ? Cause::failed : Cause::permitted;
  oblige(out, domain);
  out.text = text_of(out);
  return out;
}

/// Beside a denial, what the nearest permits lacked. Worked out only then: it walks all policies.
void explain(Decision& out, Question const& question, Domain const& domain) {
  if (out.permit) return;
  auto const why = cedar::explain(domain.policies, question.request, question.entities);
  out.explanation = cedar::to_json_value(why);
  if (out.cause == Cause::not_permitted) out.text = missing(why);
}

Decision answer(Request const& request, Domain const& domain) {
  auto const question = to_question(request, domain);
  if (!question) return failed(question.error().to_string());
  auto const response = cedar::authorize(domain.policies, question->request, question->entities);
  auto out = decision_of(response, domain);
  explain(out, *question, domain);
  return out;
}

}  // namespace

Result<std::shared_ptr<Domain const>> make_domain(Bundle const& bundle) {
  auto out = std::make_shared<Domain>();
  out->schema = TRY(product_schema());
  out->policies = TRY(compile(bundle, out->schema.get()));
  out->version = digest_of(bundle);
  return out;
}

Result<Question> to_question(Request const& request, Domain const& domain) {
  Question out;
  auto const* schema = domain.schema ? &domain.schema->schema : nullptr;
  EntityUid const action{domain.action_type, request.action};
  auto const* info = schema ? schema->find(action) : nullptr;
  if (schema && !info) return fail(Errc::invalid, "there is no action \"" + request.action + "\"");
  Gathering gathering(domain);
  out.request.principal = TRY(gathering.add(request.subject));
  out.request.resource = TRY(gathering.add(request.resource));
  out.request.action = action;
  gathering.add_action(action);
  out.entities = TRY(gathering.finish());
  out.request.context = TRY_DURING(
      record_of(context_of(request), info ? &info->context->fields : nullptr), "read the context");
  if (schema) TRY(cedar::check_request(out.request, *schema));
  return out;
}

Decision CedarEngine::do_decide(Request const& request) const {
  auto const domain = domain_.load();
  auto out = answer(request, *domain);
  out.version = domain->version;
  return out;
}

}  // namespace reeve::pdp
