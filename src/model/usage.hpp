#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "model/known.hpp"

namespace reeve {

/// What uses identities and credentials: a unit, a job, an application, a host, an agent.
struct Consumer {
  std::string source, native_id;
  std::string name;
  std::string kind;  ///< "systemd_unit", "cron_job", "process", "application", "endpoint", "agent".
  std::string identity;  ///< native_id of the identity it runs or connects as; empty: unknown.
  std::string how;       ///< How we know: "User= in /etc/systemd/system/app.service".

  bool operator==(Consumer const&) const = default;
};

/// What was done in one hour by one identity, with one credential, from one place. The native id
/// is made of these, so a later report of the same hour replaces the earlier one. Usage never
/// vanishes: a log that was cut is not a use that did not happen.
struct Usage {
  std::string source, native_id;
  std::string identity;        ///< native_id; empty: unknown.
  std::string credential;      ///< native_id at the same source; empty: unknown.
  std::string consumer;        ///< native_id at the same source; empty: unknown.
  std::string action;          ///< "login", "session", "handshake".
  std::string resource;        ///< native_id of a Resource, or text; empty: the source itself.
  Known<std::string> network;  ///< Address it came from; none: local.
  Known<std::string> client;   ///< Application name, user agent.
  Instant hour{};              ///< Start of the hour.
  Instant last{};              ///< The last one of them.
  Known<std::int64_t> count;   ///< Successful ones.

  bool operator==(Usage const&) const = default;
};

}  // namespace reeve
