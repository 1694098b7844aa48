// The verbs that change the world. What is shown before is all that is known of what will happen:
// the steps, who uses it now, what would have failed in the time seen, what cannot be taken back.

#include "cli/fix.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace reeve::cli {
namespace {

constexpr std::size_t uses_shown = 10;

Json const* items(Json const* of, std::string_view key) {
  auto const* found = of ? of->find(key) : nullptr;
  return found && found->array() ? found : nullptr;
}

/// A text of a source, indented where it has several lines.
std::string shown(std::string const& text, std::string const& indent) {
  std::string out;
  for (auto const line : split(text, '\n')) out += indent + printable(line) + "\n";
  return out;
}

std::string sentences(std::string const& head, Json const* all) {
  if (!all || all->array()->empty()) return "";
  std::string out = "\n" + head + "\n";
  for (auto const& one : *all->array())
    if (one.text()) out += "  " + printable(*one.text()) + "\n";
  return out;
}

std::string print_steps(Json const& plan) {
  std::string out;
  int n = 0;
  for (auto const& step : *plan.find("steps")->array()) {
    auto const state = step.text_at("state"), detail = step.text_at("detail");
    out += fmt::format("\n  {}. {}{}\n", ++n, printable(step.text_at("title")),
                       state == "planned" ? "" : "  [" + state + "]");
    out += shown(step.text_at("preview"), "       ");
    if (!detail.empty()) out += "       " + printable(detail) + "\n";
  }
  return out;
}

std::string print_uses_now(Json const* uses) {
  if (!uses) return "";
  std::string out = "\nWhat uses it now\n";
  if (uses->array()->empty()) out += "  nothing that was seen\n";
  std::size_t n = 0;
  for (auto const& use : *uses->array()) {
    if (++n > uses_shown) break;
    auto const detail = use.text_at("detail");
    out +=
        fmt::format("  {}: {}{}\n", printable(use.text_at("what")), printable(use.text_at("name")),
                    detail.empty() ? "" : " (" + printable(detail) + ")");
  }
  if (uses->array()->size() > uses_shown)
    out += fmt::format("  and {} more\n", uses->array()->size() - uses_shown);
  return out;
}

std::string print_use(Json const& use) {
  auto const* count = use.find("count");
  std::string out = "  " + printable(use.text_at("action"));
  for (auto const* key : {"client", "consumer"})
    if (auto const text = use.text_at(key); !text.empty()) out += ", " + printable(text);
  auto const network = use.text_at("network");
  return out + (network.empty() ? ", locally" : " from " + printable(network)) + ": " +
         (count ? to_json(*count) : "?") + " times, last " + use.text_at("last") + "\n";
}

std::string print_failing(Json const* failing) {
  if (!failing) return "";
  auto const since = failing->text_at("since"), reason = failing->text_at("reason");
  auto const* known = failing->find("known");
  auto const* uses = items(failing, "uses");
  std::string out = "\nWhat would have failed";
  if (!known || !known->boolean() || !*known->boolean())
    return out + "\n  not known: " + printable(reason) + "\n";
  out += (since.empty() ? "" : " since " + since) + "\n";
  if (!uses || uses->array()->empty()) out += "  nothing that was seen\n";
  std::size_t n = 0;
  for (auto const& use : uses ? *uses->array() : Json::Array{}) {
    if (++n > uses_shown) break;
    out += print_use(use);
  }
  if (n > uses_shown) out += fmt::format("  and {} more\n", uses->array()->size() - uses_shown);
  if (!reason.empty()) out += "  There may be more: " + printable(reason) + "\n";
  return out;
}

/// How the next command begins: with the store that was named for this one, unless it is one that
/// the next finds by itself, or its URL may hold a password.
std::string self(Context const& context) {
  bool const plain = context.store.starts_with("sqlite:");
  if (!plain || context.store == context.config.text("store")) return "reeve ";
  return "reeve --store " + printable(shell_quote(context.store)) + " ";
}

std::string next_of(Json const& plan, std::string const& reeve) {
  auto const id = plan.text_at("id"), state = plan.text_at("state");
  auto look = printable(plan.text_at("look"));
  if (look.starts_with("reeve ")) look = reeve + look.substr(look.find(' ') + 1);
  if (state == "planned") return "To do it: " + reeve + "plan apply " + id + "\n";
  if (state == "done")
    return "To take it back: " + reeve + "undo " + id + "\nTo see it: " + look + "\n";
  if (state == "undone") return "To see it: " + look + "\n";
  if (state == "failed")
    return "To preview again: " + reeve + "fix " + plan.text_at("finding") +
           "\nTo go on with this one: " + reeve + "plan apply " + id +
           "\nTo take back what was done: " + reeve + "undo " + id + "\n";
  return "It goes on by itself at the next start. To end it here: " + reeve + "plan give-up " + id +
         "\n";
}

std::string print_manual(Json const& answer, std::string const& reeve) {
  auto const reason = answer.text_at("reason");
  auto out = fmt::format("{}  {}\nThere is no automatic fix{}. By hand:\n\n",
                         answer.text_at("rule"), printable(answer.text_at("title")),
                         reason.empty() ? "" : ": " + printable(reason));
  int n = 0;
  for (auto const& step : *answer.find("manual")->array())
    out += fmt::format("  {}. {}\n", ++n, printable(*step.text()));
  auto const* ways = items(&answer, "ways");
  if (!ways || ways->array()->empty()) return out;
  out += "\nOr ask for one of these, which the rule does not take by itself:\n";
  for (auto const& kind : *ways->array())
    out += fmt::format("  {}fix {} --kind {}\n", reeve, answer.text_at("finding"), *kind.text());
  return out;
}

Result<> show(Context const& context, Json const& answer) {
  if (context.format != Format::table) return print(to_json_pretty(answer) + "\n");
  return print(answer.find("manual") ? print_manual(answer, self(context))
                                     : print_plan(answer, self(context)));
}

/// A plan that failed was a conflict or a denial, and the exit code says so.
Exit exit_of_plan(Json const& plan) {
  auto const state = plan.text_at("state");
  if (state == "done" || state == "undone" || state == "planned") return Exit::done;
  return plan.text_at("note").contains("[denied]") ? Exit::denied : Exit::usage;
}

Result<Json> body_of(FixOptions const& options) {
  Json with{Json::Object{}};
  for (auto const& text : options.with) {
    auto const sign = text.find('=');
    if (sign == text.npos || with.find(text.substr(0, sign)))
      return fail(Errc::invalid, "--with takes name=value, each name once: " + text);
    with.add(text.substr(0, sign), text.substr(sign + 1));
  }
  Json out;
  out.add("kind", options.kind).add("parameters", std::move(with));
  return out;
}

/// The id of the plan that was previewed for it; empty: none.
Result<std::string> previewed(Backend& backend, std::string const& finding) {
  auto const plans =
      TRY(backend.call("GET", "/v1/plans?state=planned&finding=" + url_escape(finding)));
  auto const& all = *plans.find("items")->array();
  return all.empty() ? std::string() : all.front().text_at("id");
}

Result<Json> act(Backend& backend, std::string const& verb, std::string const& plan) {
  return backend.call("POST", "/v1/plans/" + url_escape(plan) + "/" + verb, "{}");
}

}  // namespace

