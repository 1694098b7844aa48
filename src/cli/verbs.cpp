#include "cli/verbs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/version.hpp"
#include "inventory/inventory.hpp"
#include "posture/run.hpp"
#include "report/findings.hpp"

namespace reeve::cli {
namespace {

/// Lines of progress on standard error: one that is rewritten on a terminal, else one per event
/// that ends something.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}
  ~ProgressLine() { clear(); }
  ProgressLine(ProgressLine const&) = delete;
  ProgressLine& operator=(ProgressLine const&) = delete;

  void operator()(Json const& event) {
    if (quiet_) return;
    auto const source = printable(event.text_at("source")), what = event.text_at("what");
    auto const* objects = event.find("objects");
    auto text = source.empty() ? what + " " + event.text_at("detail")
                               : source + ": " + what + ", " + (objects ? to_json(*objects) : "0") +
                                     " objects";
    bool const ends = what == "done" || what == "failed";
    if (what == "failed") text = source + ": " + printable(event.text_at("detail"));
    if (terminal_) clear();
    if (ends || terminal_) std::fputs((text + (ends ? "\n" : "")).c_str(), stderr);
    shown_ = terminal_ && !ends;
    std::fflush(stderr);
  }

 private:
  void clear() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
    shown_ = false;
  }
  bool quiet_, terminal_, shown_ = false;
};

Json discovery_body(DiscoverOptions const& options) {
  Json body{Json::Object{}};
  Json::Array names, with;
  for (auto const& name : options.sources) names.emplace_back(name);
  if (!names.empty()) body.add("sources", std::move(names));
  if (!options.kind.empty()) {
    Json given{Json::Object{}};
    for (auto const& [key, value] : options.options) given.add(key, value);
    with.push_back(Json()
                       .add("name", options.name.empty() ? options.kind : options.name)
                       .add("kind", options.kind)
                       .add("options", std::move(given)));
  }
  if (!options.people.empty())
    with.push_back(Json()
                       .add("name", "people")
                       .add("kind", "people")
                       .add("options", Json().add("file", options.people)));
  if (!with.empty()) body.add("with", std::move(with));
  return body;
}

constexpr std::string_view severities[] = {"low", "medium", "high", "critical"};

Result<std::size_t> severity_rank(std::string const& name) {
  for (std::size_t n = 0; n < std::size(severities); ++n)
    if (severities[n] == name) return n;
  return fail(Errc::invalid,
              "severity \"" + name + "\" is unknown; one of: low, medium, high, critical");
}

/// Exit code of a discovery, from the overview that follows it.
Result<Exit> verdict(Json const& overview, std::string const& fail_on, bool strict) {
  auto const& coverage = *overview.find("coverage");
  bool const partial =
      !coverage.find("partial")->array()->empty() || !coverage.find("failed")->array()->empty();
  if (!fail_on.empty()) {
    auto const least = TRY(severity_rank(fail_on));
    auto const* by = overview.find("findings")->find("by_severity");
    for (auto n = least; n < std::size(severities); ++n)
      if (by && by->find(severities[n])) return Exit::findings;
  }
  return strict && partial ? Exit::partial : Exit::done;
}

std::string outcome_lines(Json const& result) {
  std::string out;
  for (auto const& o : *result.find("sources")->array()) {
    auto const error = o.text_at("error");
    auto const* objects = o.find("objects");
    out += printable(o.text_at("source")) + ": " +
           (error.empty() ? (objects ? to_json(*objects) : "0") + " objects"
                          : "not read: " + printable(error)) +
           "\n";
  }
  return out;
}

}  // namespace

Exit exit_of(Error const& error) {
  switch (error.code()) {
    case Errc::denied:
    case Errc::unauthenticated: return Exit::denied;
    case Errc::internal:
    case Errc::corrupt: return Exit::ours;
    default: return Exit::usage;
  }
}

Result<> print(std::string_view text) {
  while (!text.empty()) {
    auto const wrote = ::write(STDOUT_FILENO, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return system_error(errno, "write the output");
    text.remove_prefix(std::size_t(wrote));
  }
  return {};
}

void complain(std::string const& what) {
  std::fputs(("reeve: " + printable(what) + "\n").c_str(), stderr);
}

Result<std::uint64_t> number_of(server::Config const& config, std::string_view key) {
  auto const& text = config.text(key);
  std::uint64_t out = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc() && end == text.data() + text.size()) return out;
  return fail(Errc::invalid, std::string(key) + " is a number, not \"" + text + "\"");
}

