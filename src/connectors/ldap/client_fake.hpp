#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "connect/fault.hpp"
#include "ldap_client/ldap_client.hpp"
#include "ldap_client/value.hpp"

namespace reeve::ldap {

/// A directory in memory, with access control as OpenLDAP has it: what is hidden is not there.
struct FakeDirectory {
  std::vector<Entry> entries;
  std::set<std::string> hidden{};      ///< Types nobody may read, lower case.
  std::set<std::string> untestable{};  ///< Types no filter matches.
  bool closed = false;                 ///< Nothing at all may be read.
  std::size_t limit = 0;               ///< Entries a search gives at most; 0: all.
  std::string account = "uid=scan,ou=services,dc=x";
};

/// Answers as the real one does. The directory outlives it.
class FakeClient final : public Client {
 public:
  explicit FakeClient(FakeDirectory const& directory, connect::Fault fault = connect::Fault::none)
      : directory_(directory), faults_(fault) {}

  Result<std::string> who_am_i() override {
    TRY(faults_.before_call());
    return "dn:" + directory_.account;
  }

  Result<EntryPage> search(Search const& search) override {
    TRY(faults_.before_call());
    if (directory_.closed) return fail(Errc::not_found, "search: No such object");
    EntryPage out;
    bool exists = search.depth != Depth::base || search.base.empty();
    for (auto const& entry : directory_.entries) {
      auto const at = normal_dn(entry.dn).value(), base = normal_dn(search.base).value();
      bool const in = search.depth == Depth::base ? at == base : is_under(at, base) && !at.empty();
      exists = exists || in;
      std::string_view filter = search.filter;
      if (in && matches(entry, filter)) out.entries.push_back(shown(entry, search.attributes));
      if (search.size > 0 && out.entries.size() == std::size_t(search.size)) break;
    }
    // Deleted between the list and the look.
    if (search.depth == Depth::base && !search.base.empty() &&
        faults_.fault() == connect::Fault::vanishes)
      exists = false;
    if (!exists) return fail(Errc::not_found, "search: No such object");
    return out;
  }

  Result<EntryPage> first_page(Search const& search, int page_size) override {
    paged_ = TRY(this->search(search)).entries;
    if (faults_.fault() == connect::Fault::duplicates) {
      auto const once = paged_;
      paged_.insert(paged_.end(), once.begin(), once.end());
    }
    cut_ = directory_.limit > 0 && paged_.size() > directory_.limit;
    if (cut_) paged_.resize(directory_.limit);
    size_ = std::size_t(page_size);
    at_ = 0;
    return next_page();
  }

  Result<EntryPage> next_page() override {
    TRY(faults_.before_call());
    EntryPage out;
    for (; at_ < paged_.size() && out.entries.size() < size_; ++at_)
      out.entries.push_back(paged_[at_]);
    out.more = at_ < paged_.size();
    out.cut = cut_ && !out.more;
    return out;
  }

 private:
  static bool take(std::string_view& in, char c) {
    if (!in.starts_with(c)) return false;
    in.remove_prefix(1);
    return true;
  }

  /// RFC 4515, as far as it is used here: & | ! equality and presence.
  bool matches(Entry const& entry, std::string_view& in) const {
    take(in, '(');
    bool out = false;
    if (in.starts_with('&') || in.starts_with('|')) {
      bool const all = in.front() == '&';
      in.remove_prefix(1);
      out = all;
      while (in.starts_with('(')) {
        bool const one = matches(entry, in);
        out = all ? out && one : out || one;
      }
    } else if (take(in, '!')) {
      out = !matches(entry, in);
    } else {
      auto const equals = in.find('='), end = in.find(')');
      out = item(entry, lower(in.substr(0, equals)), in.substr(equals + 1, end - equals - 1));
      in.remove_prefix(end);
    }
    take(in, ')');
    return out;
  }

  bool item(Entry const& entry, std::string const& type, std::string_view value) const {
    if (type == "entrydn")
      return filter_escape(normal_dn(entry.dn).value()) == filter_escape(lower(value));
    if (type == "objectclass" && value == "*") return true;
    if (directory_.untestable.contains(type) || directory_.hidden.contains(type)) return false;
    auto const& values = entry.all(type);
    return value == "*" ? !values.empty() : std::ranges::any_of(values, [&](auto const& one) {
      return lower(filter_escape(one)) == lower(value);
    });
  }

  Entry shown(Entry const& entry, std::vector<std::string> const& types) const {
    Entry out{.dn = entry.dn};
    for (auto const& name : types) {
      auto const type = lower(name);
      if (type == "userpassword" || directory_.hidden.contains(type)) continue;
      for (auto const& value : entry.all(type)) out.add(type, value);
    }
    return out;
  }

  FakeDirectory const& directory_;
  connect::Faults faults_;
  std::vector<Entry> paged_;
  std::size_t at_ = 0, size_ = 0;
  bool cut_ = false;
};

}  // namespace reeve::ldap
