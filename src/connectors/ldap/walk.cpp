#include "connectors/ldap/walk.hpp"

#include <charconv>

#include "base/text.hpp"
#include "ldap_client/person.hpp"

namespace reeve::ldap {
namespace {

constexpr std::uint64_t digest_of_nothing = 0xcbf29ce484222325;

std::uint64_t mix(std::uint64_t digest, std::string_view text) {  // FNV-1a
  for (char const c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return (digest ^ 0xff) * 0x100000001b3;
}

template <class T>
bool read_number(std::string_view text, T& out) {
  auto const [end, error] = std::from_chars(text.begin(), text.end(), out);
  return error == std::errc() && end == text.end();
}

}  // namespace

std::string Walk::next() const {
  return std::to_string(pages_) + "." + std::to_string(digest_);
}

Result<EntryPage> Walk::read(Search const& search) {
  auto page = TRY(pages_ == 0 ? client_.first_page(search, page_size_) : client_.next_page());
  ++pages_;
  for (auto const& entry : page.entries) digest_ = mix(digest_, native_id(entry));
  return page;
}

Result<EntryPage> Walk::page(Search const& search, std::string_view place) {
  auto const key = search.filter + join(search.attributes, ",");
  if (!place.empty() && key == filter_ && place == next()) return read(search);
  std::int64_t pages = 0;
  std::uint64_t digest = digest_of_nothing;
  auto const parts = split(place, '.');
  if (!place.empty() && (parts.size() != 2 || !read_number(parts[0], pages) ||
                         !read_number(parts[1], digest) || pages < 1))
    return fail(Errc::invalid, "not a cursor of the ldap connector");
  filter_ = key;
  pages_ = 0;
  digest_ = digest_of_nothing;
  bool more = true;
  while (pages_ < pages && more) more = TRY(read(search)).more;
  if (pages_ != pages || digest_ != digest || !more) {
    filter_.clear();
    return fail(Errc::invalid, "the directory has changed since this run began");
  }
  return read(search);
}

}  // namespace reeve::ldap
