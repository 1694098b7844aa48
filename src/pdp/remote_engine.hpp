// Decision points elsewhere, asked over HTTP: Open Policy Agent and whatever speaks AuthZEN.
//
// Only a clear answer permits. A connection that fails or hangs, a status that is not 2xx, a body
// that is no JSON, an undefined document, a decision that is no boolean, an obligation that cannot
// be read: each is a denial of cause `failed` that says what happened, and never an error, so that
// whoever enforces has one way only to go on.
//
// What is asked is the same for every engine, in AuthZEN's form. The answer's reasons are text of
// strangers: so many, so long, printable.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "pdp/engine.hpp"

namespace reeve::net {
class Client;
}

namespace reeve::pdp {

struct Remote {
  std::string url;  ///< OPA: of the document, …/v1/data/PATH. AuthZEN: the base, without /access.
  Secret token;     ///< Bearer; empty: none is sent.
  std::chrono::milliseconds timeout{2000};  ///< Of one decision, connecting included.
};

/// `POST url {"input": …}`: `result` true permits, or an object whose `allow` or `decision` is.
/// (OPA 1.x, REST API, "Get a Document with Input".) An undefined document has no `result`.
std::unique_ptr<Engine> make_opa_engine(std::unique_ptr<net::Client> client, Remote remote);
/// `POST url/access/v1/evaluation` (Authorization API 1.0, section 6).
std::unique_ptr<Engine> make_authzen_engine(std::unique_ptr<net::Client> client, Remote remote);

/// The body of an answer as a decision; pure.
Decision read_opa_answer(std::string_view body);
Decision read_authzen_answer(std::string_view body);

}  // namespace reeve::pdp
