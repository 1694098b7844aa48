#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connect/connector.hpp"
#include "connect/settings.hpp"
#include "connectors/x509/endpoint.hpp"

namespace reeve::x509 {
class Client;
}

namespace reeve::connect {

struct X509Options {
  std::vector<std::string> roots;  ///< Folders, files, patterns; absolute.
  std::vector<x509::Endpoint> endpoints;
  bool authorities = false;  ///< Also certificates of authorities whose key is not here.
  int page_size = 1000;
};

/// Certificates in files, in keystores and on TLS endpoints: each an identity with its credential,
/// a sighting for each place, a consumer for each endpoint that presents it.
std::unique_ptr<Connector> make_x509(std::string source, std::unique_ptr<x509::Client> client,
                                     Fingerprint fingerprint, X509Options options);

Info const& x509_info();
Kind x509_kind();

}  // namespace reeve::connect
