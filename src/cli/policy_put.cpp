#include "cli/policy_put.hpp"

#include "base/text.hpp"
#include "pdp/bundle.hpp"

namespace reeve::cli {
namespace {

std::string line_of(Json const& notice) {
  auto const number = [&](std::string_view key) {
    auto const* value = notice.find(key);
    return value && value->integer() ? std::to_string(*value->integer()) : "?";
  };
  return printable(notice.text_at("file")) + ":" + number("line") + ":" + number("column") + ": " +
         notice.text_at("code") + ": " + printable(notice.text_at("message")) + "\n";
}

}  // namespace

Result<Exit> policy_put(Context const& context, PutOptions const& options) {
  Json::Array files;
  for (auto const& [name, text] : TRY(pdp::read_bundle(options.folder)))
    files.push_back(Json().add("name", name).add("text", text));
  Json body;
  body.add("files", std::move(files)).add("note", options.note).add("mode", options.mode);
  auto const backend = TRY(connect(context));
  auto const answer = TRY(backend->call("POST", "/v1/policies", to_json(body)));
  if (context.format == Format::json) {
    TRY(print(to_json_pretty(answer) + "\n"));
  } else {
    if (auto const id = answer.text_at("id"); !id.empty())
      TRY(print(id + " " + answer.text_at("mode") + "\n"));
  }
  auto exit = Exit::done;
  auto const* notices = answer.find("notices");
  if (!notices || !notices->array()) return exit;
  for (auto const& notice : *notices->array()) {
    if (context.format != Format::json) TRY(print(line_of(notice)));
    if (notice.text_at("severity") == "error") exit = Exit::findings;
  }
  return exit;
}

}  // namespace reeve::cli
