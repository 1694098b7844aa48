// passwd, group and login.defs: any bytes parse, an entry has a name without a colon or a line end.

#include "connectors/host/accounts.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  for (auto const& entry : host::parse_passwd(text).entries) {
    fuzz::must(!entry.name.empty() && entry.name.find_first_of(":\n") == std::string::npos);
    fuzz::must(entry.line > 0);
  }
  for (auto const& entry : host::parse_group(text).entries)
    for (auto const& member : entry.members) fuzz::must(!member.empty());
  host::parse_login_defs(text);
  return 0;
}
