#include "cli/policy_files.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/conformance.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"
#include "cedar/policy_json.hpp"

namespace reeve::cli {
namespace {

Result<cedar::PolicySet> set_from_json(std::string const& file, std::string_view text) {
  auto const json = TRY_DURING(parse_json(text, cedar::policy_json_limits), file);
  return TRY_DURING(cedar::policy_set_from_json(json), file);
}

Result<cedar::Link> link_from_json(Json const& json) {
  cedar::Link out{.id = json.text_at("newId"), .template_id = json.text_at("templateId")};
  auto const* values = json.find("values");
  if (auto const* principal = values ? values->find("?principal") : nullptr)
    out.principal = TRY(cedar::entity_uid_from_json(*principal));
  if (auto const* resource = values ? values->find("?resource") : nullptr)
    out.resource = TRY(cedar::entity_uid_from_json(*resource));
  if (out.id.empty() || out.template_id.empty())
    return fail(Errc::invalid, "a link has newId, templateId and values: " + to_json(json));
  return out;
}

Result<> add_links(cedar::PolicySet& set, std::string const& file) {
  auto const text = TRY(read_policy_text(file));
  auto const json = TRY_DURING(parse_json(text), file);
  if (!json.array()) return fail(Errc::invalid, file + ": expected a list of links");
  for (auto const& each : *json.array()) {
    auto link = TRY_DURING(link_from_json(each), file);
    TRY_DURING(set.link(std::move(link)), file);
  }
  return {};
}

std::string xml(std::string_view text) {
  return html_escape(printable(text));
}

}  // namespace

void Mistakes::add(Mistake mistake) {
  all_.push_back(std::move(mistake));
}

void Mistakes::add(std::string const& file, std::string_view text, std::uint32_t at,
                   std::string const& code, std::string const& message,
                   std::string const& severity) {
  auto const place = cedar::place_of(text, at);
  add({file, place.line, place.column, code, message, severity});
}

void Mistakes::test(std::string const& suite, std::string const& name) {
  tests_.push_back({suite, name, all_.size()});
}

Json Mistakes::json() const {
  Json::Array out;
  for (auto const& each : all_) {
    Json one;
    one.add("file", each.file).add("line", each.line).add("column", each.column);
    one.add("code", each.code).add("severity", each.severity).add("message", each.message);
    out.push_back(std::move(one));
  }
  return out;
}

std::string Mistakes::junit() const {
  std::string cases;
  std::size_t failures = 0;
  for (std::size_t i = 0; i < tests_.size(); ++i) {
    auto const end = i + 1 < tests_.size() ? tests_[i + 1].from : all_.size();
    cases += "  <testcase classname=\"" + xml(tests_[i].suite) + "\" name=\"" +
             xml(tests_[i].name) + "\">\n";
    bool failed = false;
    for (auto at = tests_[i].from; at < end; ++at) {
      auto const& each = all_[at];
      auto const line = each.file + ":" + std::to_string(each.line) + ":" +
                        std::to_string(each.column) + ": " + each.message;
      bool const error = each.severity == "error";
      failed = failed || error;
      auto const element = std::string(error ? "failure" : "system-out");
      cases += "    <" + element + (error ? " type=\"" + xml(each.code) + "\"" : "") + ">" +
               xml(line) + "</" + element + ">\n";
    }
    failures += failed ? 1u : 0u;
    cases += "  </testcase>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"reeve policy\" tests=\"" +
         std::to_string(tests_.size()) + "\" failures=\"" + std::to_string(failures) + "\">\n" +
         cases + "</testsuite>\n";
}

Result<> Mistakes::report() const {
  if (context_.format == Format::json) return print(to_json_pretty(json()) + "\n");
  if (context_.format == Format::junit) return print(junit());
  std::string lines;
  for (auto const& each : all_)
    lines += printable(each.file) + ":" + std::to_string(each.line) + ":" +
             std::to_string(each.column) + ": " + each.code + ": " + printable(each.message) + "\n";
  return print(lines);
}

std::string PolicyFiles::at(std::string const& source, cedar::Span span) const {
  auto const it = file_of_.find(source);
  if (it == file_of_.end()) return "";
  auto const place = cedar::place_of(texts_[it->second], span.begin);
  return files_[it->second] + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

cedar::Where PolicyFiles::where() const {
  return [this](std::string const& source, cedar::Span span) { return at(source, span); };
}

Result<PolicyFiles> read_policies(std::vector<std::string> const& files, std::string const& links,
                                  Mistakes& mistakes) {
  PolicyFiles out;
  auto const before = mistakes.size();
  std::size_t count = 0;
  for (auto const& file : files) {
    auto text = TRY(read_policy_text(file));
    std::vector<cedar::Policy> policies;
    std::vector<cedar::Link> linked;
    if (file.ends_with(".json")) {
      auto const set = TRY(set_from_json(file, text));
      for (auto const& each : set.policies()) policies.push_back(*each);
      linked = set.links();
    } else {
      auto parsed = cedar::parse_policies_with_errors(text);
      for (auto const& each : parsed.errors)
        mistakes.add(file, text, each.span.begin, each.code, each.message);
      policies = std::move(parsed.policies);
      for (auto& policy : policies) {
        policy.id = "policy" + std::to_string(count++);
        if (auto const* id = policy.annotation("id")) policy.id = *id;
      }
    }
    for (auto& policy : policies) {
      out.file_of_.emplace(policy.id, out.files_.size());
      TRY_DURING(out.set.add(std::move(policy)), file);
    }
    for (auto& link : linked) TRY_DURING(out.set.link(std::move(link)), file);
    out.files_.push_back(file);
    out.texts_.push_back(std::move(text));
  }
  if (!links.empty() && mistakes.size() == before) TRY(add_links(out.set, links));
  return out;
}

Result<std::string> read_policy_text(std::string const& file) {
  return read_file(file, cedar::policy_bytes_max);
}

Result<cedar::Schema> read_schema(std::string const& file) {
  auto const text = TRY(read_policy_text(file));
  if (!file.ends_with(".json")) {
    auto const parsed = TRY_DURING(cedar::parse_schema(text), file);
    return cedar::resolve(parsed);
  }
  auto const json = TRY_DURING(parse_json(text), file);
  auto const parsed = TRY_DURING(cedar::schema_from_json(json), file);
  return cedar::resolve(parsed);
}

Result<cedar::Entities> read_entities(std::string const& file,
                                      std::optional<cedar::Schema> const& schema) {
  if (file.empty()) {
    if (schema) return cedar::Entities::make(cedar::action_entities(*schema));
    return cedar::Entities();
  }
  auto const text = TRY(read_file(file, cedar::entity_json_limits.bytes_max));
  auto const json = TRY_DURING(parse_json(text, cedar::entity_json_limits), file);
  return TRY_DURING(
      schema ? cedar::entities_from_json(json, *schema) : cedar::entities_from_json(json), file);
}

}  // namespace reeve::cli
