// `reeve serve`: the API on a unix socket for this user and on loopback for others, until a signal.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/file.hpp"
#include "base/metrics.hpp"
#include "base/text.hpp"
#include "cli/verbs.hpp"
#include "crypto/key_file.hpp"
#include "crypto/random.hpp"
#include "net/http.hpp"
#include "net/operate.hpp"
#include "server/api.hpp"
#include "server/gate.hpp"
#include "server/service.hpp"

namespace reeve::cli {
namespace {

struct Listen {
  std::string address;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8443", "[::1]:0".
Result<Listen> parse_listen(std::string_view text) {
  auto const colon = text.rfind(':');
  auto const json =
      colon == text.npos ? fail(Errc::invalid, "") : parse_json(text.substr(colon + 1));
  auto const* port = json ? json->integer() : nullptr;
  if (!port || *port < 0 || *port > 65535)
    return fail(Errc::invalid, "--listen is ADDRESS:PORT, not " + std::string(text));
  auto address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  return Listen{std::string(address), static_cast<std::uint16_t>(*port)};
}

/// Blocks SIGINT, SIGTERM and SIGHUP for every thread made from now on, so that one can wait for
/// them.
sigset_t blocked_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

net::Response route(server::Api& api, Metrics const& metrics, net::Call& call) {
  auto const path = call.head().path;
  if (path == "/healthz") return net::healthz();
  if (path == "/metrics") return net::metrics_page(metrics);
  if (path == "/readyz") {
    net::ReadyCheck const checks[] = {{"store", [&api]() -> Result<> {
                                         auto const db = TRY(api.service.inventory().reader());
                                         (void)TRY(sql::integer(*db, "select 1", {}));
                                         return {};
                                       }}};
    return net::readyz(call, checks);
  }
  return server::serve(api, call);
}

void access_log(net::Finished const& call) {
  fmt::print(stderr, "{} {} {} {} {}\n", call.request_id, printable(call.method),
             printable(call.path), call.status, call.peer.address);
}

/// What was complained of before is not said again until it changes.
void refresh(server::Service& service, std::vector<std::string>& told) {
  auto complaints = service.refresh();
  for (auto const& what : complaints)
    if (std::ranges::find(told, what) == told.end()) fmt::print(stderr, "{}\n", printable(what));
  told = std::move(complaints);
}

void reload(net::Server& server, net::TlsFiles const& files) {
  if (files.key.empty()) return;
  auto const tls = net::read_tls(files);
  auto const done = tls ? server.reload(*tls) : Result<>(std::unexpected(tls.error()));
  if (!done)
    fmt::print(stderr, "the certificate stays as it was: {}\n",
               printable(done.error().to_string()));
}

/// SIGHUP reads the certificate anew, as whoever renews one sends; others end the waiting. Policies
/// and MaxMind files are looked at then, and every ten seconds.
void wait_for_end(sigset_t const& signals, net::Server& server, net::TlsFiles const& files,
                  server::Service& service) {
  constexpr timespec pause{.tv_sec = 10, .tv_nsec = 0};
  std::vector<std::string> told;
  for (;;) {
    int const signal = ::sigtimedwait(&signals, nullptr, &pause);
    if (signal < 0 && errno != EAGAIN && errno != EINTR) return;
    if (signal > 0 && signal != SIGHUP) return;
    if (signal == SIGHUP) reload(server, files);
    refresh(service, told);
  }
}

}  // namespace

Result<Exit> serve(Context const& context, std::string const& listen) {
  auto const at = TRY(parse_listen(listen.empty() ? context.config.text("listen") : listen));
  net::TlsFiles const files{context.config.text("tls.certificate"), context.config.text("tls.key"),
                            context.config.text("tls.client_ca")};
  auto const places = TRY(server::places_of(context.store, context.environment));
  if (TRY(socket_backend(places.socket())))
    return fail(Errc::conflict,
                "a server runs on this store already: its socket is " + places.socket());
  auto const signals = blocked_signals();
  auto const service = TRY(open_service(context));
  auto const gate = server::make_gate(*service);
  auto const bootstrap = TRY(server::bootstrap(*service));
  server::Api api{*service, *gate, service->engine()};
  Metrics metrics;
  net::ServerOptions options{.address = at.address, .port = at.port, .unix_path = places.socket()};
  options.threads = 2;
  if (!files.key.empty()) options.tls = TRY_DURING(net::read_tls(files), "read the certificate");
  net::Hooks hooks;
  if (!context.quiet) hooks.call = access_log;
  options.hooks = net::measure(metrics, std::move(hooks));
  auto const server = TRY(net::start_server(
      std::move(options), [&api, &metrics](net::Call& call) { return route(api, metrics, call); }));
  fmt::print(stderr, "serving on {}://{}:{} and {}\n", files.key.empty() ? "http" : "https",
             at.address, server->port(), places.socket());
  if (!bootstrap.empty())
    fmt::print(stderr,
               "first start: this token is an owner's, is shown once and ends in an hour:\n  {}\n",
               bootstrap.reveal());
  wait_for_end(signals, *server, files, *service);
  server->stop(std::chrono::seconds(10));
  service->wait_until_idle();
  return Exit::done;
}

}  // namespace reeve::cli
