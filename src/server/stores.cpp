#include "server/stores.hpp"

#include "pdp/policies.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "inventory/decisions.hpp"
#include "inventory/inventory.hpp"
#include "remedy/journal.hpp"
#include "server/gate.hpp"
#include "server/replay.hpp"

namespace reeve::server {
namespace {

constexpr std::string_view sqlite = "sqlite://";

Result<std::string> state_home(connect::Environment const& environment) {
  if (auto const xdg = environment("XDG_STATE_HOME"); xdg && !xdg->empty()) return *xdg + "/reeve";
  if (auto const home = environment("HOME"); home && !home->empty())
    return *home + "/.local/state/reeve";
  return fail(Errc::invalid,
              "neither XDG_STATE_HOME nor HOME is set: say where the store is with --store URL");
}

std::string with_schema(std::string_view url, std::string_view schema) {
  auto const sign = url.find('?') == url.npos ? "?" : "&";
  return std::string(url) + sign + "schema=" + std::string(schema);
}

Places beside(std::string const& file) {
  auto stem = file;
  if (stem.ends_with(".db")) stem.resize(stem.size() - 3);
  return {.state_url = std::string(sqlite) + file,
          .inventory_url = std::string(sqlite) + stem + ".inventory.db",
          .folder = stem + ".d"};
}

}  // namespace

Result<Places> places_of(std::string_view store, connect::Environment const& environment) {
  if (store.empty()) return beside(TRY(state_home(environment)) + "/reeve.db");
  if (store.starts_with(sqlite)) {
    std::string file(store.substr(sqlite.size()));
    if (file.empty() || file.starts_with(':'))
      return fail(Errc::invalid,
                  "a store is a file: sqlite:///path/reeve.db or sqlite://./look.db");
    return beside(std::filesystem::absolute(file).lexically_normal().string());
  }
  if (store.starts_with("postgres://") || store.starts_with("postgresql://")) {
    auto const home = TRY(state_home(environment));
    return Places{with_schema(store, "reeve_state"), with_schema(store, "reeve_inventory"),
                  home + "/reeve.d"};
  }
  return fail(Errc::invalid, "a store begins with sqlite:// or postgres://");
}

Result<Stores> open_stores(Places const& places) {
  TRY_DURING(make_private_folder(places.folder), "prepare the store");
  Stores out;
  out.state =
      TRY_DURING(sql::Store::open(places.state_url, sql::Durability::durable), "open the store");
  out.inventory = TRY_DURING(sql::Store::open(places.inventory_url, sql::Durability::rebuildable),
                             "open the inventory");
  auto const state = TRY(out.state->writer());
  TRY(inventory::create_state(*state));
  TRY(create_tokens(*state));
  TRY(pdp::create_policies(*state));
  TRY(create_replays(*state));
  TRY(remedy::create_plans(*state));
  auto const inventory = TRY(out.inventory->writer());
  TRY(inventory::create_schema(*inventory));
  return out;
}

}  // namespace reeve::server
