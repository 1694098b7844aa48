#include <cedar/parser.hpp>
#include <cedar/snapshot.hpp>

int main() {
  using namespace reeve::cedar;
  auto const policies = parse_policies("permit(principal == User::\"alice\", action, resource);");
  auto const snapshot = Snapshot::make(policies.value(), Entities());
  Scratch scratch;
  auto const answer =
      snapshot.value()->decide({"User", "alice", "Action", "read", "File", "f"}, scratch);
  return answer.decision == Decision::allow ? 0 : 1;
}
