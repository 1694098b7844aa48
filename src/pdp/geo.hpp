// Where an address is, by MaxMind files the operator supplies (GeoLite2, DB-IP and others in the
// MaxMind DB format 2.0). Any of them may be missing or broken: then nobody knows, and nothing else
// happens. An entry without a field does not say "no".
//
// libmaxminddb 1.7.1 reads them, with two fences around it. It maps the file, so one that is cut
// short while it is mapped would end the process: it is given a sealed copy in memory. And it skips
// values by recursion, so a file of nested arrays would overflow the stack: an entry is walked
// before, with limits, and one that is odd is no entry.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cedar/ipaddr.hpp"

namespace reeve::pdp {

/// Empty: not known.
struct Place {
  std::optional<std::string> country;  ///< "DE", ISO 3166.
  std::optional<std::int64_t> asn;
  std::optional<bool> anonymous;

  bool operator==(Place const&) const = default;
};

/// One opened file; immutable, any thread.
class GeoFile {
 public:
  /// Errors: not_found, denied, invalid (too large), corrupt, unavailable (no room).
  static Result<std::unique_ptr<GeoFile const>> open(std::string const& path);
  virtual ~GeoFile() = default;
  virtual Place look(cedar::IpAddr const& ip) const = 0;
};

/// Several files: for each fact the first that knows it. Any thread.
class Geo {
 public:
  explicit Geo(std::vector<std::string> paths);
  ~Geo();

  /// Opens what has changed on disk since. Gives a sentence for each file that cannot be used now;
  /// what it told before is forgotten. Blocks on the disk.
  std::vector<std::string> refresh();
  Place look(cedar::IpAddr const& ip) const;

 private:
  struct Slot;
  using Files = std::vector<std::shared_ptr<GeoFile const>>;
  std::mutex refreshing_;
  std::vector<Slot> slots_;  // under refreshing_
  std::atomic<std::shared_ptr<Files const>> files_;
};

}  // namespace reeve::pdp
