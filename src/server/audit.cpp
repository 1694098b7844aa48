#include "server/audit.hpp"

#include <charconv>
#include <set>

#include "base/crash.hpp"
#include "base/file.hpp"
#include "crypto/key_file.hpp"
#include "crypto/random.hpp"
#include "inventory/run.hpp"
#include "pdp/actions.hpp"
#include "server/question.hpp"
#include "server/service.hpp"
#include "sql/store.hpp"

namespace reeve::server {
namespace {

constexpr std::string_view key_purpose = "audit-checkpoint";
constexpr std::uint64_t page_default = 100, page_max = 1000;
// A run is noted as soon as it is complete, and marked at once; what a kill leaves between the two
// is at the end of the log, but for what other threads noted in that moment.
constexpr std::uint64_t tail = 4096;

audit::VerifierKey verifier_of(crypto::Ed25519Key const& key) {
  return {std::string(audit::default_origin), key.public_key()};
}

Result<crypto::Ed25519Key> signing_key(std::string const& file) {
  crypto::SystemRandom random;
  return crypto::Ed25519Key::load_or_create(file, key_purpose, random);
}

bool is_conflict(Error const& error) {
  return error.code() == Errc::conflict;
}

/// What a call made, when the path could not name it yet; its answer does.
std::string made(Result<net::Response> const& response) {
  auto const* text =
      response && response->status == 201 ? std::get_if<std::string>(&response->body) : nullptr;
  if (!text) return "";
  auto const json = parse_json(*text);
  if (!json) return "";
  auto const id = json->text_at("id");
  return id.empty() ? json->text_at("name") : id;
}

audit::Entry entry_of(net::Call& call, Noted const& noted, Result<net::Response> const& response) {
  auto const action = noted.route->action;
  auto const id = noted.id.empty() ? made(response) : noted.id;
  audit::Entry out{
      .kind = is_act(*noted.route) ? audit::Kind::act : audit::Kind::read,
      .action = std::string(action),
      .object = std::string(action.substr(0, action.find('.'))) + ":" + (id.empty() ? "*" : id),
      .outcome = "ok",
      .actors = audit_chain(noted.caller),
      .request = std::string(call.request_id())};
  out.details = {{"ip", call.peer().address}, {"role", noted.caller.role}};
  if (noted.decided)
    for (auto& detail : pdp::audit_details(*noted.decided))
      out.details.push_back(std::move(detail));
  constexpr int client_error = 400;
  if (response) {
    if (response->status >= client_error) out.outcome = "failed";
    return out;
  }
  auto const info = describe(response.error().code());
  out.outcome = info.outcome;
  if (out.outcome == "denied") out.kind = audit::Kind::denial;
  out.details.emplace_back("code", info.name);
  return out;
}

audit::Entry entry_of(inventory::Unaudited const& run) {
  return {.kind = audit::Kind::run,
          .action = "discovery.run",
          .object = to_string(run.id),
          .outcome = "ok",
          .actors = {{"system", "reeve"}},
          .details = {{"source", run.source},
                      {"change_root", run.change_root},
                      {"changes", std::to_string(run.changes)},
                      {"finished", rfc3339(run.finished)}}};
}

/// What tells runs apart, also from those of an inventory that was thrown away and built again.
std::string identity_of(audit::Entry const& entry) {
  auto out = entry.object;
  for (auto const& [key, value] : entry.details) out += "\n" + key + "=" + value;
  return out;
}

Result<std::set<std::string>> noted_runs(audit::Log& log) {
  TRY(log.flush());
  std::set<std::string> out;
  auto const size = log.size();
  if (size == 0) return out;
  audit::Range const range{size - std::min(size, tail), size};
  for (auto const& json : TRY(audit::read_entries(log.folder(), log.verifier(), range))) {
    auto const entry = TRY(audit::parse_entry(json));
    if (entry.kind == audit::Kind::run) out.insert(identity_of(entry));
  }
  return out;
}

Result<std::uint64_t> number(Request const& request, std::string const& name,
                             std::uint64_t missing) {
  auto const text = request.get(name);
  if (text.empty()) return missing;
  std::uint64_t out = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc() && end == text.data() + text.size()) return out;
  return fail(Errc::invalid, name + " is a number, not " + text);
}

Result<std::string> read_checkpoint(Audit const& audit) {
  constexpr std::size_t bytes_max = 64 << 10;
  return read_file(audit.folder() + "/checkpoint", bytes_max);
}

Result<net::Response> checkpoint(Api& api, Request const& request) {
  auto note = TRY(request.call.blocking([&] { return read_checkpoint(api.service.audit()); }));
  return net::Response{.content_type = "text/plain; charset=utf-8", .body = std::move(note)};
}

Result<Json> page(Audit const& audit, std::uint64_t from, std::uint64_t count) {
  auto const note = TRY(read_checkpoint(audit));
  auto const size = TRY(audit::open_checkpoint(note, audit.key())).size;
  auto const end = from < size ? from + std::min(count, size - from) : from;
  std::vector<std::string> read;
  if (from < end) read = TRY(audit::read_entries(audit.folder(), audit.key(), {from, end}));
  Json::Array items;
  for (auto const& json : read) {
    auto entry = TRY(parse_json(json));
    items.push_back(Json().add("index", from + items.size()).add("entry", std::move(entry)));
  }
  Json out;
  out.add("items", std::move(items)).add("size", size);
  return out.add("next", end < size ? Json(end) : Json());
}

// ?from=INDEX&count=N: those entries, proven against the checkpoint; "next" is where to go on.
Result<net::Response> entries(Api& api, Request const& request) {
  auto const from = TRY(number(request, "from", 0));
  auto const count = TRY(number(request, "count", page_default));
  if (count == 0 || count > page_max)
    return fail(Errc::invalid, "count is 1 to " + std::to_string(page_max));
  return json_response(
      TRY(request.call.blocking([&] { return page(api.service.audit(), from, count); })));
}

constexpr Route routes_here[] = {
    {"GET", "/v1/audit/checkpoint", pdp::action("audit.read"),
     "The signed checkpoint of the audit log", checkpoint},
    {"GET", "/v1/audit/entries", pdp::action("audit.read"), "Entries of the audit log", entries},
};

}  // namespace

