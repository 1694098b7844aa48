// What is legal Cedar and still wrong: a permit that rests only on what the caller says of itself.
//
// Whoever asks can say `session.purpose` or have a tool server say `read_only`. A permit whose
// scope takes any principal, or any of a type, and whose conditions read nothing but such
// attributes is open to whoever says the right words.
#pragma once

#include <string>
#include <vector>

#include "cedar/policy.hpp"
#include "cedar/schema.hpp"

namespace reeve::pdp {

/// Attributes of the context that one policy reads: "session.purpose". A policy that reads the
/// context as a whole, or principal or resource, has "" among them.
std::vector<std::string> attributes_read(cedar::Policy const& policy);

struct CallersWord {
  std::string policy;
  std::vector<std::string> attributes;
  cedar::Span span;
};
/// Permits that rest only on attributes that `schema` marks `@source("agent")`.
std::vector<CallersWord> callers_word(cedar::PolicySet const& policies,
                                      cedar::SchemaText const& schema);

}  // namespace reeve::pdp
