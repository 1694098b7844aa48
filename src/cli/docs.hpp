// The pages of docs/ that tell what the program can do, made from the data it runs on: connectors
// from their Info, rules from their YAML, the API from its routes, the command line from its
// parser. A page made by hand would be wrong a week later; these are compared by a test.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "discover/discover.hpp"

namespace CLI {
class App;
}

namespace reeve::cli {

struct DocPage {
  std::string path;  ///< Below docs/: "rules/N1-04.md".
  std::string text;
};

/// All generated pages. The same program gives the same bytes. Errors: those of the built-in rules.
Result<std::vector<DocPage>> doc_pages(CLI::App const& app, discover::Kinds kinds);

/// Writes them below `folder`, with the folders they need. Errors: those of write_file_atomically.
Result<> write_docs(std::vector<DocPage> const& pages, std::string const& folder);

/// The one page named `name` ("cli", "rules/N1-04"), or the OpenAPI description ("api"). Errors:
/// not_found, with the choices.
Result<std::string> one_doc(std::vector<DocPage> const& pages, std::string const& name);

}  // namespace reeve::cli
