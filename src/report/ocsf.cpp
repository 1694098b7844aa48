#include <algorithm>

#include "report/findings.hpp"

namespace reeve::report {
namespace {

struct Named {
  int id;
  std::string_view caption;
};

Named severity(std::string_view name) {
  if (name == "critical") return {5, "Critical"};
  if (name == "high") return {4, "High"};
  if (name == "medium") return {3, "Medium"};
  return name == "low" ? Named{2, "Low"} : Named{0, "Unknown"};
}

/// status_id of a finding: 1 new, 3 suppressed, 4 resolved.
Named status(std::string_view state) {
  if (state == "accepted") return {3, "Suppressed"};
  return state == "resolved" ? Named{4, "Resolved"} : Named{1, "New"};
}

/// activity_id: 1 create, 2 update, 3 close.
Named activity(std::string_view state) {
  if (state == "resolved") return {3, "Close"};
  return state == "accepted" ? Named{2, "Update"} : Named{1, "Create"};
}

std::int64_t milliseconds(Instant at) {
  return std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
}

Json metadata(std::string_view version) {
  Json product, out;
  product.add("name", "reeve").add("vendor_name", "reeve").add("version", version);
  return out.add("version", "1.4.0").add("product", std::move(product));
}

Json const* rule_of(Json const& finding, Json::Array const& rules) {
  auto const found = std::ranges::find_if(
      rules, [&](Json const& rule) { return rule.text_at("id") == finding.text_at("rule"); });
  return found == rules.end() ? nullptr : &*found;
}

Json compliance(Json const& finding, Json const* rule) {
  Json out;
  out.add("control", finding.text_at("rule"));
  Json::Array standards;
  if (rule && !rule->text_at("owasp").empty()) standards.emplace_back(rule->text_at("owasp"));
  if (auto const* more = rule ? rule->find("frameworks") : nullptr; more && more->array())
    for (auto const& each : *more->array()) standards.push_back(each);
  // The schema wants a standard; ours is the catalogue the rule is of.
  if (standards.empty()) standards.emplace_back("reeve rules");
  out.add("standards", std::move(standards));
  bool const passes = finding.text_at("state") == "resolved";
  return out.add("status_id", passes ? 1 : 3).add("status", passes ? "Pass" : "Fail");
}

Result<Json> finding_info(Json const& finding, Json const* rule) {
  auto const opened = TRY_DURING(parse_rfc3339(finding.text_at("opened")),
                                 "read when " + finding.text_at("id") + " was opened");
  Json out;
  out.add("uid", finding.text_at("id")).add("title", finding.text_at("title"));
  out.add("desc", finding.text_at("reason")).add("created_time", milliseconds(opened));
  out.add("types", Json::Array{finding.text_at("rule")});
  if (rule && !rule->text_at("why").empty())
    out.add("analytic", Json()
                            .add("name", rule->text_at("title"))
                            .add("uid", rule->text_at("id"))
                            .add("type_id", 1)
                            .add("type", "Rule"));
  return out;
}

Json resource(Json const& finding) {
  Json out;
  out.add("uid", finding.text_at("subject")).add("type", finding.text_at("source"));
  return out;
}

Result<Json> event(Json const& finding, Json const* rule, std::string_view version, Instant now) {
  constexpr int category = 2, class_uid = 2003;
  auto const at = severity(finding.text_at("severity"));
  auto const state = status(finding.text_at("state"));
  auto const doing = activity(finding.text_at("state"));
  auto info = TRY(finding_info(finding, rule));
  Json out;
  out.add("activity_id", doing.id).add("activity_name", doing.caption);
  out.add("category_uid", category).add("category_name", "Findings");
  out.add("class_uid", class_uid).add("class_name", "Compliance Finding");
  out.add("type_uid", class_uid * 100 + doing.id).add("time", milliseconds(now));
  out.add("severity_id", at.id).add("severity", at.caption);
  out.add("status_id", state.id).add("status", state.caption);
  out.add("message", finding.text_at("title") + ": " + finding.text_at("reason"));
  out.add("metadata", metadata(version)).add("finding_info", std::move(info));
  out.add("compliance", compliance(finding, rule));
  out.add("resources", Json::Array{resource(finding)});
  Json unmapped;
  unmapped.add("identity", finding.text_at("identity"));
  if (auto const* risk = finding.find("risk")) unmapped.add("risk", *risk);
  return out.add("unmapped", std::move(unmapped));
}

}  // namespace

Result<Json::Array> ocsf(Json::Array const& findings, Json::Array const& rules,
                         std::string_view version, Instant now) {
  Json::Array out;
  for (auto const& finding : findings) {
    auto made = TRY(event(finding, rule_of(finding, rules), version, now));
    out.push_back(std::move(made));
  }
  return out;
}

}  // namespace reeve::report
