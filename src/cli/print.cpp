#include "cli/print.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"

namespace reeve::cli {
namespace {

View const views[] = {
    {"identities", {"id", "name", "kind", "source", "quadrant", "risk", "findings", "enabled"}},
    {"credentials",
     {"id", "kind", "label", "algorithm", "expires", "last_used", "identity", "source"}},
    {"findings",
     {"id", "risk", "severity", "rule", "title", "reason", "subject", "source", "state"}},
    {"owners", {"identity", "person_name", "role", "score", "state", "basis"}},
    {"persons", {"id", "name", "email", "active", "left_at", "source"}},
    {"resources",
     {"id", "name", "kind", "sensitivity", "sensitivity_reason", "environment", "source"}},
    {"grants", {"id", "identity", "actions", "resource", "via", "conditions"}},
    {"sightings", {"id", "kind", "place", "mode", "exposure", "identity"}},
    {"consumers", {"id", "name", "kind", "identity", "how"}},
    {"usage", {"id", "identity", "action", "network", "client", "last", "count"}},
    {"coverage", {"source", "class", "state", "missing", "reason", "fix"}},
    {"sources", {"id", "name", "kind"}},
    {"runs", {"id", "source", "started", "finished", "changes"}},
    {"source-configs", {"name", "kind", "options"}},
    {"rules", {"id", "severity", "title", "subject", "action", "fix"}},
    {"plans", {"id", "state", "kind", "source", "title", "finding", "changed", "note"}},
    {"policy-versions", {"id", "at", "by", "note", "digest"}},
    {"diff", {"change", "class", "id", "native_id"}},
    {"", {}}};

/// A cell: facts that are not reported are blank, none is "-".
std::string cell(Json const* value) {
  if (!value) return "";
  if (value->is_null()) return "-";
  if (auto const* yes = value->boolean()) return *yes ? "yes" : "no";
  if (auto const* text = value->text()) return printable(*text);
  if (auto const* items = value->array()) {
    std::string out;
    for (auto const& item : *items) out += (out.empty() ? "" : " ") + cell(&item);
    return out;
  }
  return printable(to_json(*value));
}

/// Columns on a terminal: code points, which is right but for the few wide ones.
int width_of(std::string_view text) {
  return int(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string fitted(std::string_view text, int width) {
  std::string out;
  int used = 0;
  if (width_of(text) <= width) {
    out = text;
    used = width_of(text);
  } else {
    for (std::size_t at = 0; at < text.size() && used < width - 1; ++used) {
      auto end = at + 1;
      while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
      out += text.substr(at, end - at);
      at = end;
    }
    out += "…";
    ++used;
  }
  return out + std::string(std::size_t(std::max(0, width - used)), ' ');
}

using Grid = std::vector<std::vector<std::string>>;

/// Widths that fit: the widest columns give first.
std::vector<int> widths_of(Grid const& grid, int total) {
  std::vector<int> out(grid.front().size());
  for (auto const& row : grid)
    for (std::size_t n = 0; n < row.size(); ++n) out[n] = std::max(out[n], width_of(row[n]));
  constexpr int gap = 2, least = 8;
  auto const sum = [&] {
    int all = 0;
    for (auto const w : out) all += w + gap;
    return all - gap;
  };
  while (sum() > total) {
    auto const widest = std::ranges::max_element(out);
    if (*widest <= least) break;
    --*widest;
  }
  return out;
}

std::string print_grid(Grid const& grid, int width) {
  auto const widths = widths_of(grid, width);
  std::string out;
  for (auto const& row : grid) {
    std::string line;
    for (std::size_t n = 0; n < row.size(); ++n)
      line += (n ? "  " : "") + fitted(row[n], widths[n]);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::vector<std::string> all_columns(Json::Array const& items) {
  std::vector<std::string> out;
  for (auto const& item : items)
    if (auto const* members = item.object())
      for (auto const& member : *members)
        if (std::ranges::find(out, member.key) == out.end()) out.push_back(member.key);
  return out;
}

// RFC 4180. A cell that a spreadsheet would take for a formula gets a quote in front.
std::string csv_cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").contains(text[0]) && text != "-")
    text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string out = "\"";
  for (char const c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string print_csv(Json::Array const& items) {
  auto const columns = all_columns(items);
  std::string out = join(columns, ",") + "\r\n";
  for (auto const& item : items) {
    for (auto const& column : columns)
      out += (&column == &columns.front() ? "" : ",") + csv_cell(cell(item.find(column)));
    out += "\r\n";
  }
  return out;
}

std::int64_t number_at(Json const& json, std::string_view key) {
  auto const* value = json.find(key);
  auto const* number = value ? value->integer() : nullptr;
  return number ? *number : 0;
}

std::string quadrant_cell(Json const& map, std::string_view name) {
  auto const* cell = map.find(name);
  if (!cell) return "";
  auto const findings = number_at(*cell, "open_findings");
  return fmt::format("{:>5} identities, {} findings{}", number_at(*cell, "identities"), findings,
                     findings ? fmt::format(", risk {}", number_at(*cell, "highest_risk")) : "");
}

std::string print_map(Json const& map) {
  constexpr int cell = 40;
  std::string const bar(cell + 2, '-');
  auto const row = [&](std::string_view title, std::string_view left, std::string_view right) {
    return fmt::format("{:<16}| {} | {} |\n", title, fitted(left, cell), fitted(right, cell));
  };
  auto const rule = fmt::format("{:16}+{}+{}+\n", "", bar, bar);
  std::string out = fmt::format("{:16}  {}   {}\n", "", fitted("clicks (interactive)", cell),
                                fitted("calls (programmatic)", cell));
  out += rule + row("one person", "people", "human-driven automation");
  out += row("", quadrant_cell(map, "human_user"), quadrant_cell(map, "human_driven"));
  out += rule + row("not one person", "multi-actor access", "system-driven automation");
  out += row("", quadrant_cell(map, "multi_actor"), quadrant_cell(map, "system_driven")) + rule;
  return out + fmt::format("{:16}  not placed: {}\n", "", trim(quadrant_cell(map, "unknown")));
}

std::string print_findings(Json const& findings) {
  auto out = fmt::format("Findings: {} open", number_at(findings, "open"));
  if (auto const* by = findings.find("by_severity"); by && by->object())
    for (auto const name : {"critical", "high", "medium", "low"})
      if (auto const count = number_at(*by, name)) out += fmt::format(", {} {}", count, name);
  out += "\n";
  for (auto const& f : *findings.find("worst")->array()) {
    out += fmt::format("  {:>4}  {:<8} {}  {}\n", number_at(f, "risk"), f.text_at("severity"),
                       f.text_at("rule"), printable(f.text_at("title")));
    auto const who = f.text_at("identity_name");
    auto const more = number_at(f, "more");
    out += fmt::format("        {}{}: {}{}\n", who.empty() ? "" : printable(who) + " at ",
                       printable(f.text_at("source")), printable(f.text_at("reason")),
                       more ? fmt::format(" (and {} more)", more) : "");
    out += fmt::format("        {}\n", f.text_at("command"));
  }
  return out;
}

std::string print_coverage(Json const& coverage) {
  auto const& partial = *coverage.find("partial")->array();
  auto const& failed = *coverage.find("failed")->array();
  auto out = fmt::format("Seen completely: {} classes of objects; not completely: {}\n",
                         number_at(coverage, "complete"), partial.size());
  for (auto const& f : failed)
    out += fmt::format("  {}: not read: {}\n", printable(f.text_at("source")),
                       printable(f.text_at("error")));
  for (auto const& c : partial) {
    auto const missing = c.text_at("missing");
    out += fmt::format("  {} {}: {}{}\n", printable(c.text_at("source")), c.text_at("class"),
                       printable(c.text_at("reason")),
                       missing.empty() ? "" : " (missing: " + printable(missing) + ")");
    if (auto const fix = c.text_at("fix"); !fix.empty()) out += "      " + printable(fix) + "\n";
    if (auto const waiting = number_at(c, "verdicts"))
      out += fmt::format("      would settle {} verdicts\n", waiting);
  }
  return out;
}

}  // namespace

View const& view_of(std::string_view name) {
  auto const found = std::ranges::find(views, name, &View::name);
  return found == std::end(views) ? *std::prev(std::end(views)) : *found;
}

std::string print_list(Json::Array const& items, View const& view, Format format, int width) {
  if (format == Format::json) return to_json_pretty(Json(items)) + "\n";
  if (format == Format::csv) return print_csv(items);
  if (items.empty()) return "nothing\n";
  std::vector<std::string> columns(view.columns.begin(), view.columns.end());
  if (columns.empty()) columns = all_columns(items);
  Grid grid(1);
  for (auto const& column : columns) {
    std::string title(column);
    std::ranges::transform(title, title.begin(), [](char c) {
      return c == '_' ? ' ' : c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    });
    grid[0].push_back(std::move(title));
  }
  for (auto const& item : items) {
    auto& row = grid.emplace_back();
    for (auto const& column : columns) row.push_back(cell(item.find(column)));
  }
  return print_grid(grid, width);
}

std::string print_object(Json const& object, Format format) {
  if (format != Format::table || !object.object()) return to_json_pretty(object) + "\n";
  std::size_t widest = 0;
  for (auto const& member : *object.object()) widest = std::max(widest, member.key.size());
  std::string out;
  for (auto const& [key, value] : *object.object())
    out += fmt::format("{:<{}}  {}\n", key, widest, cell(&value));
  return out;
}

std::string print_overview(Json const& overview, int) {
  std::string out = print_map(*overview.find("map")) + "\n";
  out += print_findings(*overview.find("findings")) + "\n";
  out += print_coverage(*overview.find("coverage")) + "\nNext:\n";
  for (auto const& step : *overview.find("next")->array())
    out +=
        fmt::format("  {}\n      {}\n", step.text_at("text"), printable(step.text_at("command")));
  return out;
}

std::string print_explanation(Json const& all, int width) {
  auto const& identity = *all.find("identity");
  auto const& card = *all.find("scorecard");
  auto out =
      fmt::format("{} {} ({} at {})\n", identity.text_at("id"), printable(identity.text_at("name")),
                  printable(identity.text_at("kind")), printable(identity.text_at("source")));
  out += fmt::format("  known from {}\n\n", printable(identity.text_at("evidence")));
  out += fmt::format("Class: {}\n  who acts: {} ({} of 100); how: {} ({} of 100)\n",
                     card.text_at("quadrant"), card.text_at("actor"),
                     number_at(card, "actor_confidence"), card.text_at("behaviour"),
                     number_at(card, "behaviour_confidence"));
  for (auto const& line : *card.find("lines")->array())
    out += fmt::format("  {:>+4} {:>+4}  {}\n", number_at(line, "actor"),
                       number_at(line, "behaviour"), printable(line.text_at("clue")));
  if (card.find("lines")->array()->empty()) out += "  no evidence on either axis\n";
  for (auto const* table :
       {"owners", "credentials", "grants", "consumers", "usage", "sightings", "findings"}) {
    auto const& rows = *all.find(table)->array();
    if (rows.empty()) continue;
    out += fmt::format("\n{} ({})\n", table, rows.size());
    out += print_list(rows, view_of(table), Format::table, width);
  }
  return out;
}

int terminal_width() {
  winsize size{};
  constexpr int usual = 100, least = 60;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual * 2;
  return std::max<int>(size.ws_col, least);
}

}  // namespace reeve::cli
