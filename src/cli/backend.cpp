#include "cli/backend.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "base/file.hpp"
#include "net/client.hpp"
#include "net/mailbox.hpp"
#include "server/api.hpp"

namespace reeve::cli {
namespace {

/// What a problem says, as the error it was.
Error error_of(std::string const& body, int status) {
  auto const json = parse_json(body);
  auto const code = json ? json->text_at("code") : "";
  auto detail = json ? json->text_at("detail") : "";
  if (detail.empty()) detail = "the server answered " + std::to_string(status);
  for (auto at = Errc::invalid; at <= Errc::internal; at = Errc(int(at) + 1))
    if (describe(at).name == code) {
      auto const mark = " [" + code + "]";
      if (detail.ends_with(mark)) detail.resize(detail.size() - mark.size());
      return {at, detail};
    }
  return {Errc::internal, detail};
}

/// Takes a text/event-stream apart, piece by piece.
class Events {
 public:
  explicit Events(Backend::Progress const& progress) : progress_(progress) {}

  Result<> take(std::string_view piece) {
    buffer_ += piece;
    for (auto end = buffer_.find("\n\n"); end != buffer_.npos; end = buffer_.find("\n\n")) {
      TRY(event(std::string_view(buffer_).substr(0, end)));
      buffer_.erase(0, end + 2);
    }
    return {};
  }
  Result<Json> result() && {
    if (problem_) return std::unexpected(*std::move(problem_));
    if (!result_) return fail(Errc::unavailable, "the answer ended before its result");
    return *std::move(result_);
  }

 private:
  Result<> event(std::string_view text) {
    constexpr std::string_view name_field = "event: ", data_field = "data: ";
    if (!text.starts_with(name_field)) return {};
    auto const line = text.find('\n');
    auto const name = text.substr(name_field.size(), line - name_field.size());
    auto const data = text.substr(std::min(text.size(), line + 1 + data_field.size()));
    auto json = TRY_DURING(parse_json(data), "read an event");
    if (name == "progress" && progress_) progress_(json);
    if (name == "result") result_ = std::move(json);
    if (name == "problem") problem_ = error_of(std::string(data), 500);
    return {};
  }

  Backend::Progress const& progress_;
  std::string buffer_;
  std::optional<Json> result_;
  std::optional<Error> problem_;
};

/// A call that never left the process.
class LocalCall final : public net::Call {
 public:
  LocalCall(std::string method, std::string target, std::string body)
      : method_(std::move(method)), target_(std::move(target)), body_(std::move(body)) {
    auto const all = std::string_view(target_);
    auto const mark = all.find('?');
    head_ = {.method = method_,
             .path = all.substr(0, mark),
             .query = mark == all.npos ? "" : all.substr(mark + 1),
             .fields = {}};
    if (!body_.empty()) head_.fields.push_back({"Content-Type", "application/json"});
    unread_ = body_;
    peer_.address = "local";
    peer_.uid = ::getuid();
  }

  net::Head const& head() const override { return head_; }
  net::Peer const& peer() const override { return peer_; }
  std::string_view request_id() const override { return "local"; }
  Result<std::string_view> read() override { return std::exchange(unread_, {}); }
  bool cancelled() override { return false; }
  void set_deadline(net::Deadline) override {}
  // There is no loop here to wake us: looks again every few milliseconds.
  Result<net::Woken> wait(net::Bell& bell, net::Deadline until) override {
    while (!bell.take_or_tell(nullptr)) {
      if (std::chrono::steady_clock::now() >= until) return net::Woken::time;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return net::Woken::bell;
  }

 private:
  void run_blocking(std::function<void()> const& work) override { work(); }

  std::string method_, target_, body_;
  net::Head head_;
  net::Peer peer_;
  std::string_view unread_;
};

class LocalGate final : public server::Gate {
 public:
  Result<server::Caller> caller(net::Call&) override {
    return server::Caller{.id = "local:" + std::to_string(::getuid()),
                          .role = "owner",
                          .proof = server::proof_by_socket};
  }
};

struct SinkWriter final : net::Writer {
  std::function<Result<>(std::string_view)> sink;
  Result<> write(std::string_view bytes) override { return sink(bytes); }
};

class Local final : public Backend {
 public:
  explicit Local(std::unique_ptr<server::Service> service)
      : service_(std::move(service)), api_{*service_, gate_, service_->engine()} {}

