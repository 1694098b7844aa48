#include "pdp/bundle.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/parser.hpp"
#include "cedar/validate.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"
#include "pdp/lint.hpp"
#include "pdp/obligation.hpp"
#include "pdp/shipped.hpp"

namespace reeve::pdp {
namespace {

constexpr std::string_view ending = ".cedar";

/// Where a policy came from, to say so about it.
struct Origin {
  PolicyFile const* file;
  cedar::Span span;
};

class Checker {
 public:
  Checker(Bundle const& bundle, PolicySchema const* schema) : bundle_(bundle), schema_(schema) {}

  Checked run() {
    for (auto const& file : bundle_) read(file);
    if (schema_ && out_.good()) validate();
    if (schema_ && out_.good()) lint();
    if (!out_.good()) out_.policies = {};
    return std::move(out_);
  }

 private:
  void read(PolicyFile const& file) {
    auto parsed = cedar::parse_policies_with_errors(file.text);
    for (auto const& e : parsed.errors) tell(file, e.span, "", e.code, e.message);
    if (!parsed.errors.empty()) return;
    auto const stem = file.name.substr(0, file.name.rfind('.'));
    for (std::size_t n = 0; n < parsed.policies.size(); ++n)
      add(file, std::move(parsed.policies[n]), n == 0 ? stem : stem + "#" + std::to_string(n + 1));
  }

  void add(PolicyFile const& file, cedar::Policy policy, std::string const& otherwise) {
    auto const* named = policy.annotation("id");
    auto const id = named && !named->empty() ? *named : otherwise;
    auto const span = policy.span;
    policy.id = id;
    if (policy.is_template())
      return tell(file, span, id, "template", "a template needs links, which files do not have");
    if (auto const wrong = obligations_of(policy); !wrong)
      return tell(file, span, id, "obligation", std::string(wrong.error().message()));
    if (auto const added = out_.policies.add(std::move(policy)); !added)
      return tell(file, span, id, "repeated_id", "there is another policy " + id);
    origins_[id] = {&file, span};
  }

  void validate() {
    for (auto const& found : cedar::validate(out_.policies, schema_->schema)) {
      auto const& origin = origins_.at(found.policy);
      tell(*origin.file, found.span, found.policy, found.code, found.message,
           found.severity == cedar::Severity::error ? Notice::Severity::error
                                                    : Notice::Severity::warning);
    }
  }

  void lint() {
    for (auto const& found : callers_word(out_.policies, schema_->text)) {
      std::string all;
      for (auto const& path : found.attributes) all += (all.empty() ? "" : ", ") + path;
      tell(*origins_.at(found.policy).file, found.span, found.policy, "callers_word",
           "whoever asks can say " + all + ": add what somebody else vouches for",
           Notice::Severity::warning);
    }
  }

  void tell(PolicyFile const& file, cedar::Span span, std::string policy, std::string code,
            std::string message, Notice::Severity severity = Notice::Severity::error) {
    auto const place = cedar::place_of(file.text, span.begin);
    out_.notices.push_back({severity, file.name, static_cast<std::uint32_t>(place.line),
                            static_cast<std::uint32_t>(place.column), std::move(policy),
                            std::move(code), std::move(message)});
  }

  Bundle const& bundle_;
  PolicySchema const* schema_;
  Checked out_;
  std::map<std::string, Origin> origins_;
};

bool is_policy_file(std::filesystem::directory_entry const& entry) {
  auto const name = entry.path().filename().string();
  std::error_code ignored;
  return name.ends_with(ending) && !name.starts_with('.') && entry.is_regular_file(ignored);
}

}  // namespace

Bundle shipped_policies() {
  Bundle out;
  for (auto const& [name, text] : shipped_files)
    out.push_back({std::string(name), std::string(text)});
  return out;
}

Result<Bundle> read_bundle(std::string const& folder) {
  Bundle out;
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  if (error) return system_error(error.value(), "read the policies in " + folder);
  std::size_t bytes = 0;
  for (; at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (error) return system_error(error.value(), "read the policies in " + folder);
    if (!is_policy_file(*at)) continue;
    auto text = TRY_DURING(read_file(at->path().string(), bundle_bytes_max - bytes),
                           "read the policies in " + folder);
    bytes += text.size();
    out.push_back({at->path().filename().string(), std::move(text)});
    if (out.size() > bundle_files_max) return fail(Errc::invalid, "too many policies: " + folder);
  }
  std::ranges::sort(out, {}, &PolicyFile::name);
  return out;
}

Bundle overlaid(Bundle const& base, Bundle const& over) {
  std::map<std::string, std::string> all;
  for (auto const& file : base) all[file.name] = file.text;
  for (auto const& file : over) all[file.name] = file.text;
  Bundle out;
  for (auto const& [name, text] : all)
    if (!trim(text).empty()) out.push_back({name, text});
  return out;
}

std::string digest_of(Bundle const& bundle) {
  crypto::Sha256 hash;
  for (auto const& [name, text] : bundle)
    hash.add(std::to_string(name.size()) + ":" + name + std::to_string(text.size()) + ":")
        .add(text);
  return "sha256:" + crypto::to_hex(crypto::bytes_of(hash.digest()));
}

std::string to_string(Notice const& n) {
  return n.file + ":" + std::to_string(n.line) + ":" + std::to_string(n.column) + ": " + n.code +
         ": " + n.message;
}

Json to_json(Notice const& n) {
  Json out;
  out.add("file", n.file).add("line", n.line).add("column", n.column).add("code", n.code);
  out.add("severity", n.severity == Notice::Severity::error ? "error" : "warning");
  return out.add("policy", n.policy).add("message", n.message);
}

bool Checked::good() const {
  return std::ranges::none_of(notices,
                              [](auto const& n) { return n.severity == Notice::Severity::error; });
}

Checked check(Bundle const& bundle, PolicySchema const* schema) {
  return Checker(bundle, schema).run();
}

Result<cedar::PolicySet> compile(Bundle const& bundle, PolicySchema const* schema) {
  auto checked = check(bundle, schema);
  if (checked.good()) return std::move(checked.policies);
  std::string all;
  for (auto const& notice : checked.notices)
    if (notice.severity == Notice::Severity::error)
      all += (all.empty() ? "" : "\n") + to_string(notice);
  return fail(Errc::invalid, all);
}

}  // namespace reeve::pdp
