// `reeve policy search`: who can do what, over the entities of a file.

#include "cedar/search.hpp"

#include "base/text.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"
#include "cli/policy.hpp"
#include "cli/policy_files.hpp"

namespace reeve::cli {
namespace {

using cedar::Open;

/// The one that is not given.
Result<Open> open_of(PolicyOptions const& o) {
  auto const missing = int(o.principal.empty()) + int(o.action.empty()) + int(o.resource.empty());
  if (missing != 1) return fail(Errc::invalid, "give two of --principal, --action and --resource");
  return o.principal.empty() ? Open::principal : o.action.empty() ? Open::action : Open::resource;
}

Result<> set(cedar::EntityUid& uid, std::string const& text, std::string const& option) {
  if (text.empty()) return {};
  uid = TRY_DURING(cedar::parse_entity_uid(text), option);
  return {};
}

bool is_action(std::string_view type) {
  return type == "Action" || type.ends_with("::Action");
}

std::vector<std::string> types_of(Open open, std::string const& wanted,
                                  cedar::SearchIndex const& index) {
  if (!wanted.empty()) return {wanted};
  std::vector<std::string> out;
  for (auto& type : index.types())
    if (is_action(type) == (open == Open::action)) out.push_back(std::move(type));
  return out;
}

Result<cedar::Record> read_context(std::string const& file) {
  if (file.empty()) return cedar::Record();
  auto const text = TRY(read_policy_text(file));
  auto const json = TRY_DURING(parse_json(text, cedar::entity_json_limits), file);
  return TRY_DURING(cedar::record_from_json(json), file);
}

}  // namespace

Result<Exit> policy_search(Context const& context, SearchOptions const& options) {
  auto const& base = options.base;
  auto const open = TRY(open_of(base));
  Mistakes mistakes(context);
  auto const policies = TRY(read_policies(base.files, base.links, mistakes));
  if (!mistakes.empty()) {
    TRY(mistakes.report());
    return Exit::usage;
  }
  std::optional<cedar::Schema> schema;
  if (!base.schema.empty()) schema = TRY(read_schema(base.schema));
  auto const entities = TRY(read_entities(base.entities, schema));
  auto const record = TRY(read_context(base.context));
  auto const snapshot = TRY(cedar::Snapshot::make(policies.set, entities));
  cedar::SearchIndex const index(entities, policies.set);
  cedar::SearchQuestion question{.open = open, .context = &record};
  TRY(set(question.principal, base.principal, "--principal"));
  TRY(set(question.action, base.action, "--action"));
  TRY(set(question.resource, base.resource, "--resource"));
  auto& type = open == Open::principal ? question.principal.type
               : open == Open::action  ? question.action.type
                                       : question.resource.type;
  cedar::Scratch scratch;
  Json::Array found;
  std::string text;
  bool more = false;
  for (auto const& each : types_of(open, options.type, index)) {
    type = each;
    auto const page =
        cedar::search(index, *snapshot, question, scratch, options.after, options.limit);
    for (auto const& uid : page.found) {
      found.push_back(cedar::to_json_value(uid));
      text += printable(cedar::to_string(uid)) + "\n";
    }
    more = more || page.more;
    if (page.more)
      text += "… more: --type " + printable(each) + " --after " +
              shell_quote(printable(page.found.back().id)) + "\n";
  }
  auto const exit = found.empty() ? Exit::findings : Exit::done;
  if (context.format == Format::table) {
    TRY(print(text.empty() ? "nothing\n" : text));
    return exit;
  }
  Json json;
  json.add("results", std::move(found)).add("more", more);
  TRY(print(to_json_pretty(json) + "\n"));
  return exit;
}

}  // namespace reeve::cli
