// cedar_format FILE: the formatted text on standard output; exit 2 when it does not parse.

#include <cstdio>

#include "base/file.hpp"
#include "cedar/format.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: cedar_format FILE\n"), 2;
  auto const text = reeve::read_file(argv[1], 64u << 20);
  if (!text) return std::fprintf(stderr, "%s\n", text.error().to_string().c_str()), 2;
  auto const out = reeve::cedar::format_policies(*text);
  if (!out) return std::fprintf(stderr, "%s\n", out.error().to_string().c_str()), 2;
  std::fwrite(out->data(), 1, out->size(), stdout);
  return 0;
}
