// Unit files: any bytes parse; the service they make has as many programs as commands.

#include "connectors/host/unit.hpp"

#include "check.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace reeve;
  auto const text = fuzz::text(data, size);
  auto const file = host::parse_unit(text);
  host::UnitFile const* twice[] = {&file, &file};
  auto const unit = host::service_unit(twice);
  fuzz::must(unit.programs.size() == unit.commands.size());
  for (auto const& variable : unit.environment) fuzz::must(!variable.name.empty());
  host::timer_target("a.timer", twice);
  host::resolve_specifiers(text, "a@b.service");
  host::parse_unit_name(text);
  return 0;
}
