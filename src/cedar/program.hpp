// The compiled form of conditions: a register machine without recursion.
//
// Registers 0 to 3 hold principal, action, resource and context. An operand is a register, or with
// its top bit set a constant. `&&`, `||` and `if` are jumps, and a jump checks that it decides over
// a Bool. What can be computed when loading is a constant: sets, records and extension values of
// literals. The result of a program is where it stops: satisfied or unsatisfied.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "cedar/ast.hpp"
#include "cedar/policy.hpp"
#include "cedar/tables.hpp"

namespace reeve::cedar {

enum class Code : std::uint8_t {
  satisfied,
  unsatisfied,
  context,     ///< Makes register 3 when it is not made yet.
  move,        ///< dst = x
  jump,        ///< to k
  jump_false,  ///< x must be Bool
  jump_true,
  not_,
  negate,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  add,
  subtract,
  multiply,
  contains,
  contains_all,
  contains_any,
  is_empty,
  get_tag,
  has_tag,
  get,       ///< attribute k of x
  has,       ///< attribute k of x
  has_path,  ///< path k of x
  like,      ///< pattern k
  is,        ///< type k
  set,       ///< of `count` registers from x
  record,    ///< keys k, `count` registers from x
  call,      ///< function k of x and y
  fail,      ///< error k
};

/// Why a policy could not be evaluated.
enum class Failure : std::uint8_t {
  none,
  wrong_type,
  no_entity,
  no_attribute,
  no_tag,
  overflow,
  bad_extension,  ///< A text that is no ip, decimal, datetime or duration, or a result out of
                  ///< range.
  wrong_arity,
};
std::string_view message(Failure failure);

inline constexpr std::uint32_t constant_bit = 0x80000000;

struct Ins {
  Code code;
  std::uint16_t dst = 0;
  std::uint32_t x = 0;
  std::uint32_t y = 0;  ///< Second operand, or a count.
  std::uint32_t k = 0;
};

/// The code of all policies, one after another.
struct Image {
  std::vector<Ins> code;
  std::vector<Cell> constants;
  std::vector<std::vector<std::uint32_t>> paths;  ///< For has_path and record.
  std::vector<std::vector<std::string_view>> patterns;
  std::uint32_t registers = 4;  ///< The most any program needs.
};

/// Appends the program of a policy's conditions; answers where it starts. Errors: unsupported (more
/// registers than there are: a set of 60,000 computed items).
Result<std::uint32_t> compile(Policy const& policy, Tables& tables, Image& image);

}  // namespace reeve::cedar
