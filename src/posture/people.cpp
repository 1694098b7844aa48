#include "posture/people.hpp"

#include <set>

#include "base/text.hpp"
#include "sql/database.hpp"

namespace reeve::posture {
namespace {

constexpr std::size_t shortest_login = 3;  ///< "ed" stands in too many words to mean somebody.

/// What may be a login, a mail address or a part of a name.
std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view inside =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-";
  std::vector<std::string_view> out;
  while (!text.empty()) {
    auto const start = text.find_first_of(inside);
    if (start == text.npos) break;
    text.remove_prefix(start);
    auto word = text.substr(0, text.find_first_not_of(inside));
    text.remove_prefix(word.size());
    while (word.ends_with('.') || word.ends_with('-')) word.remove_suffix(1);
    if (!word.empty()) out.push_back(word);
  }
  return out;
}

}  // namespace

void People::add(std::string_view word, std::int64_t person) {
  if (word.size() < shortest_login) return;
  auto const [at, fresh] = words_.emplace(lower(word), person);
  if (!fresh && at->second != person) at->second = 0;
}

Result<People> People::load(sql::Database& db) {
  People out;
  std::map<std::string, std::int64_t> by_mail;
  auto const read = [&](sql::Row const& row) -> Result<> {
    auto const mail = lower(row.text(4));
    auto id = row.integer(0);
    if (!mail.empty()) id = by_mail.emplace(mail, id).first->second;
    out.natives_[{row.text(1), row.text(2)}] = id;
    out.names_.emplace(id, row.text(3));
    out.add(row.text(3), id);
    out.add(row.text(2), id);
    out.add(mail, id);
    out.add(mail.substr(0, mail.find('@')), id);
    auto const aliases = row.text(5);
    for (auto const alias : split(aliases, '\n')) out.add(trim(alias), id);
    return {};
  };
  TRY(sql::each(db,
                "select id, source, native_id, name, email, aliases from v_person "
                "order by id nulls last",
                {}, read));
  return out;
}

std::int64_t People::by_word(std::string_view word) const {
  auto const found = words_.find(lower(trim(word)));
  return found == words_.end() ? 0 : found->second;
}

std::int64_t People::in_text(std::string_view text) const {
  std::set<std::int64_t> found;
  auto const words = words_of(text);
  for (std::size_t n = 0; n < words.size(); ++n) {
    auto const word = words[n];
    if (auto const person = by_word(word)) found.insert(person);
    if (auto const at = word.find('@'); at != word.npos)
      if (auto const person = by_word(word.substr(0, at))) found.insert(person);
    if (n + 1 < words.size())
      if (auto const person = by_word(std::string(word) + " " + std::string(words[n + 1])))
        found.insert(person);
  }
  return found.size() == 1 ? *found.begin() : 0;
}

std::int64_t People::by_native(std::string const& source, std::string const& native_id) const {
  auto const found = natives_.find({source, native_id});
  return found == natives_.end() ? 0 : found->second;
}

std::string People::name(std::int64_t person) const {
  auto const found = names_.find(person);
  return found == names_.end() ? "" : found->second;
}

}  // namespace reeve::posture
