// Runs tests in the form of cedar-policy/cedar-integration-tests: policies, entities and a schema
// in files, requests with the decision, reasons and errors that Cedar gives.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace reeve::cedar {

struct CorpusCounts {
  std::size_t tests = 0;
  std::size_t requests = 0;
  std::size_t verdicts = 0;              ///< Of policies, strict and permissive.
  std::size_t schemas = 0;               ///< Compared with the JSON form of the reference.
  std::vector<std::string> differences;  ///< "HASH.json: Request 3: decision deny, expected allow".

  void add(CorpusCounts const& other);
};

/// The text of a file named as in the tests, from the root of the archive; null: there is none.
using CorpusFile = std::function<std::string const*(std::string_view path)>;

/// One test file and the files it names. A test that cannot be read is a difference.
CorpusCounts run_corpus_test(std::string const& name, std::string_view text,
                             CorpusFile const& file);

}  // namespace reeve::cedar
