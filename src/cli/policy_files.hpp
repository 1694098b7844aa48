// What the policy verbs read: policies from several files as one set that knows where each came
// from, entities, a schema, requests; and how they say what is wrong: FILE:LINE:COLUMN: code: text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cedar/explain.hpp"
#include "cedar/types.hpp"
#include "cli/verbs.hpp"

namespace reeve::cli {

/// Mistakes in files, as editors and CI read them. With `--output junit` every file or case that
/// was looked at is one test.
class Mistakes {
 public:
  explicit Mistakes(Context const& context) : context_(context) {}

  struct Mistake {
    std::string file;
    std::size_t line, column;
    std::string code, message, severity;
  };
  void add(Mistake mistake);
  /// At a byte of the file's text.
  void add(std::string const& file, std::string_view text, std::uint32_t at,
           std::string const& code, std::string const& message,
           std::string const& severity = "error");
  /// Something was looked at; mistakes added from here on are its own.
  void test(std::string const& suite, std::string const& name);

  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }
  /// To standard output, in the format of the context.
  Result<> report() const;

 private:
  struct Test {
    std::string suite, name;
    std::size_t from;  // of all_
  };
  std::string junit() const;
  Json json() const;

  Context const& context_;
  std::vector<Mistake> all_;
  std::vector<Test> tests_;
};

struct PolicyFiles {
  cedar::PolicySet set;

  /// "FILE:LINE:COLUMN" of a place in a policy or template.
  std::string at(std::string const& source, cedar::Span span) const;
  cedar::Where where() const;

 private:
  friend Result<PolicyFiles> read_policies(std::vector<std::string> const&, std::string const&,
                                           Mistakes&);
  std::vector<std::string> files_, texts_;
  std::map<std::string, std::size_t, std::less<>> file_of_;  // by policy id
};

/// Text (Cedar) or a policy set in JSON (a name that ends in .json). The id of a policy is its
/// `@id("…")`, else "policyN", counted over all files. `links`: a JSON list of {newId, templateId,
/// values}; empty: none. What is wrong in a text goes to the mistakes. Errors: not_found, invalid
/// (JSON), conflict (two policies of one id).
Result<PolicyFiles> read_policies(std::vector<std::string> const& files, std::string const& links,
                                  Mistakes& mistakes);

/// Limits of the language on any file of it.
Result<std::string> read_policy_text(std::string const& file);
Result<cedar::Schema> read_schema(std::string const& file);
/// An empty name: none, or the schema's actions.
Result<cedar::Entities> read_entities(std::string const& file,
                                      std::optional<cedar::Schema> const& schema);

}  // namespace reeve::cli
