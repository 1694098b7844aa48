// How the command line reaches reeve: over the socket of a server that runs on the same store, else
// by the same routes in this process. A verb cannot tell the difference.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "server/service.hpp"

namespace reeve::cli {

class Backend {
 public:
  using Progress = std::function<void(Json const&)>;

  virtual ~Backend() = default;

  /// One call and its JSON answer; `body` empty: none. Errors: what the answer's problem says.
  Result<Json> call(std::string const& method, std::string const& target,
                    std::string const& body = "");
  /// A call whose answer comes as events: `progress` for each, the result at the end.
  Result<Json> stream(std::string const& target, std::string const& body, Progress const& progress);
  /// The body as it is.
  Result<std::string> text(std::string const& target);

  virtual bool remote() const = 0;

 protected:
  using Sink = std::function<Result<>(std::string_view)>;
  struct Answer {
    int status = 0;
    std::string body;  ///< Empty when it went to the sink.
  };

 private:
  virtual Result<Answer> send(std::string const& method, std::string const& target,
                              std::string const& body, Sink const& sink) = 0;
};

/// In this process, as this user, who may everything on a store he can open.
std::unique_ptr<Backend> local_backend(std::unique_ptr<server::Service> service);
/// Null: nobody listens at `socket`. Errors: denied (somebody does, and we may not).
Result<std::unique_ptr<Backend>> socket_backend(std::string const& socket);

/// The service of a local backend; null for a remote one.
server::Service* service_of(Backend& backend);

/// As a query value or path segment.
std::string url_escape(std::string_view text);

}  // namespace reeve::cli
