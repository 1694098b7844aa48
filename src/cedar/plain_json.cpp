#include "cedar/plain_json.hpp"

#include "cedar/extension.hpp"
#include "cedar/syntax.hpp"

namespace reeve::cedar {
namespace {

constexpr int depth_limit = 16;
constexpr std::size_t fields_limit = 32;  // names are compared with each other
constexpr int digits_limit = 18;          // always fits an int64

class Reader : PlainJson {
 public:
  using PlainJson::PlainJson;

  std::optional<Record> whole() {
    auto fields = members(0);
    if (!fields || !at_end()) return {};
    return Record(std::move(*fields));
  }

 private:
  using Maybe = std::optional<Value>;

  Maybe value(int depth) {
    blanks();
    if (at_ == end_ || depth > depth_limit) return {};
    switch (*at_) {
      case '"': return text_value();
      case '[': return set(depth);
      case '{': return object(depth);
      case 't': return word("true") ? Maybe(true) : Maybe();
      case 'f': return word("false") ? Maybe(false) : Maybe();
      default: return number();
    }
  }
  Maybe text_value() {
    std::string_view out;
    return text(out) ? Maybe(std::string(out)) : Maybe();
  }
  bool word(std::string_view wanted) {
    if (std::string_view(at_, end_).substr(0, wanted.size()) != wanted) return false;
    at_ += wanted.size();
    return true;
  }
  Maybe number() {
    bool const negative = *at_ == '-';
    if (negative) ++at_;
    auto const* const start = at_;
    std::int64_t out = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - start <= digits_limit)
      out = out * 10 + (*at_++ - '0');
    auto const digits = at_ - start;
    bool const whole_number =
        at_ == end_ || *at_ == ',' || *at_ == '}' || *at_ == ']' || *at_ == ' ';
    bool const plain = digits > 0 && digits <= digits_limit && (*start != '0' || digits == 1);
    if (!whole_number || !plain || (negative && out == 0)) return {};
    return Maybe(negative ? -out : out);
  }
  Maybe set(int depth) {
    Values out;
    take('[');
    if (take(']')) return Value(Set(std::move(out)));
    do {
      auto item = value(depth + 1);
      if (!item) return {};
      out.push_back(std::move(*item));
    } while (take(','));
    return take(']') ? Maybe(Set(std::move(out))) : Maybe();
  }

  std::optional<Fields> members(int depth) {
    Fields out;
    if (!take('{')) return {};
    if (take('}')) return out;
    do {
      std::string_view name;
      if (!text(name) || !take(':')) return {};
      for (auto const& known : out)
        if (known.name == name) return {};
      auto read = value(depth + 1);
      if (!read || out.size() == fields_limit) return {};
      out.push_back({std::string(name), std::move(*read)});
    } while (take(','));
    if (!take('}')) return {};
    return out;
  }
  Maybe object(int depth) {
    auto fields = members(depth);
    if (!fields) return {};
    for (auto const& field : *fields)
      if (field.name.starts_with("__")) return fields->size() == 1 ? special(field) : Maybe();
    return Value(Record(std::move(*fields)));
  }
  /// `{"__entity": {type, id}}`, `{"__extn": {fn, arg}}` and nothing beside.
  static Maybe special(Field const& field) {
    auto const* inner = field.value.record();
    if (!inner || inner->fields().size() != 2) return {};
    auto const text = [&](std::string_view name) {
      auto const* found = inner->find(name);
      return found ? found->text() : nullptr;
    };
    if (field.name == "__entity") {
      auto const *type = text("type"), *id = text("id");
      return type && id && is_name(*type) ? Maybe(EntityUid{*type, *id}) : Maybe();
    }
    auto const *called = text("fn"), *arg = text("arg");
    auto const* function = called ? find_function(*called) : nullptr;
    if (field.name != "__extn" || !function || !arg) return {};
    Value const argument(*arg);
    auto made = call_function(*function, {&argument, 1});
    return made ? Maybe(std::move(*made)) : Maybe();
  }
};

}  // namespace

std::optional<Record> plain_record(std::string_view json) {
  return Reader(json).whole();
}

}  // namespace reeve::cedar