Result<std::unique_ptr<server::Service>> open_service(Context const& context) {
  auto places = TRY(server::places_of(context.store, context.environment));
  auto domains = TRY(pdp::Domains::open(context.config.domains, context.environment));
  auto const& config = context.config;
  auto zone = TRY_DURING(pdp::Zone::load(config.text("time_zone")), "read time_zone");
  auto proxies =
      TRY_DURING(pdp::parse_networks(config.text("trusted_proxies")), "read trusted_proxies");
  std::vector<std::string> files;
  for (auto const file : split(config.text("geo"), ','))
    if (!trim(file).empty()) files.emplace_back(trim(file));
  auto const sample = TRY(number_of(config, "decision_sample"));
  auto const geo = std::make_shared<pdp::Geo>(std::move(files));
  return server::Service::open(
      {.places = std::move(places),
       .rules = context.rules,
       .kinds = context.kinds,
       .sources = context.config.sources,
       .environment = context.environment,
       .now = context.now,
       .policies = config.text("policies"),
       .geo = geo,
       .surroundings = {.trusted_proxies = std::move(proxies), .zone = std::move(zone), .geo = geo},
       .tell = complain,
       .decision_sample = sample,
       .domains = std::move(domains),
       .public_url = config.text("public_url")});
}

Result<std::unique_ptr<Backend>> connect(Context const& context) {
  auto const places = TRY(server::places_of(context.store, context.environment));
  if (auto remote = TRY(socket_backend(places.socket()))) return remote;
  return local_backend(TRY(open_service(context)));
}

Result<Exit> discover(Context const& context, DiscoverOptions const& options) {
  auto const backend = TRY(connect(context));
  ProgressLine progress(context.quiet);
  auto const result = TRY(backend->stream("/v1/discoveries", to_json(discovery_body(options)),
                                          [&](Json const& event) { progress(event); }));
  auto const overview = TRY(backend->call("GET", "/v1/overview"));
  if (context.format == Format::json)
    TRY(print(to_json_pretty(result) + "\n"));
  else
    TRY(print(outcome_lines(result) + "\n" + print_overview(overview, terminal_width())));
  return verdict(overview, options.fail_on, options.strict);
}

Result<Exit> up(Context const& context, UpOptions const& options) {
  {
    auto const backend = TRY(connect(context));
    auto const configured = TRY(backend->call("GET", "/v1/source-configs"));
    DiscoverOptions wanted{.people = options.people};
    Json body{Json::Object{}};
    // This host is looked at even when nothing is configured: that is what a first look is.
    wanted.kind = "host";
    wanted.name = "this-host";
    for (auto const& source : *configured.find("items")->array()) {
      wanted.sources.push_back(source.text_at("name"));
      if (source.text_at("kind") == "host") wanted.kind.clear();
    }
    ProgressLine progress(context.quiet);
    (void)TRY(backend->stream("/v1/discoveries", to_json(discovery_body(wanted)),
                              [&](Json const& event) { progress(event); }));
    auto const overview = TRY(backend->call("GET", "/v1/overview"));
    TRY(print(context.format == Format::table ? print_overview(overview, terminal_width())
                                              : to_json_pretty(overview) + "\n"));
    if (options.once || backend->remote())
      return verdict(overview, options.fail_on, options.strict);
  }
  return serve(context, options.listen);
}

namespace {

/// Findings with what their rules say, as SARIF or OCSF.
Result<> print_for_tools(Context const& context, Backend& backend, Json::Array const& findings) {
  Json::Array rules;
  auto const known = TRY(backend.call("GET", "/v1/rules"));
  for (auto const& rule : *known.find("items")->array()) {
    auto const place = "/v1/rules/" + url_escape(rule.text_at("id"));
    rules.push_back(TRY(backend.call("GET", place)));
  }
  if (context.format == Format::sarif)
    return print(to_json_pretty(report::sarif(findings, rules, version)) + "\n");
  auto events = TRY(report::ocsf(findings, rules, version, context.now()));
  return print(to_json_pretty(Json(std::move(events))) + "\n");
}

}  // namespace

