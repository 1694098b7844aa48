// A set of policy files, and what it takes before they may decide anything: all parse, all fit the
// schema in strict mode, no two have one id. Whatever is wrong is told with its file and line, and
// then the set as a whole is not used.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "cedar/policy.hpp"
#include "pdp/schema.hpp"

namespace reeve::pdp {

struct PolicyFile {
  std::string name;  ///< "operator.cedar".
  std::string text;

  bool operator==(PolicyFile const&) const = default;
};

/// Sorted by name, each name once.
using Bundle = std::vector<PolicyFile>;

inline constexpr std::size_t bundle_bytes_max = 16u << 20;
inline constexpr std::size_t bundle_files_max = 10'000;

/// What is built into the program, from the folder policies/.
Bundle shipped_policies();
/// Each *.cedar of the folder itself, besides those that begin with a dot. Errors: not_found,
/// denied, invalid (too much).
Result<Bundle> read_bundle(std::string const& folder);
/// `over` on `base`: a file replaces that of its name, an empty one takes it away.
Bundle overlaid(Bundle const& base, Bundle const& over);
/// Of the whole content: "sha256:…". Equal sets have equal digests.
std::string digest_of(Bundle const& bundle);

/// Something to say about a policy file.
struct Notice {
  enum class Severity : std::uint8_t { error, warning } severity = Severity::error;
  std::string file;
  std::uint32_t line = 1, column = 1;
  std::string policy;  ///< Its id; empty: it did not parse.
  std::string code;    ///< A fixed word: "syntax", "type", "callers_word", ….
  std::string message;

  bool operator==(Notice const&) const = default;
};
/// "operator.cedar:3:1: type: …".
std::string to_string(Notice const& notice);
Json to_json(Notice const& notice);

struct Checked {
  cedar::PolicySet policies;  ///< Empty when there is an error.
  std::vector<Notice> notices;

  bool good() const;
};
/// Ids are the `@id` of a policy, else the file's name without its ending, with "#2" and so on
/// behind it when it holds several. Without a schema only what a schema could tell is not told.
Checked check(Bundle const& bundle, PolicySchema const* schema);

/// The policies of a bundle that has no errors. Errors: invalid, with all of them.
Result<cedar::PolicySet> compile(Bundle const& bundle, PolicySchema const* schema);

}  // namespace reeve::pdp