constinit std::span<Route const> const audit_routes = routes_here;

Result<std::unique_ptr<Audit>> Audit::open(Places const& places, audit::Clock now) {
  auto const key = TRY_DURING(signing_key(places.key("audit")), "read the key of the audit log");
  std::unique_ptr<Audit> out(new Audit(places, std::move(now), verifier_of(key)));
  if (auto const log = out->writer(); !log && !is_conflict(log.error()))
    return std::unexpected(log.error());
  return out;
}

Result<audit::Log*> Audit::writer() {
  std::scoped_lock const hold(taking_);
  if (log_) return log_.get();
  auto key = TRY(signing_key(key_file_));
  log_ = TRY(audit::Log::open(folder_, std::move(key), now_));
  return log_.get();
}

Result<> Audit::note(audit::Entry entry) {
  bool const read = entry.kind == audit::Kind::read;
  auto const log = writer();
  if (!log) return read && is_conflict(log.error()) ? Result<>() : std::unexpected(log.error());
  auto const safety = read ? audit::Class::async : audit::Class::sync;
  (void)TRY((*log)->append(std::move(entry), safety));
  return {};
}

std::vector<audit::Actor> audit_chain(Caller const& caller) {
  std::vector<audit::Actor> out;
  for (auto const& [kind, id] : actors_of(caller)) out.push_back({kind, id});
  return out;
}

bool is_act(Route const& route) {
  if (route.method == "GET" || route.method == "HEAD") return false;
  // To ask for a decision changes nothing, though the question stands in a body.
  auto const* action = pdp::find_action(route.action);
  return !action || action->group != pdp::Group::ask;
}

Result<> note_call(Audit& audit, net::Call& call, Noted const& noted,
                   Result<net::Response> const& response) {
  if (!noted.route) return {};
  auto entry = entry_of(call, noted, response);
  return call.blocking([&] { return audit.note(std::move(entry)); });
}

Result<> note_runs(Audit& audit, sql::Store& inventory) {
  std::vector<inventory::Unaudited> runs;
  {
    auto const db = TRY(inventory.reader());
    runs = TRY(inventory::unaudited(*db));
  }
  if (runs.empty()) return {};
  auto const log = audit.writer();
  if (!log) return is_conflict(log.error()) ? Result<>() : std::unexpected(log.error());
  auto const noted = TRY(noted_runs(**log));
  for (auto const& run : runs) {
    auto entry = entry_of(run);
    if (!noted.contains(identity_of(entry)))
      (void)TRY((*log)->append(std::move(entry), audit::Class::sync));
    crash_point("audit");
    TRY(inventory.commit([&](sql::Database& db) { return inventory::mark_audited(db, run.id); }));
  }
  return {};
}

Result<audit::VerifierKey> audit_key(Places const& places) {
  auto const seed = TRY(crypto::load_key(places.key("audit"), key_purpose));
  auto const key = TRY(crypto::Ed25519Key::from_seed(seed));
  return verifier_of(key);
}

Result<audit::Verdict> verify_audit(Places const& places, AuditQuestion const& question) {
  auto const key =
      TRY(question.key.empty() ? audit_key(places) : audit::VerifierKey::parse(question.key));
  auto const& folder = question.folder.empty() ? places.audit() : question.folder;
  return audit::verify(folder, key, question.wanted);
}

}  // namespace reeve::server
