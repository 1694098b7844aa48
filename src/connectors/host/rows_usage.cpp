// From log records to hours: wtmp and auth.log tell of the same login by ssh twice, so a login that
// auth.log knows (with its key) is not taken from wtmp again.

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "connectors/host/rows.hpp"

namespace reeve::host {
namespace {

Instant hour_of(Instant at) {
  return Instant(std::chrono::floor<std::chrono::hours>(at));
}

/// The credential a login was made with, as account_rows names it; empty: not known.
class KeyIds {
 public:
  explicit KeyIds(std::vector<Row> const& accounts) {
    for (auto const& row : accounts)
      for (auto const& seen : row.observations)
        if (auto const* credential = std::get_if<Credential>(&seen.object)) add(*credential);
  }
  std::string find(std::string const& identity, std::string const& fingerprint) const {
    auto const found = ids_.find({identity, fingerprint});
    return found == ids_.end() ? "" : found->second;
  }

 private:
  void add(Credential const& credential) {
    auto const at = credential.native_id.rfind("SHA256:");
    auto const fingerprint = at == std::string::npos ? "" : credential.native_id.substr(at);
    if (credential.kind == "ssh_key" || credential.kind == "password")
      ids_.emplace(std::pair{credential.identity, fingerprint}, credential.native_id);
  }
  std::map<std::pair<std::string, std::string>, std::string> ids_;
};

class Hours {
 public:
  explicit Hours(System const& system) : system_(system) {}

  void event(AuthLogEvent const& event, KeyIds const& keys) {
    auto const* account = system_.account(event.user);
    bool const ssh = event.kind == AuthLogEvent::Kind::ssh_login;
    Usage usage{.identity = account ? account_id(account->entry.name) : "",
                .action = ssh ? "login" : "sudo",
                .resource = host_id(system_.hostname),
                .network = None{},
                .client = None{},
                .last = event.at};
    if (ssh) {
      usage.network = event.from;
      usage.client = "ssh " + event.method;
      if (event.method == "publickey" || event.method == "password")
        usage.credential = keys.find(usage.identity, event.fingerprint);
      logged_.insert({clean_utf8(event.user), hour_of(event.at)});
    } else if (event.target != "root") {
      usage.resource = "user:" + clean_utf8(event.target);
    }
    add(std::move(usage), event.user, "auth.log");
  }

  void login(Login const& login) {
    auto const* account = system_.account(login.user);
    if (logged_.contains({clean_utf8(login.user), hour_of(login.at)})) return;
    Usage usage{.identity = account ? account_id(account->entry.name) : "",
                .action = "login",
                .resource = host_id(system_.hostname),
                .network = None{},
                .client = login.line.starts_with("pts/") ? "terminal" : login.line,
                .last = login.at};
    if (!login.from.empty()) usage.network = login.from;
    add(std::move(usage), login.user, "/var/log/wtmp");
  }

  std::vector<Row> rows() && {
    std::vector<Row> out;
    std::set<std::string> told;
    for (auto& [key, counted] : hours_) {
      counted.usage.count = counted.count;
      Row row{.key = key};
      auto const& resource = counted.usage.resource;
      if (resource.starts_with("user:") && told.insert(resource).second)
        row.observations.push_back({Resource{.native_id = resource,
                                             .name = resource.substr(5),
                                             .kind = "account",
                                             .pinned = None{}},
                                    counted.evidence});
      row.observations.push_back({std::move(counted.usage), counted.evidence});
      out.push_back(std::move(row));
    }
    return out;
  }

 private:
  struct Counted {
    Usage usage;
    std::string evidence;
    std::int64_t count = 0;
  };

  void add(Usage usage, std::string_view user, std::string evidence) {
    usage.hour = hour_of(usage.last);
    auto const* network = std::get_if<std::string>(&usage.network);
    auto const* client = std::get_if<std::string>(&usage.client);
    usage.native_id = usage.action + ":" + shortened(clean_utf8(user), 128) + ":" +
                      rfc3339(usage.hour) + ":" + shortened(usage.resource, 128) + ":" +
                      shortened(clean_utf8(network ? *network : ""), 128) + ":" +
                      shortened(clean_utf8(client ? *client : ""), 64) + ":" +
                      usage.credential.substr(usage.credential.rfind(':') + 1);
    auto& counted = hours_[usage.native_id];
    auto const last = std::max(usage.last, counted.usage.last);
    ++counted.count;
    counted.evidence = std::move(evidence);
    counted.usage = std::move(usage);
    counted.usage.last = last;
  }

  System const& system_;
  std::set<std::pair<std::string, Instant>> logged_;
  std::map<std::string, Counted> hours_;
};

}  // namespace

std::vector<Row> usage_rows(System const& system, std::vector<Row> const& accounts) {
  KeyIds const keys(accounts);
  Hours hours(system);
  for (auto const& event : system.events) hours.event(event, keys);
  for (auto const& login : system.logins) hours.login(login);
  return std::move(hours).rows();
}

}  // namespace reeve::host