Result<Exit> list(Context const& context, ListOptions const& options) {
  auto const backend = TRY(connect(context));
  std::string const base = "/v1/" + options.table + "?limit=" + std::to_string(options.limit) +
                           (options.sort.empty() ? "" : "&sort=" + url_escape(options.sort));
  std::string filters;
  for (auto const& filter : options.filters) {
    auto const sign = filter.find('=');
    if (sign == filter.npos) return fail(Errc::invalid, "a filter looks like kind=role: " + filter);
    filters += "&" + url_escape(filter.substr(0, sign)) + "=" + url_escape(filter.substr(sign + 1));
  }
  Json::Array rows;
  auto cursor = options.cursor;
  do {
    auto const from = cursor.empty() ? "" : "&cursor=" + url_escape(cursor);
    auto const page = TRY(backend->call("GET", base + filters + from));
    for (auto const& row : *page.find("items")->array()) rows.push_back(row);
    cursor = page.text_at("next");
  } while (options.all && !cursor.empty());
  if (context.format == Format::sarif || context.format == Format::ocsf) {
    TRY(print_for_tools(context, *backend, rows));
    return Exit::done;
  }
  TRY(print(print_list(rows, view_of(options.table), context.format, terminal_width())));
  if (!cursor.empty() && context.format == Format::table)
    TRY(print("there are more: --all, or --cursor " + cursor + "\n"));
  return Exit::done;
}

Result<Exit> show(Context const& context, std::string const& table, std::string const& id) {
  auto const backend = TRY(connect(context));
  auto const row = TRY(backend->call("GET", "/v1/" + table + "/" + url_escape(id)));
  TRY(print(print_object(row, context.format)));
  return Exit::done;
}

Result<Exit> explain_identity(Context const& context, std::string const& id) {
  auto const backend = TRY(connect(context));
  auto const all = TRY(backend->call("GET", "/v1/identities/" + url_escape(id) + "/explain"));
  TRY(print(context.format == Format::table ? print_explanation(all, terminal_width())
                                            : to_json_pretty(all) + "\n"));
  return Exit::done;
}

Result<Exit> get(Context const& context, std::string const& target, std::string_view view) {
  auto const backend = TRY(connect(context));
  auto const answer = TRY(backend->call("GET", target));
  auto const* items = answer.find("items");
  TRY(print(items && items->array()
                ? print_list(*items->array(), view_of(view), context.format, terminal_width())
                : print_object(answer, context.format)));
  return Exit::done;
}

Result<Exit> post(Context const& context, std::string const& method, std::string const& target,
                  Json const& body) {
  auto const backend = TRY(connect(context));
  auto const answer = TRY(backend->call(method, target, body.is_null() ? "" : to_json(body)));
  TRY(print(print_object(answer, context.format)));
  return Exit::done;
}

Result<Exit> query(Context const& context, std::string const& sql, std::int64_t rows_max) {
  auto const backend = TRY(connect(context));
  auto const body = Json().add("query", sql).add("rows_max", rows_max);
  auto const answer = TRY(backend->call("POST", "/v1/sql", to_json(body)));
  Json::Array rows;
  auto const& columns = *answer.find("columns")->array();
  for (auto const& cells : *answer.find("rows")->array()) {
    Json row{Json::Object{}};
    for (std::size_t n = 0; n < columns.size(); ++n)
      row.add(*columns[n].text(), cells.array()->at(n));
    rows.push_back(std::move(row));
  }
  TRY(print(print_list(rows, view_of(""), context.format, terminal_width())));
  if (auto const* cut = answer.find("cut"); cut && cut->boolean() && *cut->boolean())
    std::fputs("there are more rows: --rows-max\n", stderr);
  return Exit::done;
}

Result<Exit> save(Context const& context, std::string const& target, std::string const& file) {
  auto const backend = TRY(connect(context));
  auto const text = TRY(backend->text(target));
  constexpr unsigned private_file = 0600;
  if (file.empty() || file == "-")
    TRY(print(text));
  else
    TRY(write_file_atomically(file, text, private_file));
  return Exit::done;
}

Result<Exit> person_leave(Context const& context, std::string const& id) {
  auto const backend = TRY(connect(context));
  auto const leave = TRY(backend->call("GET", "/v1/persons/" + url_escape(id) + "/leave"));
  if (context.format != Format::table) {
    TRY(print(to_json_pretty(leave) + "\n"));
    return Exit::done;
  }
  struct Part {
    std::string_view name, title;
  };
  constexpr Part parts[] = {{"breaks", "Would break tonight"},
                            {"orphaned", "Would have no owner"},
                            {"can_use", "She could still use"},
                            {"could_read", "She has read, or could have"}};
  auto out = printable(leave.text_at("name")) + "\n";
  for (auto const& part : parts) {
    auto const* rows = leave.find(part.name);
    if (!rows || !rows->array()) continue;
    out += fmt::format("\n{} ({})\n", part.title, rows->array()->size());
    if (!rows->array()->empty())
      out += print_list(*rows->array(), view_of(""), Format::table, terminal_width());
  }
  out += "\nFirst\n";
  int number = 0;
  if (auto const* first = leave.find("first"); first && first->array())
    for (auto const& step : *first->array())
      out += fmt::format("  {}. {}\n", ++number,
                         step.text() ? printable(*step.text()) : to_json(step));
  TRY(print(out));
  return Exit::done;
}

