// Asking a policy domain by hand, and looking at what runs in its shadow.

#include "cli/policy_ask.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace reeve::cli {
namespace {

/// Adds `text`, a JSON object, under that name unless it is empty.
Result<> add_object(Json& to, std::string const& name, std::string const& text) {
  if (text.empty()) return {};
  auto object = TRY_DURING(parse_json(text), "read --" + name);
  if (!object.object()) return fail(Errc::invalid, "--" + name + " is a JSON object");
  to.add(name.ends_with("properties") ? "properties" : name, std::move(object));
  return {};
}

/// "user:alice"; the id may hold colons, the type cannot.
Result<Json> entity_of(std::string const& text) {
  auto at = text.find(':');
  while (text.substr(at == text.npos ? text.size() : at).starts_with("::"))
    at = text.find(':', at + 2);
  if (at == text.npos || at == 0)
    return fail(Errc::invalid, "whom and what are TYPE:ID, not " + text);
  return Json().add("type", text.substr(0, at)).add("id", text.substr(at + 1));
}

Result<Json> question_of(AskOptions const& o) {
  Json action, out;
  auto subject = TRY(entity_of(o.subject));
  TRY(add_object(subject, "subject-properties", o.subject_properties));
  action.add("name", o.action);
  TRY(add_object(action, "action-properties", o.action_properties));
  auto resource = TRY(entity_of(o.resource));
  TRY(add_object(resource, "resource-properties", o.resource_properties));
  out.add("subject", std::move(subject)).add("action", std::move(action));
  out.add("resource", std::move(resource));
  TRY(add_object(out, "context", o.context));
  return out;
}

std::string verdict(Json const& decision) {
  auto const* permit = decision.find("decision");
  return permit && permit->boolean() && *permit->boolean() ? "permit" : "deny";
}

std::string name_of(Json const& request, std::string_view part) {
  auto const* entity = request.find(part);
  return entity ? entity->text_at("type") + ":" + entity->text_at("id") : "";
}

/// "user:bob write record:1: deny, in the shadow permit".
std::string difference(Json const& one) {
  auto const& request = *one.find("request");
  auto const* action = request.find("action");
  auto const line = fmt::format("  {} {} {}: {}, in the shadow {}\n", name_of(request, "subject"),
                                action ? action->text_at("name") : "", name_of(request, "resource"),
                                verdict(*one.find("enforced")), verdict(*one.find("candidate")));
  return printable(line.substr(0, line.size() - 1)) + "\n";
}

std::string screen_of(Json const& domain) {
  auto out = domain.text_at("name") + ": " + domain.text_at("engine");
  auto const* compared = domain.find("compared");
  if (!compared) return out + "\n";
  auto const count = [&](std::string_view key) { return *compared->find(key)->integer(); };
  out += fmt::format(", in its shadow {}\n", domain.text_at("shadow"));
  out += fmt::format("agreements {}\ndifferences {}, {} of them because it could not decide\n",
                     count("agreements"), count("differences"), count("failures"));
  if (count("skipped") > 0) out += fmt::format("not compared {}\n", count("skipped"));
  auto const& first = *compared->find("first")->array();
  if (!first.empty()) out += "the first that differ:\n";
  for (auto const& one : first) out += difference(one);
  return out;
}

}  // namespace

Result<Exit> policy_ask(Context const& context, AskOptions const& options) {
  auto const question = TRY(question_of(options));
  auto const base = options.domain.empty() ? "" : "/domains/" + url_escape(options.domain);
  auto const backend = TRY(connect(context));
  auto const answer = TRY(backend->call("POST", base + "/access/v1/evaluation", to_json(question)));
  auto const word = verdict(answer);
  auto const* more = answer.find("context");
  if (context.format == Format::json)
    TRY(print(to_json_pretty(answer) + "\n"));
  else
    TRY(print(word + ": " + printable(more ? more->text_at("reason") : "") + "\n"));
  return word == "permit" ? Exit::done : Exit::findings;
}

Result<Exit> policy_domain(Context const& context, std::string const& name) {
  if (name.empty()) return get(context, "/v1/policy-domains", "");
  auto const backend = TRY(connect(context));
  auto const domain = TRY(backend->call("GET", "/v1/policy-domains/" + url_escape(name)));
  TRY(print(context.format == Format::json ? to_json_pretty(domain) + "\n" : screen_of(domain)));
  return Exit::done;
}

}  // namespace reeve::cli
