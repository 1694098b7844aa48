#include "crypto/openssl_errors.hpp"

#include <openssl/err.h>

namespace reeve::crypto {

KeepErrorsOut::KeepErrorsOut() {
  ERR_set_mark();
}
KeepErrorsOut::~KeepErrorsOut() {
  ERR_pop_to_mark();
}

}  // namespace reeve::crypto
