#pragma once

#include <string_view>

namespace reeve::posture {

/// What the name and the comment of an identity say of whose it is. Words of people, so never more
/// than clues.
struct Said {
  bool shared = false;       ///< "root", "dba_shared"; "break glass", "used by the whole team".
  bool task = false;         ///< The name names a task: "svc-billing", "ci", "etl_nightly".
  bool application = false;  ///< The comment declares what it serves: "app=billing".
  bool work = false;         ///< The comment speaks of a task: "nightly load".
  bool owner = false;        ///< The comment names who answers for it: then it is not he himself.
};
Said said_by(std::string_view name, std::string_view comment);

/// The text behind `key` and a sign (":", "=") in a comment, up to the next field; empty: none.
/// "owner=ada; app=x" has "ada" of "owner", "Owner: Ada Adams, of old" has "Ada Adams".
std::string_view field_of(std::string_view comment, std::string_view key);

/// Whom the comment declares: the field owner, contact, maintainer or responsible; empty: nobody.
std::string_view declared_owner(std::string_view comment);

}  // namespace reeve::posture
