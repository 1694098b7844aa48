// What the functions of the extension types do with values already evaluated.
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "cedar/ast.hpp"

namespace reeve::cedar {

/// Errors: invalid (a text that is no such value, an operand of another type, a wrong number of
/// arguments, a result out of range).
Result<Value> call_function(Function function, std::span<Value const> args);

/// The constructor and the text that make the value: `decimal`, "1.5". Empty text: a datetime
/// outside the years that can be written.
struct Construction {
  Function function;
  std::string text;
};
Construction construction(Value const& value);

}  // namespace reeve::cedar
