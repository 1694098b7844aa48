// wtmp, lastlog, auth.log and sshd_config: any bytes parse.

#include "connectors/host/logins.hpp"

#include "check.hpp"
#include "connectors/host/sshd_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  auto const logins = host::parse_wtmp(text);
  for (auto const& login : logins.logins) fuzz::must(logins.oldest && *logins.oldest <= login.at);
  host::parse_lastlog_record(text);
  auto const log = host::parse_auth_log(text, from_micros(1'772'359'200'000'000));
  for (auto const& event : log.events)
    fuzz::must(!event.user.empty() && log.oldest && *log.oldest <= event.at);
  auto const sshd = host::parse_sshd_config(text);
  for (auto const& pattern : host::sshd_policy(sshd.settings).authorized_keys_files)
    host::authorized_keys_path(pattern, "bob", "/home/bob", 1001);
  return 0;
}
