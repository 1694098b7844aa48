// The explicit list: a connector that is not named here is not in the program.

#include "connectors.hpp"

#include "base/clock.hpp"
#include "connectors/host/changer_host.hpp"
#include "connectors/host/host.hpp"
#include "connectors/host/secrets_rows.hpp"
#include "connectors/ldap/ldap.hpp"
#include "connectors/people/people.hpp"
#include "connectors/postgres/postgres.hpp"
#include "connectors/x509/x509.hpp"

namespace reeve {
namespace {

/// A hash somebody keeps as a verifier must not join with the same text used as a value.
connect::Fingerprint of_verifiers(connect::Fingerprint const& values) {
  return
      [values](std::string_view verifier) { return values("verifier\n" + std::string(verifier)); };
}

Result<std::unique_ptr<connect::Connector>> make_host(std::string source,
                                                      connect::Settings const& settings,
                                                      connect::Fingerprint const& fingerprint) {
  connect::HostOptions options;
  options.now = system_now;
  options.verifier_fingerprint = of_verifiers(fingerprint);
  options.more = [fingerprint](host::Tree& tree) {
    return host::secret_families(tree, fingerprint);
  };
  return connect::open_host(std::move(source), settings, std::move(options));
}

}  // namespace

std::vector<connect::Kind> connectors() {
  return {{connect::host_info(), make_host, connect::open_host_changer},
          connect::ldap_kind(),
          connect::people_kind(),
          connect::postgres_kind(),
          connect::x509_kind()};
}

}  // namespace reeve
