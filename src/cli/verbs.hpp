#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/backend.hpp"
#include "cli/print.hpp"
#include "server/config.hpp"
#include "server/service.hpp"

namespace reeve::cli {

/// What every verb gets.
struct Context {
  std::string store;      ///< --store.
  std::string rules;      ///< --rules: folder of the user's rules.
  server::Config config;  ///< What file and environment say.
  Format format = Format::table;
  bool quiet = false;
  discover::Kinds kinds;
  connect::Environment environment;
  std::function<Instant()> now;
};

/// Exit codes, documented in `reeve --help`.
enum class Exit : std::uint8_t {
  done = 0,
  findings = 1,
  usage = 2,
  partial = 3,
  denied = 4,
  ours = 5
};
Exit exit_of(Error const& error);

/// The running server of this store, else a service in this process.
Result<std::unique_ptr<Backend>> connect(Context const& context);
/// A service in this process. Errors: conflict (a server runs on this store: stop it first).
Result<std::unique_ptr<server::Service>> open_service(Context const& context);

struct DiscoverOptions {
  std::vector<std::string> sources;  ///< Names of configured ones; empty: all.
  std::string kind;                  ///< On the spot: this kind instead.
  std::string name;                  ///< Of it; empty: its kind.
  std::map<std::string, std::string> options;
  std::string people;   ///< A people file to read as well; empty: none.
  std::string fail_on;  ///< Severity; empty: never.
  bool strict = false;
};
Result<Exit> discover(Context const& context, DiscoverOptions const& options);

struct UpOptions {
  bool once = false;
  std::string people, fail_on;
  bool strict = false;
  std::string listen;  ///< Empty: as configured.
};
Result<Exit> up(Context const& context, UpOptions const& options);
Result<Exit> serve(Context const& context, std::string const& listen);

struct ListOptions {
  std::string table;
  std::vector<std::string> filters;  ///< "kind=role".
  std::string sort, cursor;
  int limit = 100;
  bool all = false;  ///< Every page.
};
Result<Exit> list(Context const& context, ListOptions const& options);
Result<Exit> show(Context const& context, std::string const& table, std::string const& id);
Result<Exit> explain_identity(Context const& context, std::string const& id);
/// What breaks when a person leaves tonight, what she could still use, what to do first.
Result<Exit> person_leave(Context const& context, std::string const& id);
/// The finding, why it matters, and what to do by hand.
Result<Exit> explain_finding(Context const& context, std::string const& id);
Result<Exit> get(Context const& context, std::string const& target, std::string_view view);
Result<Exit> post(Context const& context, std::string const& method, std::string const& target,
                  Json const& body);
Result<Exit> query(Context const& context, std::string const& sql, std::int64_t rows_max);
/// What `target` answers, into a file that we alone may read; no file or "-": to standard output.
Result<Exit> save(Context const& context, std::string const& target, std::string const& file);
Result<Exit> explain_rule(Context const& context, std::string const& id);
/// Runs the fixtures of the rules in a folder (empty: those we ship), on a database in memory.
Result<Exit> test_rules(Context const& context, std::string const& folder);
Result<Exit> explain_config(Context const& context);
Result<Exit> show_config(Context const& context);
Result<Exit> source_help(Context const& context, std::string const& kind);

/// Writes to standard output; an output that is gone is an error.
Result<> print(std::string_view text);

}  // namespace reeve::cli
