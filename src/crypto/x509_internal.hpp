#pragma once

// For the files of this module that get certificates from OpenSSL as objects.

#include "base/result.hpp"
#include "crypto/x509.hpp"

struct x509_st;

namespace reeve::crypto {

/// Its description. Errors: corrupt.
Result<Certificate> describe_certificate(x509_st* certificate);

}  // namespace reeve::crypto
