#include "cli/docs_parts.hpp"
#include "cli/docs_text.hpp"

namespace reeve::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;
constexpr std::string_view types[] = {"text", "number", "boolean", "duration",
                                      "path", "url",    "list"};

std::string yes(bool is) {
  return is ? "yes" : "no";
}

std::string options(connect::Info const& info) {
  Rows rows;
  for (auto const& option : info.options) {
    std::string const name(option.name);
    rows.push_back(
        {option.secret ? code(name + "_env") + " or " + code(name + "_file") : code(name),
         std::string(types[std::size_t(option.type)]), yes(option.required), code(option.fallback),
         markdown(option.help)});
  }
  return grid({"option", "type", "required", "default", "meaning"}, rows);
}

std::string permissions(connect::Info const& info) {
  Rows rows;
  for (auto const& p : info.permissions)
    rows.push_back({std::string(name(p.object_class)), std::string(name(p.purpose)), code(p.name),
                    code(p.fix)});
  return grid({"class", "for", "right", "line to paste"}, rows);
}

std::string capabilities(connect::Info const& info) {
  Rows rows;
  for (auto const& c : info.capabilities)
    rows.push_back({code(c.credential),
                    std::string(connect::last_use_names[std::size_t(c.last_use)]),
                    std::string(connect::rotation_mode_names[std::size_t(c.rotation)]),
                    c.max_live_secrets ? std::to_string(c.max_live_secrets) : "no limit",
                    std::string(connect::disable_names[std::size_t(c.disable)]), yes(c.narrow),
                    yes(c.kill_sessions)});
  return grid(
      {"credential", "last use", "rotation", "live at once", "disable", "narrow", "end sessions"},
      rows);
}

std::string acts(connect::Info const& info) {
  Rows rows;
  for (auto const& act : info.acts)
    rows.push_back({code(act.kind), std::string(name(act.subject)), yes(act.reversible),
                    code(act.permission), markdown(act.help)});
  return grid({"act", "on", "can be undone", "right", "what it does"}, rows);
}

/// A class that no permission names is unsupported there; its state in a run is data.
std::string coverage(connect::Info const& info) {
  Rows rows;
  for (std::size_t n = 0; n < object_classes; ++n) {
    auto const at = ObjectClass(n);
    int needed = 0;
    for (auto const& p : info.permissions)
      needed += p.object_class == at && p.purpose != connect::Purpose::act;
    rows.push_back({std::string(name(at)),
                    needed == 0 ? "unsupported: this kind of source has none, or we do not look"
                                : "complete with the rights below, else partial and named"});
  }
  return grid({"class", "coverage"}, rows);
}

std::string section(std::string_view title, std::string text) {
  return text.empty() ? "" : "## " + std::string(title) + "\n\n" + std::move(text);
}

}  // namespace

std::string connector_page(connect::Info const& info) {
  std::string out =
      std::string(generated) + "# " + markdown(info.title) + "\n\n" + markdown(info.help) + "\n\n";
  out += block("sh", "reeve source add NAME " + std::string(info.kind) +
                         " --option value   # remembered\nreeve discover " +
                         std::string(info.kind) + " --option value      # on the spot");
  out += section("Options", options(info) +
                                "On the command line `_` is written `-`. A secret is never an "
                                "option: its option names the environment variable or the file "
                                "that holds it.\n\n");
  out += section("What is seen", coverage(info));
  out += section("Rights it needs", permissions(info));
  out += section("What it can tell of, and do to, credentials", capabilities(info));
  out += section("What it can change", acts(info));
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace reeve::cli
