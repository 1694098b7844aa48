#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"

namespace reeve::crypto {

/// Something in a file that could not be read, while the rest of the file was.
struct Malformed {
  int line = 0;       ///< From 1; 0: the file is no text.
  std::string place;  ///< "block 3", an alias; may be empty.
  std::string why;

  bool operator==(Malformed const&) const = default;
};

/// "-----BEGIN LABEL-----" up to its end. May hold a private key, hence a Secret.
struct PemBlock {
  std::string label;                 ///< "CERTIFICATE".
  std::vector<std::string> headers;  ///< RFC 1421: "Proc-Type: 4,ENCRYPTED".
  Secret der;
  int line = 0;  ///< Of its BEGIN, from 1.
};

struct PemFile {
  std::vector<PemBlock> blocks;
  std::vector<Malformed> malformed;
};

/// The blocks of a text file (RFC 7468 with the laxness of §2: any text around the blocks, any
/// line length and line end, blanks at line ends). A broken block is told and skipped; blocks of
/// more than 1 MiB and more than 5,000 blocks are not read, and told.
PemFile read_pem(std::string_view text);

}  // namespace reeve::crypto
