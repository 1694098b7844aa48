#pragma once

#include <cstdint>
#include <string>

#include "cli/verbs.hpp"

namespace reeve::cli {

struct AuditOptions {
  std::string folder;  ///< An exported log; empty: that of the store.
  std::string key;     ///< Verifier key; empty: that of the store.
  std::string known;   ///< File with a checkpoint seen before; empty: none.
  std::int64_t from = 0;
  std::int64_t count = -1;  ///< -1: to the end.
  std::string target;       ///< Of an export.
};

/// Offline: needs neither server nor database. Exit 1 when something was tampered with.
Result<Exit> audit_verify(Context const& context, AuditOptions const& options);
Result<Exit> audit_key(Context const& context);
Result<Exit> audit_export(Context const& context, AuditOptions const& options);
Result<Exit> audit_list(Context const& context, AuditOptions const& options);

}  // namespace reeve::cli
