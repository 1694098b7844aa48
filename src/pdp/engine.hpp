// What answers a request: Cedar in this process, or another decision point beside it. Every engine
// gets the same request and gives the same decision, so one can stand in for another, run in the
// shadow of another, or be joined with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "pdp/request.hpp"

namespace reeve::pdp {

struct Domain;

/// Why, told apart because the way to an answer differs: a policy that forbids must change, one
/// that permits may have to be made, and an error is somebody's to mend.
enum class Cause : std::uint8_t { permitted, not_permitted, forbidden, failed };
inline constexpr std::string_view cause_names[] = {"permitted", "not_permitted", "forbidden",
                                                   "failed"};
constexpr std::string_view name(Cause cause) {
  return cause_names[std::size_t(cause)];
}

/// A policy that could not be evaluated, or with an empty `policy` the engine itself.
struct Fault {
  std::string policy, message;  ///< The message may name attributes, never their values.

  bool operator==(Fault const&) const = default;
};

/// What whoever enforces must do besides, on permit and on deny (AuthZEN obligations profile). One
/// that it does not know, or cannot do, makes a permit a deny.
struct Obligation {
  std::string id, type;
  Json properties{Json::Object{}};

  bool operator==(Obligation const&) const = default;
};

struct Decision {
  bool permit = false;  ///< Denied when nothing else is said.
  Cause cause = Cause::failed;
  std::vector<std::string> reasons;  ///< Ids of the policies that decided, sorted.
  std::vector<Fault> errors;
  std::vector<Obligation> obligations;
  std::string version;  ///< Of the policies; empty: the engine has none to name.
  std::string text;     ///< For people and the log; never empty.
  Json explanation;     ///< Of a denial: what was missing, with actual values. Null: not known.
};

/// A denial because of doubt: what cannot be decided is denied.
Decision failed(std::string why, std::string policy = "");

/// Any thread. Never fails. `decide` checks what holds for every engine and hands on to do_decide,
/// which may wait (a remote engine): do not call it where the thread must not be blocked.
class Engine {
 public:
  Engine() = default;
  Engine(Engine const&) = delete;
  Engine& operator=(Engine const&) = delete;
  virtual ~Engine() = default;

  Decision decide(Request const& request) const;
  /// "cedar", "opa-rest", "authzen": for logs and metrics.
  virtual std::string_view kind() const = 0;
  /// What it decides by, when that is Cedar in this process: then one can list what there is to ask
  /// about. Null: it is something else.
  virtual std::shared_ptr<Domain const> domain() const { return nullptr; }

 private:
  virtual Decision do_decide(Request const& request) const = 0;
};

/// The denial as an error that names the action. A permit with an obligation is an error too:
/// whoever calls this knows none. Errors: denied.
Result<> require(Decision const& decision, Request const& request);

}  // namespace reeve::pdp
