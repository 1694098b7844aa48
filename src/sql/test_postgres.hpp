#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::test {

/// A PostgreSQL cluster of this test alone: in a folder under /tmp, reached through a unix socket
/// in it, no port. Its superuser is `reeve`, without a password. Runs as user postgres when the
/// test is root. Dies with the test, and its folder too. A target that uses it links
/// reeve_sql_testing. One thread at a time.
class Postgres {
 public:
  /// `settings`: as after `postgres -c`: "fsync=on". `binaries`: the folder of initdb and postgres;
  /// empty: the newest that is installed. Null when it cannot start here; `why` says why.
  static std::unique_ptr<Postgres> start(std::string& why,
                                         std::vector<std::string> const& settings = {},
                                         std::string const& binaries = {});
  ~Postgres();

  /// With a schema nobody has used in this cluster.
  std::string fresh_url();
  std::string url(std::string_view schema) const;
  std::string const& folder() const;  ///< Of its socket: libpq's host.

  void stop();         ///< As an administrator does: sessions are ended.
  void start_again();  ///< After stop(), with the same data.

 private:
  struct Process;
  explicit Postgres(std::unique_ptr<Process> process);
  std::unique_ptr<Process> process_;
  int schemas_ = 0;
};

/// The cluster all tests of this program share, started at the first call. Null, with a line that
/// says SKIP and why, when there can be none.
Postgres* postgres();

}  // namespace reeve::test
