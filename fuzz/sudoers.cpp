// sudoers: any bytes parse in bounds, and what they give can be evaluated for an account.

#include "connectors/host/sudoers.hpp"

#include "check.hpp"
#include "connectors/host/sudo_rights.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto parsed = host::parse_sudoers(fuzz::text(data, size));
  fuzz::must(parsed.statements.size() <= host::sudo_statements_max + 64);

  host::SudoPolicy policy{.files = {"/etc/sudoers"}};
  for (auto& statement : parsed.statements) policy.statements.push_back({std::move(statement), 0});
  host::SudoBudget budget{100'000};
  host::SudoUser const bob{"bob", 1001, {{"sudo", 27}}};
  auto const found = host::sudo_rights(policy, bob, "web", budget);
  for (auto const& right : found.rights) fuzz::must(!right.command.empty() && right.line > 0);
  return 0;
}