Result<Exit> fix(Context const& context, FixOptions const& options) {
  auto const backend = TRY(connect(context));
  std::string plan;
  if (options.apply && options.kind.empty() && options.with.empty())
    plan = TRY(previewed(*backend, options.finding));
  if (plan.empty()) {
    auto const body = TRY(body_of(options));
    auto const made = TRY(backend->call(
        "POST", "/v1/findings/" + url_escape(options.finding) + "/plan", to_json(body)));
    plan = made.text_at("id");
    if (!options.apply || plan.empty()) {
      TRY(show(context, made));
      return plan.empty() && options.apply ? Exit::usage : Exit::done;
    }
  }
  auto const done = TRY(act(*backend, "apply", plan));
  TRY(show(context, done));
  return exit_of_plan(done);
}

Result<Exit> act_on_plan(Context const& context, std::string const& verb, std::string const& plan) {
  auto const backend = TRY(connect(context));
  auto const done = TRY(act(*backend, verb, plan));
  TRY(show(context, done));
  return verb == "give-up" ? Exit::done : exit_of_plan(done);
}

Result<Exit> show_plan(Context const& context, std::string const& plan) {
  auto const backend = TRY(connect(context));
  auto const found = TRY(backend->call("GET", "/v1/plans/" + url_escape(plan)));
  TRY(show(context, found));
  return Exit::done;
}

Result<Exit> list_plans(Context const& context) {
  return get(context, "/v1/plans", "plans");
}

std::string print_plan(Json const& plan, std::string const& reeve) {
  auto const note = plan.text_at("note");
  auto const* about = plan.find("about");
  auto out = fmt::format("{}  {}  at {}: {}\n", plan.text_at("id"), plan.text_at("kind"),
                         printable(plan.text_at("source")), plan.text_at("state"));
  if (!note.empty()) out += "  " + printable(note) + "\n";
  out += print_steps(plan);
  if (plan.text_at("state") == "planned") {
    out += print_uses_now(items(about, "uses_now"));
    out += print_failing(about ? about->find("would_have_failed") : nullptr);
    out += sentences("What cannot be undone", items(about, "cannot_undo"));
    out += sentences("Mind", items(about, "warnings"));
  }
  return out + "\n" + next_of(plan, reeve);
}

}  // namespace reeve::cli
