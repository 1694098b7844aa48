// Randomness as an object. The predictable one is SHA-256 in counter mode over its seed, so a
// test's keys and tokens are the same on both compilers and all machines.

#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "crypto/hash.hpp"

namespace reeve::crypto {

std::string Random::bytes(std::size_t size) {
  std::string out(size, '\0');
  do_fill(out.data(), size);
  return out;
}

void SystemRandom::do_fill(char* out, std::size_t size) {
  if (RAND_priv_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(out), size, 256) == 1) return;
  std::fputs("reeve: the system gives no randomness\n", stderr);
  std::abort();
}

void PredictableRandom::do_fill(char* out, std::size_t size) {
  while (size > 0) {
    auto const block = sha256(seed_ + "/" + std::to_string(block_++));
    auto const part = std::min(size, block.size());
    std::copy_n(block.begin(), part, out);
    out += part;
    size -= part;
  }
}

}  // namespace reeve::crypto
