#include <algorithm>

#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "report/findings.hpp"

namespace reeve::report {
namespace {

/// SARIF knows four levels; "none" is for what is no problem.
std::string_view level(std::string_view severity) {
  if (severity == "critical" || severity == "high") return "error";
  return severity == "medium" ? "warning" : "note";
}

/// What code scanners sort by, 0.0 to 10.0.
std::string_view score(std::string_view severity) {
  if (severity == "critical") return "9.5";
  if (severity == "high") return "8.0";
  return severity == "medium" ? "5.5" : "2.0";
}

Json message(std::string_view text) {
  return Json().add("text", text);
}

std::string remedy_of(Json const& rule) {
  std::string out;
  if (auto const* steps = rule.find("remedy"); steps && steps->array())
    for (auto const& step : *steps->array())
      if (step.text()) out += (out.empty() ? "" : " ") + *step.text();
  return out;
}

Json descriptor(Json const& rule) {
  auto const severity = rule.text_at("severity");
  Json out, properties;
  out.add("id", rule.text_at("id")).add("shortDescription", message(rule.text_at("title")));
  if (auto const why = rule.text_at("why"); !why.empty()) out.add("fullDescription", message(why));
  if (auto const remedy = remedy_of(rule); !remedy.empty()) out.add("help", message(remedy));
  out.add("defaultConfiguration", Json().add("level", level(severity)));
  properties.add("security-severity", score(severity));
  Json::Array tags{"security", "non-human-identity"};
  if (auto const owasp = rule.text_at("owasp"); !owasp.empty()) tags.emplace_back(owasp);
  return out.add("properties", properties.add("tags", std::move(tags)));
}

/// The rules that the findings name, in the order of their ids.
Json::Array descriptors(Json::Array const& findings, Json::Array const& rules) {
  std::vector<Json const*> used;
  for (auto const& rule : rules)
    if (std::ranges::any_of(findings, [&](Json const& finding) {
          return finding.text_at("rule") == rule.text_at("id");
        }))
      used.push_back(&rule);
  std::ranges::sort(used, {}, [](Json const* rule) { return rule->text_at("id"); });
  Json::Array out;
  for (auto const* rule : used) out.push_back(descriptor(*rule));
  return out;
}

std::string fingerprint(Json const& finding) {
  auto const text = finding.text_at("rule") + "\n" + finding.text_at("source") + "\n" +
                    finding.text_at("subject");
  return crypto::to_hex(crypto::bytes_of(crypto::sha256(text)));
}

Json location(Json const& finding) {
  auto const source = finding.text_at("source"), subject = finding.text_at("subject");
  Json logical;
  logical.add("name", subject).add("fullyQualifiedName", source + "/" + subject);
  logical.add("kind", "resource");
  return Json().add("logicalLocations", Json::Array{std::move(logical)});
}

Json result(Json const& finding, Json::Array const& known) {
  auto const rule = finding.text_at("rule");
  Json out, properties;
  out.add("ruleId", rule);
  for (std::size_t n = 0; n < known.size(); ++n)
    if (known[n].text_at("id") == rule) out.add("ruleIndex", n);
  out.add("level", level(finding.text_at("severity")));
  out.add("message", message(finding.text_at("title") + ": " + finding.text_at("reason")));
  out.add("locations", Json::Array{location(finding)});
  out.add("partialFingerprints", Json().add("ruleAndSubject/v1", fingerprint(finding)));
  if (finding.text_at("state") == "accepted")
    out.add("suppressions", Json::Array{Json().add("kind", "external").add("status", "accepted")});
  properties.add("id", finding.text_at("id")).add("identity", finding.text_at("identity"));
  if (auto const* risk = finding.find("risk")) properties.add("risk", *risk);
  return out.add("properties", std::move(properties));
}

}  // namespace

Json sarif(Json::Array const& findings, Json::Array const& rules, std::string_view version) {
  auto known = descriptors(findings, rules);
  Json::Array results;
  for (auto const& finding : findings)
    if (finding.text_at("state") != "resolved") results.push_back(result(finding, known));
  Json driver, run, out;
  driver.add("name", "reeve").add("version", version).add("rules", std::move(known));
  run.add("tool", Json().add("driver", std::move(driver)));
  run.add("results", std::move(results));
  out.add("$schema", "https://json.schemastore.org/sarif-2.1.0.json").add("version", "2.1.0");
  return out.add("runs", Json::Array{std::move(run)});
}

}  // namespace reeve::report
