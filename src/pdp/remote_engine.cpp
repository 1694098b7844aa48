#include "pdp/remote_engine.hpp"

#include "base/text.hpp"
#include "net/client.hpp"
#include "pdp/obligation.hpp"

namespace reeve::pdp {
namespace {

constexpr std::size_t body_bytes_max = 1u << 20, list_max = 100, text_bytes_max = 200;

std::string short_text(std::string_view text) {
  return clean_utf8(printable(text.substr(0, text_bytes_max)));
}

/// The texts of a list, or the one text.
std::vector<std::string> texts_of(Json const* json) {
  std::vector<std::string> out;
  if (!json) return out;
  if (json->text()) out.push_back(short_text(*json->text()));
  if (!json->array()) return out;
  for (auto const& item : *json->array()) {
    if (out.size() == list_max) break;
    if (item.text()) out.push_back(short_text(*item.text()));
  }
  return out;
}

Result<std::vector<Obligation>> obligations_in(Json const* json) {
  std::vector<Obligation> out;
  if (!json || json->is_null()) return out;
  if (!json->array()) return fail(Errc::corrupt, "obligations are no list");
  if (json->array()->size() > list_max)
    return fail(Errc::corrupt, "there are too many obligations");
  for (auto const& item : *json->array()) out.push_back(TRY(obligation_from_json(item)));
  return out;
}

/// `told` with what stands beside it in `extra` (null: nothing).
Result<Decision> decision_with(bool told, Json const* extra) {
  Decision out{.permit = told, .cause = told ? Cause::permitted : Cause::not_permitted};
  out.text = told ? "permitted elsewhere" : "not permitted elsewhere";
  if (!extra) return out;
  out.reasons = texts_of(extra->find("reasons"));
  if (out.reasons.empty()) out.reasons = texts_of(extra->find("reason"));
  if (!out.reasons.empty()) out.text += ": " + out.reasons.front();
  out.obligations = TRY(obligations_in(extra->find("obligations")));
  return out;
}

/// The one boolean that decides. Errors: corrupt (none, or two that differ).
Result<Json const*> verdict_in(Json const& object) {
  auto const *allow = object.find("allow"), *decision = object.find("decision");
  auto const* out = allow ? allow : decision;
  if (!out) return fail(Errc::corrupt, "the result has neither allow nor decision");
  if (!out->boolean()) return fail(Errc::corrupt, "the decision is no boolean");
  if (allow && decision && !(*allow == *decision))
    return fail(Errc::corrupt, "allow and decision differ");
  return out;
}

Result<Decision> opa_decision(std::string_view body) {
  auto const json = TRY(parse_json(body, {.bytes_max = body_bytes_max}));
  auto const* result = json.find("result");
  if (!result) return fail(Errc::corrupt, "the document is undefined");
  if (result->boolean()) return decision_with(*result->boolean(), nullptr);
  if (!result->object()) return fail(Errc::corrupt, "the result is no boolean");
  auto const* verdict = TRY(verdict_in(*result));
  return decision_with(*verdict->boolean(), result);
}

Result<Decision> authzen_decision(std::string_view body) {
  auto const json = TRY(parse_json(body, {.bytes_max = body_bytes_max}));
  auto const* decision = json.find("decision");
  if (!decision || !decision->boolean()) return fail(Errc::corrupt, "the decision is no boolean");
  auto const* context = json.find("context");
  if (context && !context->is_null() && !context->object())
    return fail(Errc::corrupt, "the context is no object");
  return decision_with(*decision->boolean(), context && context->object() ? context : nullptr);
}

Decision settled(Result<Decision> decision) {
  if (decision) return *std::move(decision);
  return failed("no decision in the answer: " + std::string(decision.error().message()));
}

class RemoteEngine final : public Engine {
 public:
  using Write = Json (*)(Request const& request);
  using Read = Decision (*)(std::string_view body);
  struct Dialect {
    std::string_view kind, path;
    Write write;
    Read read;
  };

  RemoteEngine(Dialect const& dialect, std::unique_ptr<net::Client> client, Remote remote)
      : dialect_(dialect), client_(std::move(client)), remote_(std::move(remote)) {}
  std::string_view kind() const override { return dialect_.kind; }

 private:
  Decision do_decide(Request const& request) const override {
    auto const sent = client_->send(to_send(request));
    auto const reply = sent ? net::accepted(*sent) : sent;
    if (!reply) return failed("nobody could be asked: " + reply.error().to_string());
    return dialect_.read(reply->body);
  }

  net::Request to_send(Request const& request) const {
    net::Request out{.method = "POST", .url = remote_.url + std::string(dialect_.path)};
    out.fields = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (!remote_.token.empty()) {
      auto bearer = "Bearer " + std::string(remote_.token.reveal());
      out.secret_fields.emplace_back("Authorization", Secret::take(bearer));
    }
    out.body = to_json(dialect_.write(request));
    out.deadline = net::in(remote_.timeout);
    out.stall = remote_.timeout;
    out.bytes_max = body_bytes_max;
    return out;
  }

  Dialect dialect_;
  std::unique_ptr<net::Client> client_;
  Remote remote_;
};

Json opa_question(Request const& request) {
  return Json().add("input", to_json(request));
}
Json authzen_question(Request const& request) {
  return to_json(request);
}

}  // namespace

Decision read_opa_answer(std::string_view body) {
  return settled(opa_decision(body));
}
Decision read_authzen_answer(std::string_view body) {
  return settled(authzen_decision(body));
}

std::unique_ptr<Engine> make_opa_engine(std::unique_ptr<net::Client> client, Remote remote) {
  return std::make_unique<RemoteEngine>(
      RemoteEngine::Dialect{"opa-rest", "", opa_question, read_opa_answer}, std::move(client),
      std::move(remote));
}
std::unique_ptr<Engine> make_authzen_engine(std::unique_ptr<net::Client> client, Remote remote) {
  return std::make_unique<RemoteEngine>(
      RemoteEngine::Dialect{"authzen", "/access/v1/evaluation", authzen_question,
                            read_authzen_answer},
      std::move(client), std::move(remote));
}

}  // namespace reeve::pdp
