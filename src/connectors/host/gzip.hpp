#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace reeve::host {

/// What a gzip file (RFC 1952) holds, of which at most the last `bytes_max` are kept: a log's
/// newest lines. Several members in a row are one text. Errors: invalid: no gzip, damaged, or one
/// that would unpack to more than 1,000 times its size.
Result<std::string> unzip_tail(std::string_view packed, std::size_t bytes_max);

}  // namespace reeve::host
