#include <algorithm>

#include "base/text.hpp"
#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"
#include "cli/verbs.hpp"

namespace reeve::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string type_of(Json const& schema) {
  auto out = schema.text_at("type");
  if (auto const format = schema.text_at("format"); !format.empty()) out += ", " + format;
  if (auto const* choices = schema.find("enum"))
    for (auto const& choice : *choices->array())
      out += (&choice == &choices->array()->front() ? ": " : ", ") + *choice.text();
  return out;
}

std::string parameters(Json const& operation) {
  auto const* all = operation.find("parameters");
  if (!all) return "";
  Rows rows;
  for (auto const& p : *all->array())
    rows.push_back({code(p.text_at("name")), p.text_at("in"), markdown(type_of(*p.find("schema"))),
                    markdown(p.text_at("description"))});
  return grid({"parameter", "in", "type", ""}, rows);
}

std::string body(Json const& operation) {
  auto const* request = operation.find("requestBody");
  if (!request) return "";
  auto const& schema = *request->find("content")->find("application/json")->find("schema");
  auto const* required = schema.find("required");
  Rows rows;
  for (auto const& property : *schema.find("properties")->object()) {
    bool const must = required && std::ranges::find(*required->array(), Json(property.key)) !=
                                      required->array()->end();
    rows.push_back({code(property.key), markdown(type_of(property.value)), must ? "yes" : "no"});
  }
  return grid({"body", "type", "required"}, rows);
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return text;
}

std::string_view meaning(Errc code) {
  switch (code) {
    using enum Errc;
    case invalid:
      return "what was asked is not well-formed; the message names the value and the choices";
    case unauthenticated: return "nobody said, or proved, who is asking";
    case denied: return "this one may not do it; the message names the action";
    case not_found: return "what is named is not there";
    case conflict: return "it changed meanwhile, or something stands in its way";
    case rate_limited: return "too many calls; wait, then again";
    case unavailable: return "the other side, the database or the disk cannot be reached now";
    case timeout: return "it took longer than its limit";
    case unsupported: return "this program, or that source, cannot do it";
    case corrupt: return "stored or received data is broken";
    case internal: return "our bug";
  }
  return "";
}

}  // namespace

std::string api_page(Json const& openapi) {
  std::string out =
      std::string(generated) +
      "# API\n\n`reeve docs api` and `GET /v1/openapi.json` give the same as OpenAPI 3.1. Say who "
      "you are with `Authorization: Bearer` and a token of `reeve token create`; on the unix "
      "socket "
      "the kernel says it. Errors are problem details (RFC 9457) with a `code`: "
      "[errors](errors.md)."
      "\n\n" +
      markdown(openapi.find("info")->text_at("description")) + "\n\n";
  for (auto const& path : *openapi.find("paths")->object())
    for (auto const& method : *path.value.object()) {
      auto const& operation = method.value;
      out += "## " + upper(method.key) + " " + markdown(path.key) + "\n\n" +
             markdown(operation.text_at("summary")) + ". Action " +
             code(operation.text_at("x-reeve-action")) + ", of the group " +
             code(operation.text_at("x-reeve-group")) + ".\n\n";
      out += parameters(operation) + body(operation);
    }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string errors_page() {
  Rows rows;
  for (auto at = Errc::invalid; at <= Errc::internal; at = Errc(int(at) + 1)) {
    auto const info = describe(at);
    rows.push_back({code(info.name), std::to_string(info.http_status), info.retry ? "yes" : "no",
                    std::string(info.outcome), std::to_string(int(exit_of(Error(at, "")))),
                    std::string(meaning(at))});
  }
  return std::string(generated) +
         "# Errors\n\nOne closed set of codes, everywhere: in a problem of the API, in brackets at "
         "the end of a message, in the audit log.\n\n" +
         grid({"code", "HTTP", "worth a retry", "audit", "exit code", "meaning"}, rows) +
         "Other exit codes: 0 done, 1 findings at or over `--fail-on`, 3 partial coverage under "
         "`--strict`.\n";
}

}  // namespace reeve::cli
