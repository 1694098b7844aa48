#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ldap_client/ldap_client.hpp"

namespace reeve::ldap {

/// A search in pages that can be gone on with by another process.
///
/// The server's own cookie dies with the connection. So a place is the number of pages behind us
/// and a digest of the entries on them: a process that takes over begins the search again and
/// skips those pages, and if they do not show what they showed, the directory has changed and
/// nobody knows what moved past us: the place is refused, and the run has to begin again.
class Walk {
 public:
  Walk(Client& client, int page_size) : client_(client), page_size_(page_size) {}

  /// The page at `place` ("": the first), of `search`; goes on where the last call ended, if that
  /// is what is asked for. Errors: invalid (the place is refused); as Client.
  Result<EntryPage> page(Search const& search, std::string_view place);
  /// Of the page after the last one.
  std::string next() const;

 private:
  Result<EntryPage> read(Search const& search);

  Client& client_;
  int page_size_;
  std::string filter_;      ///< Of the search that is under way; with attributes.
  std::int64_t pages_ = 0;  ///< Behind us.
  std::uint64_t digest_ = 0;
};

}  // namespace reeve::ldap
