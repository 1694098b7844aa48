#pragma once

// OpenSSL hands out pointers with a free function of their own. `Owned` pairs the two, so that
// every .cpp of this module says once which function frees what, and no header of ours has to
// include one of theirs:
//
//     using Pkey = Owned<EVP_PKEY, EVP_PKEY_free>;

#include <memory>

namespace reeve::crypto {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <class T, auto Free>
using Owned = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace reeve::crypto
