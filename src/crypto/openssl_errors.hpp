#pragma once

// OpenSSL keeps a queue of errors per thread. Bytes we try to read and cannot leave entries there,
// and the next TLS call of this thread would take them for its own. A `KeepErrorsOut` at the start
// of a function that may fail drops what was added since, and nothing older.

namespace reeve::crypto {

class KeepErrorsOut {
 public:
  KeepErrorsOut();
  KeepErrorsOut(KeepErrorsOut const&) = delete;
  KeepErrorsOut& operator=(KeepErrorsOut const&) = delete;
  ~KeepErrorsOut();
};

}  // namespace reeve::crypto
