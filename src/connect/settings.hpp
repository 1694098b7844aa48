#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "connect/connector.hpp"
#include "connect/info.hpp"

namespace reeve::connect {

class Changer;

/// The value of an environment variable, if it is set.
using Environment = std::function<std::optional<std::string>(std::string const& name)>;

/// What the operator set on a source, checked against the options of its kind. A secret is named
/// by `<name>_env` or `<name>_file` and read here, so it has no way onto a command line or into
/// a configuration file.
class Settings {
 public:
  using Given = std::span<std::pair<std::string, std::string> const>;

  /// Errors: invalid: an unknown name (with the one that was probably meant), a value of the wrong
  /// type, a secret given as a value, a required option that is missing; not_found, denied: the
  /// file of a secret.
  static Result<Settings> resolve(Info const& info, Given given, Environment const& environment);

  std::string_view text(std::string_view name) const;  ///< Its fallback, or empty, when not set.
  bool yes(std::string_view name) const;
  std::int64_t number(std::string_view name) const;            ///< 0 when not set.
  Duration duration(std::string_view name) const;              ///< "30s", "5m", "2h", "45d".
  std::vector<std::string> list(std::string_view name) const;  ///< Commas apart; blanks trimmed.
  Secret const& secret(std::string_view name) const;           ///< Empty when not set.

 private:
  Result<> put(Info const& info, std::string const& name, std::string const& value,
               Environment const& environment);

  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, Secret, std::less<>> secrets_;
};

/// "30s", "5m", "2h", "45d", "250ms". Errors: invalid.
Result<Duration> parse_duration(std::string_view text);

/// An entry in the application's list of connectors.
struct Kind {
  Info const& info;
  std::function<Result<std::unique_ptr<Connector>>(std::string source, Settings const& settings,
                                                   Fingerprint fingerprint)>
      make;
  /// Empty: nothing at a source of this kind is changed by us.
  std::function<Result<std::unique_ptr<Changer>>(std::string source, Settings const& settings)>
      make_changer;
};

}  // namespace reeve::connect
