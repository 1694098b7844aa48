#include "pdp/remote_engine.hpp"

#include <doctest/doctest.h>

#include "net/client.hpp"
#include "net/http.hpp"
#include "net/mailbox.hpp"

namespace reeve::pdp {
namespace {

using namespace std::chrono_literals;

Request question() {
  return {.subject = {"user", "ann"}, .action = "view", .resource = {"record", "1"}};
}

TEST_CASE("remote: only a clear answer of OPA permits") {
  struct Case {
    std::string_view body, says;
    bool permit = false;
  };
  Case const cases[] = {
      {R"({"result":true})", "permitted elsewhere", true},
      {R"({"result":false})", "not permitted elsewhere"},
      {R"({"result":{"allow":true,"reasons":["owner"]}})", "permitted elsewhere: owner", true},
      {R"({"result":{"decision":true}})", "permitted elsewhere", true},
      {R"({"result":{"allow":false,"reason":"night"}})", "not permitted elsewhere: night"},
      {R"({})", "undefined"},
      {R"({"decision_id":"1"})", "undefined"},
      {R"({"result":null})", "no boolean"},
      {R"({"result":"true"})", "no boolean"},
      {R"({"result":1})", "no boolean"},
      {R"({"result":[true]})", "no boolean"},
      {R"({"result":{}})", "neither allow nor decision"},
      {R"({"result":{"allow":"yes"}})", "no boolean"},
      {R"({"result":{"allow":true,"decision":false}})", "differ"},
      {R"({"result":{"allow":true,"obligations":{}}})", "no list"},
      {R"({"result":{"allow":true,"obligations":[{"id":"1"}]}})", "with a type"},
      {R"({"result":true,"result":true})", "no decision"},
      {R"([true])", "undefined"},
      {"true", "undefined"},
      {"", "no decision"},
      {"<html>permit</html>", "no decision"},
  };
  for (auto const& [body, says, permit] : cases) {
    CAPTURE(body);
    auto const decision = read_opa_answer(body);
    CAPTURE(decision.text);
    CHECK(decision.permit == permit);
    CHECK(decision.text.contains(says));
  }
}

TEST_CASE("remote: only a clear answer of an AuthZEN decision point permits") {
  struct Case {
    std::string_view body;
    bool permit = false;
    std::size_t obligations = 0;
  };
  Case const cases[] = {
      {R"({"decision":true})", true},
      {R"({"decision":true,"context":null})", true},
      {R"({"decision":true,"context":{"obligations":[{"id":"a","type":"step-up"}]}})", true, 1},
      {R"({"decision":false,"context":{"obligations":[{"id":"a","type":"notification"}]}})", false,
       1},
      {R"({"decision":true,"context":{"obligations":[7]}})"},
      {R"({"decision":true,"context":{"obligations":[{"type":"a","properties":1}]}})"},
      {R"({"decision":true,"context":"fine"})"},
      {R"({"decision":"true"})"},
      {R"({"decision":1})"},
      {R"({"decision":null})"},
      {R"({"evaluations":[{"decision":true}]})"},
      {R"({})"},
      {R"({"decision":true)"},
  };
  for (auto const& c : cases) {
    CAPTURE(c.body);
    auto const decision = read_authzen_answer(c.body);
    CHECK(decision.permit == c.permit);
    CHECK(decision.obligations.size() == c.obligations);
    CHECK_FALSE(decision.text.empty());
  }
}

/// A decision point with one handler, and an engine that asks it.
struct Peer {
  std::unique_ptr<net::Server> server;
  std::unique_ptr<Engine> engine;

  explicit Peer(net::Handler handler, std::chrono::milliseconds timeout = 5s) {
    auto started = net::start_server({}, std::move(handler));
    REQUIRE(started.has_value());
    server = *std::move(started);
    auto client = net::make_client({.plain_http = true, .proxy = net::ProxySettings()});
    REQUIRE(client.has_value());
    Remote remote{.url = "http://127.0.0.1:" + std::to_string(server->port()),
                  .token = Secret("canary-token"),
                  .timeout = timeout};
    engine = make_authzen_engine(*std::move(client), std::move(remote));
  }
};

TEST_CASE("remote: the question is AuthZEN's, with the token, and the answer decides") {
  std::string seen, bearer;
  Peer const peer([&](net::Call& call) {
    bearer = call.head().find("Authorization").value_or("");
    seen = std::string(call.head().path) + " " + call.body(10'000).value_or("");
    return net::Response{.body = R"({"decision":true,"context":{"reasons":["owner"]}})"};
  });
  auto const decision = peer.engine->decide(question());
  CHECK(decision.permit);
  CHECK(decision.reasons == std::vector<std::string>{"owner"});
  CHECK(bearer == "Bearer canary-token");
  CHECK(seen ==
        R"(/access/v1/evaluation {"subject":{"type":"user","id":"ann"},"action":{"name":"view"},)"
        R"("resource":{"type":"record","id":"1"},"context":{}})");
}

TEST_CASE("remote: a status that is no success is a denial, whatever the body says") {
  for (int const status : {204, 301, 302, 400, 401, 403, 404, 429, 500, 503}) {
    CAPTURE(status);
    Peer const peer([status](net::Call&) {
      net::Response out{.status = status, .body = R"({"decision":true})"};
      out.fields.emplace_back("Location", "https://example.com/");
      if (status == 204) out = {.status = 204, .content_type = "", .body = ""};
      return out;
    });
    auto const decision = peer.engine->decide(question());
    CHECK_FALSE(decision.permit);
    CHECK(decision.cause == Cause::failed);
    CHECK_FALSE(decision.text.contains("canary"));
  }
}

TEST_CASE("remote: one that hangs is a denial when the time is over") {
  Peer const peer(
      [](net::Call& call) {
        net::Bell never;
        static_cast<void>(call.wait(never, net::in(30s)));
        return net::Response{.body = R"({"decision":true})"};
      },
      100ms);
  auto const begun = std::chrono::steady_clock::now();
  auto const decision = peer.engine->decide(question());
  CHECK_FALSE(decision.permit);
  CHECK(decision.text.contains("timeout"));
  CHECK(std::chrono::steady_clock::now() - begun < 10s);
}

TEST_CASE("remote: one that ends in the middle, says too much, or is not there is a denial") {
  Peer const cut([](net::Call&) {
    return net::Response{.body = [](net::Writer& out) -> Result<> {
      TRY(out.write(R"({"decision":true)"));
      return fail(Errc::unavailable, "cut");
    }};
  });
  CHECK_FALSE(cut.engine->decide(question()).permit);
  Peer const endless([](net::Call&) {
    return net::Response{.body =
                             R"({"decision":true,"more":")" + std::string(2 << 20, 'x') + "\"}"};
  });
  CHECK_FALSE(endless.engine->decide(question()).permit);
  Peer gone([](net::Call&) { return net::Response{.body = R"({"decision":true})"}; });
  CHECK(gone.engine->decide(question()).permit);
  gone.server->stop(0ms);
  auto const decision = gone.engine->decide(question());
  CHECK_FALSE(decision.permit);
  CHECK(decision.text.contains("unavailable"));
}

}  // namespace
}  // namespace reeve::pdp
