#include "report/report.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "report/chart.hpp"
#include "report/estate.hpp"
#include "report/report_css.hpp"

namespace reeve::report {
namespace {

/// Text of a source, for a page.
std::string shown(std::string_view text) {
  return html_escape(printable(text));
}

std::string many(std::int64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

std::string head(Instant now) {
  auto const hash = crypto::to_base64(crypto::bytes_of(crypto::sha256(report_css)));
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
      "style-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>Non-human identities, {}</title>\n<style>{}</style>\n</head>\n",
      hash, rfc3339(now).substr(0, 10), report_css);
}

std::string key_figures(Estate const& e) {
  struct Figure {
    std::int64_t value;
    std::string_view text, css;
  };
  auto const by = e.by_severity();
  auto const bad = by[std::size_t(posture::Severity::critical)];
  auto const high = by[std::size_t(posture::Severity::high)];
  std::int64_t waiting = 0;
  for (auto const& c : e.coverage) waiting += c.verdicts;
  Figure const figures[] = {
      {e.identities(), "identities", ""},        {e.open(), "open findings", ""},
      {bad, "critical", bad ? "bad" : ""},       {high, "high", high ? "bad" : ""},
      {e.owners.nobody, "without an owner", ""}, {waiting, "verdicts not reached", ""}};
  std::string out = "<dl class=\"figures\">\n";
  for (auto const& f : figures)
    out += fmt::format("<div class=\"{}\"><dt>{}</dt><dd>{}</dd></div>\n", f.css, f.text, f.value);
  return out + "</dl>\n";
}

std::string map_section(Estate const& e) {
  auto out = std::string("<section aria-labelledby=\"h-map\"><h2 id=\"h-map\">The map</h2>\n");
  std::string text;
  for (auto const& q : e.map) text += fmt::format("{}: {}. ", q.name, q.identities);
  out += "<figure>" + map({"map", "Identities by who acts and how", text}, e.map);
  auto const& rest = e.map.back();
  return out + fmt::format(
                   "<figcaption>Not placed for want of evidence: {}.</figcaption></figure>\n"
                   "</section>\n",
                   many(rest.identities, "identity", "identities"));
}

std::vector<Bar> bars_by_class(Estate const& e) {
  std::vector<Bar> out;
  constexpr std::string_view labels[] = {"people", "human-driven automation", "multi-actor access",
                                         "system-driven automation", "not placed"};
  for (std::size_t n = 0; n < e.map.size(); ++n) {
    Bar bar{.label = std::string(labels[n]), .parts = {}};
    for (std::size_t s = severities; s-- > 0;)
      bar.parts.push_back({posture::severity_names[s], e.map[n].findings[s]});
    out.push_back(std::move(bar));
  }
  return out;
}

std::vector<Bar> bars_by_severity(Estate const& e) {
  std::vector<Bar> out;
  auto const by = e.by_severity();
  for (std::size_t s = severities; s-- > 0;)
    out.push_back({std::string(posture::severity_names[s]), {{posture::severity_names[s], by[s]}}});
  return out;
}

std::vector<Bar> bars_by_rule(Estate const& e) {
  std::vector<Bar> out;
  out.reserve(e.rules.size());
  for (auto const& r : e.rules)
    out.push_back({printable(r.rule + "  " + r.title), {{"bar", r.findings}}});
  return out;
}

std::string legend() {
  std::string out = "<ul class=\"legend\">";
  for (std::size_t s = severities; s-- > 0;)
    out += fmt::format("<li><span class=\"{0}\"></span>{0}</li>", posture::severity_names[s]);
  return out + "</ul>\n";
}

std::string figure(std::string_view title, std::string const& picture) {
  return fmt::format("<figure><h3>{}</h3>\n{}</figure>\n", title, picture);
}

std::string charts_section(Estate const& e) {
  std::string out = "<section aria-labelledby=\"h-find\"><h2 id=\"h-find\">Findings</h2>\n";
  if (e.open() == 0)
    return out + fmt::format("<p>Nothing is open; {}.</p></section>\n",
                             many(e.accepted, "finding is accepted", "findings are accepted"));
  out += fmt::format("<p>{}; {} until a day.</p>\n",
                     many(e.open(), "finding is open", "findings are open"),
                     many(e.accepted, "is accepted", "are accepted"));
  auto const by_severity = bars_by_severity(e), by_class = bars_by_class(e),
             by_rule = bars_by_rule(e);
  out += figure("By severity",
                bars({"sev", "Open findings by severity", "One bar a severity."}, by_severity));
  out += figure("By class of identity", bars({"cls", "Open findings by class of identity",
                                              "Bars divided by severity, critical first."},
                                             by_class) +
                                            legend());
  return out +
         figure("By rule",
                bars({"rul", "Open findings by rule", "Most findings first."}, by_rule)) +
         "</section>\n";
}

std::string credentials_section(Estate const& e) {
  std::string out =
      "<section aria-labelledby=\"h-cred\"><h2 id=\"h-cred\">Credentials</h2>\n"
      "<p>Silence is not an age: what a source does not report is counted apart.</p>\n";
  std::int64_t all = 0;
  for (auto const& bucket : e.age) all += bucket.count;
  if (all == 0) return out + "<p>No source has shown a credential.</p></section>\n";
  out +=
      figure("Age, at most", columns({"age", "Credentials by age", "Time since creation."}, e.age));
  out += figure("Ends within",
                columns({"exp", "Credentials by expiry", "Time until the end."}, e.expiry));
  return out +
         figure(
             "Last used within",
             columns({"use", "Credentials by last use", "Time since the last use."}, e.last_use)) +
         "</section>\n";
}

std::string worst_section(Estate const& e) {
  if (e.worst.empty()) return "";
  std::string out =
      "<section aria-labelledby=\"h-worst\"><h2 id=\"h-worst\">Fix these first</h2>\n"
      "<p>Each command shows what it would change and who uses it now, and changes nothing "
      "without <code>--apply</code>.</p>\n<ol class=\"worst\">\n";
  for (auto const& f : e.worst)
    out += fmt::format(
        "<li><h3><span class=\"tag {0}\">{0}</span> {1}</h3>\n"
        "<p>{2} <b>{3}</b> at {4}: {5}</p>\n"
        "<p class=\"soft\">{6}, {7}. Risk {8}: {9}</p>\n<pre><code>reeve fix "
        "{6}</code></pre></li>\n",
        shown(f.severity), shown(f.title), shown(f.subject), shown(f.identity), shown(f.source),
        shown(f.reason), shown(f.id), shown(f.rule), f.risk, shown(f.risk_parts));
  return out + "</ol></section>\n";
}

std::string sources_table(Estate const& e) {
  std::string out =
      "<table><caption>Sources</caption><thead><tr><th scope=\"col\">Source</th>"
      "<th scope=\"col\">Kind</th><th scope=\"col\">Last complete look</th>"
      "<th scope=\"col\">Seen completely</th></tr></thead><tbody>\n";
  for (auto const& s : e.sources) {
    std::string complete;
    for (auto const& c : e.coverage)
      if (c.source == s.name && c.state == "complete")
        complete += (complete.empty() ? "" : ", ") + shown(c.object_class);
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       shown(s.name), shown(s.kind),
                       s.error.empty() ? (s.looked.empty() ? "never" : s.looked)
                                       : "<strong>failed</strong>: " + shown(s.error),
                       complete.empty() ? "nothing" : complete);
  }
  return out + "</tbody></table>\n";
}

std::string coverage_section(Estate const& e) {
  std::string out =
      "<section aria-labelledby=\"h-cov\"><h2 id=\"h-cov\">What could not be seen</h2>\n" +
      sources_table(e) + "<ul class=\"unseen\">\n";
  bool any = false;
  for (auto const& c : e.coverage) {
    if (c.state != "partial") continue;
    any = true;
    out += fmt::format("<li><h3>{} at {}</h3>\n<p>{}{}</p>\n", shown(c.object_class),
                       shown(c.source), shown(c.reason),
                       c.missing.empty() ? "" : ". Missing: <code>" + shown(c.missing) + "</code>");
    if (!c.fix.empty()) out += "<pre><code>" + shown(c.fix) + "</code></pre>\n";
    if (c.verdicts > 0)
      out += fmt::format("<p class=\"soft\">It would settle {}.</p>\n",
                         many(c.verdicts, "verdict", "verdicts"));
    out += "</li>\n";
  }
  out += "</ul>\n";
  if (!any) out += "<p>Every class a source knows was seen completely.</p>\n";
  return out + "</section>\n";
}

std::string owners_section(Estate const& e) {
  auto const& o = e.owners;
  Bar const rows[] = {{"accepted or assigned", {{"good", o.decided}}},
                      {"proposed", {{"bar", o.proposed}}},
                      {"nobody", {{"high", o.nobody}}}};
  std::string out = "<section aria-labelledby=\"h-own\"><h2 id=\"h-own\">Owners</h2>\n" +
                    figure("Identities by who answers for them",
                           bars({"own", "Identities by state of their owner", ""}, rows));
  if (o.most.empty()) return out + "</section>\n";
  out +=
      "<table><caption>Who answers for most</caption><thead><tr><th scope=\"col\">Person</th>"
      "<th scope=\"col\">Identities</th><th scope=\"col\">State</th></tr></thead><tbody>\n";
  for (auto const& p : o.most)
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n",
                       shown(p.person), p.identities, p.left ? "<strong>has left</strong>" : "");
  return out + "</tbody></table></section>\n";
}

}  // namespace

Result<std::string> html(sql::Database& db, Instant now) {
  auto const estate = TRY(read_estate(db, now));
  auto out = head(now);
  out += fmt::format(
      "<body>\n<header><h1>Non-human identities</h1>\n"
      "<p>As of <time datetime=\"{0}\">{0}</time></p></header>\n<main>\n",
      rfc3339(std::chrono::floor<std::chrono::seconds>(now)));
  for (auto const section : {key_figures, map_section, worst_section, charts_section,
                             credentials_section, owners_section, coverage_section})
    out += section(estate);
  return out +
         "</main>\n<footer>Made by reeve. It holds names of accounts and places: share it "
         "as you would share those. It holds no secret value.</footer>\n</body>\n</html>\n";
}

}  // namespace reeve::report