  bool remote() const override { return false; }
  server::Service& service() { return *service_; }

 private:
  Result<Answer> send(std::string const& method, std::string const& target, std::string const& body,
                      Sink const& sink) override {
    LocalCall call(method, target, body);
    auto response = server::serve(api_, call);
    Answer out{.status = response.status};
    if (auto* produce = std::get_if<net::Producer>(&response.body)) {
      SinkWriter writer;
      writer.sink = [&](std::string_view piece) -> Result<> {
        if (sink) return sink(piece);
        out.body += piece;
        return {};
      };
      TRY((*produce)(writer));
    } else {
      out.body = response.text();
    }
    return out;
  }

  std::unique_ptr<server::Service> service_;
  LocalGate gate_;
  server::Api api_;
};

class Socket final : public Backend {
 public:
  explicit Socket(std::unique_ptr<net::Client> client) : client_(std::move(client)) {}
  bool remote() const override { return true; }

 private:
  Result<Answer> send(std::string const& method, std::string const& target, std::string const& body,
                      Sink const& sink) override {
    net::Request request{.method = method, .url = "http://reeve" + target, .body = body};
    if (!body.empty()) request.fields.emplace_back("Content-Type", "application/json");
    request.deadline = net::in(std::chrono::hours(2));
    constexpr std::size_t gigabyte = 1u << 30;
    request.bytes_max = gigabyte;
    auto reply = sink ? TRY(client_->stream(request, sink)) : TRY(client_->send(request));
    return Answer{reply.status, std::move(reply.body)};
  }

  std::unique_ptr<net::Client> client_;
};

/// Somebody accepts connections there.
Result<bool> listens(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  int const descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return system_error(errno, "make a socket");
  int const code =
      ::connect(descriptor, reinterpret_cast<sockaddr const*>(&address), sizeof address);
  int const why = errno;
  ::close(descriptor);
  if (code == 0) return true;
  if (why == ENOENT || why == ECONNREFUSED || why == ENOTDIR) return false;
  return system_error(why, "reach the server at " + path);
}

}  // namespace

Result<Json> Backend::call(std::string const& method, std::string const& target,
                           std::string const& body) {
  auto const answer = TRY(send(method, target, body, {}));
  if (answer.status >= 300) return std::unexpected(error_of(answer.body, answer.status));
  if (answer.body.empty()) return Result<Json>(std::in_place);
  return parse_json(answer.body, {.bytes_max = std::size_t{1} << 30});
}

Result<Json> Backend::stream(std::string const& target, std::string const& body,
                             Progress const& progress) {
  Events events(progress);
  auto const answer =
      TRY(send("POST", target, body, [&](std::string_view piece) { return events.take(piece); }));
  if (answer.status >= 300) return std::unexpected(error_of(answer.body, answer.status));
  return std::move(events).result();
}

Result<std::string> Backend::text(std::string const& target) {
  auto answer = TRY(send("GET", target, "", {}));
  if (answer.status >= 300) return std::unexpected(error_of(answer.body, answer.status));
  return std::move(answer.body);
}

std::unique_ptr<Backend> local_backend(std::unique_ptr<server::Service> service) {
  return std::make_unique<Local>(std::move(service));
}

Result<std::unique_ptr<Backend>> socket_backend(std::string const& socket) {
  auto const there = TRY(listens(socket));
  if (!there) return nullptr;
  return std::make_unique<Socket>(TRY(net::make_client({.unix_path = socket, .plain_http = true})));
}

server::Service* service_of(Backend& backend) {
  auto* local = dynamic_cast<Local*>(&backend);
  return local ? &local->service() : nullptr;
}

std::string url_escape(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (plain.contains(c))
      out += c;
    else
      out.append(1, '%').append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
  }
  return out;
}

}  // namespace reeve::cli