Result<Exit> explain_finding(Context const& context, std::string const& id) {
  auto const backend = TRY(connect(context));
  auto finding = TRY(backend->call("GET", "/v1/findings/" + url_escape(id)));
  auto const rule = TRY(backend->call("GET", "/v1/rules/" + url_escape(finding.text_at("rule"))));
  if (context.format != Format::table) {
    finding.add("rule_explained", rule);
    TRY(print(to_json_pretty(finding) + "\n"));
    return Exit::done;
  }
  auto out = print_object(finding, Format::table);
  out += "\nWhy it matters\n  " + rule.text_at("why") + "\n\nWhat to do by hand\n";
  int number = 0;
  for (auto const& step : *rule.find("remedy")->array())
    out += fmt::format("  {}. {}\n", ++number, *step.text());
  if (!rule.text_at("fix").empty()) out += "\nOr: reeve fix " + printable(id) + "\n";
  TRY(print(out));
  return Exit::done;
}

Result<Exit> explain_rule(Context const& context, std::string const& id) {
  auto const backend = TRY(connect(context));
  auto const rule = TRY(backend->call("GET", "/v1/rules/" + url_escape(id)));
  if (context.format != Format::table) {
    TRY(print(to_json_pretty(rule) + "\n"));
    return Exit::done;
  }
  auto out = fmt::format("{}  {}\n  severity {}, judges {}, {}\n\nWhy\n  {}\n\nWhat to do\n",
                         rule.text_at("id"), rule.text_at("title"), rule.text_at("severity"),
                         rule.text_at("subject"), rule.text_at("owasp"), rule.text_at("why"));
  int number = 0;
  for (auto const& step : *rule.find("remedy")->array())
    out += fmt::format("  {}. {}\n", ++number, *step.text());
  out += "\nLimits\n";
  for (auto const& p : *rule.find("params")->object())
    out += fmt::format("  {} = {}\n", p.key, *p.value.text());
  out += "\nWho is judged\n" + rule.text_at("scope") + "\nWho does not pass\n" +
         rule.text_at("sql") + "\nBy example\n";
  for (auto const& f : *rule.find("fixtures")->array())
    out += fmt::format("  {:<12} {}\n", f.text_at("want"), f.text_at("name"));
  TRY(print(out));
  return Exit::done;
}

Result<Exit> test_rules(Context const& context, std::string const& folder) {
  auto const make = []() -> Result<std::unique_ptr<sql::Database>> {
    auto database = TRY(sql::open("sqlite://:memory:", sql::Durability::rebuildable));
    TRY(inventory::create_schema(*database));
    return database;
  };
  auto const rules = TRY(posture::load_rules(folder.empty() ? context.rules : folder));
  std::string out;
  std::size_t fixtures = 0, bad = 0;
  for (auto const& rule : rules) {
    auto const broken = TRY_DURING(posture::broken_fixtures(rule, make), "rule " + rule.id);
    fixtures += rule.fixtures.size();
    bad += broken.size();
    for (auto const& sentence : broken) out += sentence + "\n";
  }
  out += fmt::format("{} rules, {} fixtures, {} broken\n", rules.size(), fixtures, bad);
  TRY(print(out));
  return bad == 0 ? Exit::done : Exit::findings;
}

Result<Exit> source_help(Context const& context, std::string const& kind) {
  std::string out;
  for (auto const& each : context.kinds) {
    auto const& info = each.info;
    if (!kind.empty() && info.kind != kind) continue;
    out += fmt::format("{}  {}\n  {}\n", info.kind, info.title, info.help);
    for (auto const& option : info.options) {
      auto const name = std::string(option.name) +
                        (option.secret ? "_env | " + std::string(option.name) + "_file" : "");
      out +=
          fmt::format("    {:<28} {}{}{}\n", name, option.help, option.required ? " Required." : "",
                      option.fallback.empty() ? "" : fmt::format(" [{}]", option.fallback));
    }
    if (!kind.empty()) {
      out += "  rights it needs\n";
      for (auto const& p : info.permissions)
        out += fmt::format("    {:<10} {:<44} {}\n", name(p.object_class), p.name, p.fix);
    }
  }
  if (out.empty()) (void)TRY(discover::find_kind(context.kinds, kind));
  TRY(print(out));
  return Exit::done;
}

}  // namespace reeve::cli
