// The values of the Cedar language (Cedar 4.5; semantics of record: cedar-spec,
// Cedar/Spec/Value.lean).
//
// A value is immutable and cheap to copy: text, sets and records are shared. Sets have no order and
// no duplicates, records no order of keys; both are kept in one total order of values, so that
// equality is a walk side by side and `[1, 2, 2] == [2, 1]` needs no search. The order itself means
// nothing in the language.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "cedar/datetime.hpp"
#include "cedar/decimal.hpp"
#include "cedar/ipaddr.hpp"

namespace reeve::cedar {

/// How deep values, expressions and JSON may nest. Beyond it: an error, because evaluation,
/// printing and comparison walk down on the stack.
inline constexpr std::size_t depth_max = 250;

/// `Type::"id"`. The type is a normalised path ("A::B"); the id is any Unicode text, also empty.
struct EntityUid {
  std::string type;
  std::string id;

  auto operator<=>(EntityUid const&) const = default;
};

/// `A::B::"id"` with the id escaped, as Cedar text.
std::string to_string(EntityUid const& uid);

struct EntityUidHash {
  std::size_t operator()(EntityUid const& uid) const noexcept;
};

class Value;
struct Field;
using Values = std::vector<Value>;
using Fields = std::vector<Field>;

/// A set: sorted, without duplicates. Thread-safe to read, like every value.
class Set {
 public:
  Set();
  explicit Set(Values items);  ///< In any order, duplicates allowed.

  Values const& items() const { return *items_; }
  bool contains(Value const& item) const;

 private:
  std::shared_ptr<Values const> items_;
};

/// A record: fields sorted by name, each name once.
class Record {
 public:
  Record();
  explicit Record(Fields fields);  ///< In any order; of equal names the last wins.

  Fields const& fields() const { return *fields_; }
  Value const* find(std::string_view name) const;  ///< Null: no such field.

 private:
  std::shared_ptr<Fields const> fields_;
};

/// What `kind()` answers, in the order of the language's own list.
enum class Kind : std::uint8_t {
  boolean,
  number,
  text,
  entity,
  set,
  record,
  ip,
  decimal,
  datetime,
  duration,
};
/// "Long", "Set", "ipaddr", as the language calls its types.
std::string_view name(Kind kind);

class Value {
 public:
  Value(bool yes) : data_(yes) {}
  Value(std::int64_t number) : data_(number) {}
  Value(int number) : data_(std::int64_t{number}) {}
  Value(std::string text) : data_(std::make_shared<std::string const>(std::move(text))) {}
  Value(char const* text) : Value(std::string(text)) {}
  Value(EntityUid uid) : data_(std::make_shared<EntityUid const>(std::move(uid))) {}
  Value(Set set) : data_(std::move(set)) {}
  Value(Record record) : data_(std::move(record)) {}
  Value(IpAddr ip) : data_(ip) {}
  Value(Decimal decimal) : data_(decimal) {}
  Value(Datetime at) : data_(at) {}
  Value(Duration span) : data_(span) {}

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool const* boolean() const { return std::get_if<bool>(&data_); }
  std::int64_t const* number() const { return std::get_if<std::int64_t>(&data_); }
  std::string const* text() const { return pointee<std::string>(); }
  EntityUid const* entity() const { return pointee<EntityUid>(); }
  Set const* set() const { return std::get_if<Set>(&data_); }
  Record const* record() const { return std::get_if<Record>(&data_); }
  IpAddr const* ip() const { return std::get_if<IpAddr>(&data_); }
  Decimal const* decimal() const { return std::get_if<Decimal>(&data_); }
  Datetime const* datetime() const { return std::get_if<Datetime>(&data_); }
  Duration const* duration() const { return std::get_if<Duration>(&data_); }

  /// A total order over all values, by kind first. Equal means `==` of the language.
  std::strong_ordering operator<=>(Value const& other) const;
  bool operator==(Value const& other) const { return (*this <=> other) == 0; }

 private:
  template <class T>
  T const* pointee() const {
    auto const* shared = std::get_if<std::shared_ptr<T const>>(&data_);
    return shared ? shared->get() : nullptr;
  }

  // Text and uids are shared, because values are copied at every step of the tree walk.
  std::variant<bool, std::int64_t, std::shared_ptr<std::string const>,
               std::shared_ptr<EntityUid const>, Set, Record, IpAddr, Decimal, Datetime, Duration>
      data_;
};

struct Field {
  std::string name;
  Value value;

  std::strong_ordering operator<=>(Field const& other) const;
  bool operator==(Field const& other) const { return (*this <=> other) == 0; }
};

inline bool operator==(Record const& a, Record const& b) {
  return Value(a) == Value(b);
}

}  // namespace reeve::cedar
