#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "ldap_client/entry.hpp"

namespace reeve::ldap {

struct Server {
  std::string url;      ///< "ldaps://host", "ldap://host:389", "ldapi:///".
  std::string bind_dn;  ///< Empty: anonymous.
  Secret password;
  bool start_tls = false;
  bool plaintext = false;  ///< A password may be sent in the clear to another machine.
  std::string ca_file;     ///< PEM; empty: the system's.
  Duration timeout = std::chrono::seconds(30);  ///< Of one answer.
};

enum class Depth : std::uint8_t { base, subtree };

struct Search {
  std::string base;
  std::string filter = "(objectClass=*)";
  std::vector<std::string> attributes;
  Depth depth = Depth::subtree;
  int size = 0;  ///< At most so many entries in all; 0: as many as the server gives.
};

struct EntryPage {
  std::vector<Entry> entries;
  std::vector<std::string> referrals;  ///< Told by the server, not followed.
  bool more = false;                   ///< `next_page` gives another.
  bool cut = false;                    ///< The server's limit ended it before the end.
};

/// A bound connection. Every answer has a deadline and a limit on its size; referrals are never
/// followed, since they would take our password to a machine that the directory names. One thread
/// at a time.
/// Errors of all: unauthenticated, denied, not_found (no such base), unavailable, timeout,
/// rate_limited (busy), invalid (filter), corrupt.
class Client {
 public:
  virtual ~Client() = default;
  /// Who the server takes us for (RFC 4532): "dn:uid=scan,…", "" for anonymous.
  virtual Result<std::string> who_am_i() = 0;
  /// All of it; only for what is known to be small.
  virtual Result<EntryPage> search(Search const& search) = 0;
  /// Begins a search in pages (RFC 2696) and gives the first. A server that does not know pages
  /// gives all at once. A second begin ends the first search.
  virtual Result<EntryPage> first_page(Search const& search, int page_size) = 0;
  virtual Result<EntryPage> next_page() = 0;
};

/// Errors: also invalid: a URL that is none; a password that would go out in the clear.
Result<std::unique_ptr<Client>> connect(Server const& server);

}  // namespace reeve::ldap
