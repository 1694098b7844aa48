#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "cli/cli.hpp"
#include "connectors.hpp"

namespace {

/// Secrets pass through our memory: no core dump, no reading it by others of the same user.
void keep_memory_private() {
  rlimit const none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory_private();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of a write
  auto const kinds = reeve::connectors();
  return reeve::cli::run(argc, argv, kinds);
}
