#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "connect/settings.hpp"
#include "sql/store.hpp"

namespace reeve::server {

/// Where everything lies that belongs to one tenant, all derived from one URL:
///   sqlite:///var/lib/reeve/reeve.db     reeve.db (state), reeve.inventory.db, reeve.d/ beside it
///   postgres://reeve@db.example/reeve    schemas reeve_state and reeve_inventory; reeve.d/ in the
///                                        XDG state folder, since keys never lie in a database
struct Places {
  std::string state_url, inventory_url;
  std::string folder;  ///< reeve.d: keys, audit log, socket. Readable by us alone.

  std::string socket() const { return folder + "/reeve.sock"; }
  std::string audit() const { return folder + "/audit"; }
  std::string key(std::string_view name) const { return folder + "/" + std::string(name) + ".key"; }
};

/// `store` empty: sqlite in the XDG state folder ($XDG_STATE_HOME, else ~/.local/state).
/// Errors: invalid (no home to put it in, an unknown scheme).
Result<Places> places_of(std::string_view store, connect::Environment const& environment);

/// Both databases, opened and migrated. Errors: those of sql::Store::open and migrate.
struct Stores {
  std::unique_ptr<sql::Store> state, inventory;
};
Result<Stores> open_stores(Places const& places);

}  // namespace reeve::server
