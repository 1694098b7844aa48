#include "pdp/decision_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::pdp {
namespace {

std::int64_t micros(std::chrono::nanoseconds span) {
  return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
}

std::string errors_of(Decision const& decision) {
  std::string out;
  for (auto const& [policy, message] : decision.errors)
    out += (out.empty() ? "" : "; ") + (policy.empty() ? "" : policy + ": ") + message;
  return out;
}

Json result_of(Decision const& decision) {
  Json::Array reasons, obligations;
  for (auto const& id : decision.reasons) reasons.emplace_back(id);
  for (auto const& each : decision.obligations)
    obligations.push_back(Json().add("id", each.id).add("type", each.type));
  Json out;
  out.add("allow", decision.permit).add("cause", name(decision.cause));
  out.add("reasons", std::move(reasons));
  if (!obligations.empty()) out.add("obligations", std::move(obligations));
  return out;
}

Json actors_of(std::vector<Actor> const& chain) {
  Json::Array out;
  for (auto const& [kind, id] : chain) out.push_back(Json().add("kind", kind).add("id", id));
  return out;
}

std::string address_of(Request const& request) {
  auto const* source = request.context.find("source");
  return source ? source->text_at("ip") : "";
}

}  // namespace

Decided decide(Engine const& engine, Request request, Instant now, std::string_view random) {
  Decided out{.id = crypto::to_hex(random), .at = now, .engine = std::string(engine.kind())};
  auto const begin = std::chrono::steady_clock::now();
  out.decision = engine.decide(request);
  out.latency = std::chrono::steady_clock::now() - begin;
  out.request = std::move(request);
  return out;
}

std::string input_digest(Request const& request) {
  return "sha256:" + crypto::to_hex(crypto::bytes_of(crypto::sha256(canonical(request))));
}

std::vector<std::pair<std::string, std::string>> audit_details(Decided const& decided) {
  auto const& decision = decided.decision;
  std::vector<std::pair<std::string, std::string>> out;
  auto const add = [&](std::string key, std::string value) {
    if (!value.empty()) out.emplace_back(std::move(key), std::move(value));
  };
  add("decision", decided.id);
  add("input", input_digest(decided.request));
  add("policy", decision.version);
  add("cause", std::string(name(decision.cause)));
  add("reasons", join(decision.reasons, ", "));
  add("errors", errors_of(decision));
  add("latency_us", std::to_string(micros(decided.latency)));
  return out;
}

Json opa_event(Decided const& decided) {
  Json out, bundles;
  bundles.add("reeve", Json().add("revision", decided.decision.version));
  out.add("labels", Json().add("app", "reeve").add("engine", decided.engine));
  out.add("decision_id", decided.id).add("bundles", std::move(bundles));
  out.add("path", "reeve/authz").add("input", to_json(decided.request));
  out.add("result", result_of(decided.decision));
  if (auto const ip = address_of(decided.request); !ip.empty()) out.add("requested_by", ip);
  out.add("timestamp", rfc3339(decided.at));
  out.add("metrics", Json().add("timer_server_handler_ns", decided.latency.count()));
  if (!decided.request_id.empty()) out.add("req_id", decided.request_id);
  if (auto const errors = errors_of(decided.decision); !errors.empty()) out.add("error", errors);
  return out.add("actors", actors_of(decided.chain));
}

bool is_sampled(Decided const& decided, std::uint64_t sample) {
  if (!decided.decision.permit || !decided.decision.errors.empty()) return true;
  if (sample == 0) return false;
  // The id is random already: any part of it is a fair die.
  std::uint64_t die = 0;
  for (char const c : decided.id.substr(0, 15))
    die = die * 16 + static_cast<std::uint64_t>(hex_digit(c));
  return die % sample == 0;
}

Result<std::unique_ptr<DecisionFile>> DecisionFile::open(std::string path,
                                                         std::uint64_t bytes_max) {
  std::unique_ptr<DecisionFile> out(new DecisionFile(std::move(path), bytes_max));
  TRY(out->reopen());
  return out;
}

DecisionFile::~DecisionFile() {
  if (file_ >= 0) ::close(file_);
}

Result<> DecisionFile::reopen() {
  if (file_ >= 0) ::close(file_);
  constexpr mode_t mode = 0600;
  file_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);
  if (file_ < 0) return system_error(errno, "open " + path_);
  struct stat about{};
  if (::fstat(file_, &about) != 0) return system_error(errno, "look at " + path_);
  bytes_ = static_cast<std::uint64_t>(about.st_size);
  return {};
}

// A line begins with a line end: so one that a kill or a full disk cut does not swallow the next.
Result<> DecisionFile::append(Json const& event) {
  auto const line = "\n" + to_json(event);
  std::scoped_lock const hold(writing_);
  if (bytes_ > 0 && bytes_ + line.size() > bytes_max_) {
    if (::rename(path_.c_str(), (path_ + ".1").c_str()) != 0)
      return system_error(errno, "put " + path_ + " aside");
    TRY(reopen());
  }
  auto const written = ::write(file_, line.data(), line.size());
  if (written < 0) return system_error(errno, "write " + path_);
  bytes_ += static_cast<std::uint64_t>(written);
  if (static_cast<std::size_t>(written) == line.size()) return {};
  return fail(Errc::unavailable, "the disk took a part only: " + path_);
}

Result<std::vector<Json>> read_events(std::string const& path, std::size_t count_max) {
  constexpr std::size_t bytes_max = 1u << 30;
  std::vector<Json> out;
  auto const text = read_file(path, bytes_max);
  if (!text && text.error().code() == Errc::not_found) return out;
  if (!text) return std::unexpected(text.error());
  auto const lines = split(*text, '\n');
  for (auto line = lines.rbegin(); line != lines.rend() && out.size() < count_max; ++line) {
    if (line->empty()) continue;
    if (auto event = parse_json(*line); event && event->object()) out.push_back(*std::move(event));
  }
  std::ranges::reverse(out);
  return out;
}

}  // namespace reeve::pdp
