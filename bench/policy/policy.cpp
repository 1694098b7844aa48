// Our engine on the OOPSLA'24 worlds: from pairs of strings to decision, reasons and errors. Checks
// the answers, then prints one line: name, median, p99 of batches, and allocations a decision.
//
//   bench_policy world POLICIES ENTITIES REQUESTS [LINKS]   one world
//   bench_policy links N                                    N links, one relevant
//   bench_policy replay POLICIES ENTITIES REQUESTS          the requests as a log of a million
//   lines

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"
#include "cedar/replay.hpp"
#include "cedar/snapshot.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (auto* const out = std::malloc(size)) return out;
  std::abort();
}
void operator delete(void* at) noexcept {
  std::free(at);
}
void operator delete(void* at, std::size_t) noexcept {
  std::free(at);
}

namespace reeve::cedar {
namespace {

using Clock = std::chrono::steady_clock;

struct World {
  PolicySet policies;
  Entities entities;
  std::vector<Request> requests;
  std::vector<std::string> wanted;  ///< "allow policy0 …" by request; empty: not checked.
};

double ns_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

std::string said(Response const& r) {
  std::string out(name(r.decision));
  for (auto const& reason : r.reasons) out += " " + reason;
  return out;
}

/// Each request alone and after others, as the peers are timed; the clock's own cost is part of it.
void measure(std::string const& label, Snapshot const& snapshot,
             std::vector<Request> const& requests) {
  Scratch scratch;
  std::vector<Question> questions;
  questions.reserve(requests.size());
  for (auto const& r : requests)
    questions.push_back({r.principal.type, r.principal.id, r.action.type, r.action.id,
                         r.resource.type, r.resource.id, &r.context});
  constexpr int rounds = 200;
  std::size_t sink = 0;
  for (auto const& q : questions) sink += snapshot.decide(q, scratch).reasons.size();
  std::vector<double> times;
  times.reserve(questions.size() * rounds);
  auto const before = allocations;
  for (int round = 0; round < rounds; ++round)
    for (auto const& q : questions) {
      auto const start = Clock::now();
      sink += snapshot.decide(q, scratch).reasons.size();
      times.push_back(ns_since(start));
    }
  auto const after = allocations;
  std::sort(times.begin(), times.end());
  auto const at = [&](double share) {
    return times[static_cast<std::size_t>(share * double(times.size() - 1))];
  };
  std::printf("%s\treeve\t%.0f\t%.0f\t%zu\n", label.c_str(), at(0.5), at(0.99), after - before);
  if (sink == 12345678) std::puts("");  // the answers are used
}

/// The actions of a JSON schema with their groups, which entity files leave to the schema.
void add_actions(Json const& schema, std::vector<Entity>& out) {
  for (auto const& [space, content] : *schema.object()) {
    auto const type = space.empty() ? "Action" : space + "::Action";
    for (auto const& [id, action] : *content.find("actions")->object()) {
      Entity entity{.uid = {type, id}};
      if (auto const* groups = action.find("memberOf"); groups && groups->array())
        for (auto const& group : *groups->array())
          entity.parents.push_back({type, group.text_at("id")});
      out.push_back(std::move(entity));
    }
  }
}

Result<World> read_world(int argc, char** argv) {
  constexpr std::size_t bytes_max = 1u << 30;
  World out;
  std::string const policy_path = argv[2];
  auto const policy_text = TRY(read_file(policy_path, bytes_max));
  out.policies = TRY(parse_policies(policy_text));
  auto const entity_text = TRY(read_file(argv[3], bytes_max));
  auto const read = TRY(parse_entities(entity_text));
  auto entities = read.all();
  auto const folder = policy_path.substr(0, policy_path.rfind('/') + 1);
  auto const schema_text = TRY(read_file(folder + "schema.cedarschema.json", bytes_max));
  auto const schema = TRY(parse_json(schema_text));
  add_actions(schema, entities);
  out.entities = TRY(Entities::make(std::move(entities)));
  auto const lines = TRY(read_file(argv[4], bytes_max));
  for (auto const line : split(lines, '\n')) {
    if (line.empty()) continue;
    auto const json = TRY(parse_json(line));
    out.requests.push_back(TRY(request_from_json(json)));
    auto want = json.text_at("decision");
    for (auto const& reason : *json.find("reason")->array()) want += " " + *reason.text();
    out.wanted.push_back(std::move(want));
  }
  if (argc < 6) return out;
  auto const link_text = TRY(read_file(argv[5], bytes_max));
  auto const links = TRY(parse_json(link_text));
  for (auto const& json : *links.array()) {
    Link link{.id = json.text_at("newId")};
    for (auto const& policy : out.policies.policies())
      if (auto const* id = policy->annotation("id"); id && *id == json.text_at("templateId"))
        link.template_id = policy->id;
    auto const* values = json.find("values");
    if (auto const* p = values->find("?principal")) link.principal = TRY(entity_uid_from_json(*p));
    if (auto const* r = values->find("?resource")) link.resource = TRY(entity_uid_from_json(*r));
    TRY(out.policies.link(std::move(link)));
  }
  return out;
}

/// N links of one template for N users and files, one question that one of them answers.
Result<World> make_links(int count) {
  World out;
  out.policies = TRY(parse_policies(
      "permit(principal == ?principal, action == Action::\"read\", resource in ?resource);"));
  std::vector<Entity> entities;
  for (int i = 0; i < count; ++i) {
    auto const text = std::to_string(i);
    TRY(out.policies.link({"link" + text, "policy0", EntityUid{"User", "user_" + text},
                           EntityUid{"Folder", "folder_" + text}}));
    entities.push_back({.uid = {"User", "user_" + text}});
    entities.push_back(
        {.uid = {"File", "file_" + text}, .parents = {{"Folder", "folder_" + text}}});
  }
  out.entities = TRY(Entities::make(std::move(entities)));
  for (int i = 0; i < 500; ++i) {
    auto const text = std::to_string(static_cast<int>(static_cast<std::int64_t>(i) * 7919 % count));
    out.requests.push_back(
        {{"User", "user_" + text}, {"Action", "read"}, {"File", "file_" + text}, {}});
    out.wanted.push_back("allow link" + text);
  }
  return out;
}

/// The context a gateway would write, another one on each line.
std::string with_context(std::string_view line, int number) {
  std::string out(line);
  auto const at = out.find("\"context\":{}");
  if (at == out.npos) return out;
  auto const text = std::to_string(number);
  auto const context =
      "\"context\":{\"source\":{\"ip\":{\"__extn\":{\"fn\":\"ip\",\"arg\":\"10.0." +
      std::to_string(number / 256 % 256) + "." + std::to_string(number % 256) +
      "\"}},\"port\":" + text + "},\"risk\":{\"score\":" + text + "}}";
  return out.replace(at, std::string_view("\"context\":{}").size(), context);
}

/// Of this thread: what one core does, whoever else is on the machine.
double cpu_seconds() {
  timespec at{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
  return double(at.tv_sec) + double(at.tv_nsec) / 1e9;
}

/// From text lines to flips, one thread.
void measure_replay(char const* label, Snapshot const& snapshot,
                    std::vector<std::string> const& log) {
  constexpr std::size_t lines = 1'000'000;
  Replay replay(snapshot);
  auto const start = cpu_seconds();
  for (std::size_t i = 0; i < lines; ++i) replay.line(log[i % log.size()]);
  auto const seconds = cpu_seconds() - start;
  std::printf("replay, %s\treeve\t%.0f decisions/s a core\t%zu flips of %zu\n", label,
              double(replay.counts().decisions) / seconds,
              replay.counts().allow_to_deny + replay.counts().deny_to_allow,
              replay.counts().decisions);
}

Result<> run_replay(int argc, char** argv) {
  auto const world = TRY(read_world(argc, argv));
  auto const text = TRY(read_file(argv[4], 1u << 30));
  auto const snapshot = TRY(Snapshot::make(world.policies, world.entities));
  std::vector<std::string> plain, distinct;
  for (auto const line : split(text, '\n'))
    if (!line.empty()) plain.emplace_back(line);
  for (int i = 0; i < 1'000'000; ++i)
    distinct.push_back(with_context(plain[static_cast<std::size_t>(i) % plain.size()], i));
  measure_replay("contexts that come again", *snapshot, plain);
  measure_replay("another context on each line", *snapshot, distinct);
  return {};
}

Result<> run(int argc, char** argv) {
  if (argc == 5 && std::string_view(argv[1]) == "replay") return run_replay(argc, argv);
  bool const links = argc == 3 && std::string_view(argv[1]) == "links";
  if (!links && argc < 5)
    return fail(Errc::invalid,
                "usage: bench_policy world POLICIES ENTITIES REQUESTS [LINKS] | links N | replay "
                "POLICIES ENTITIES REQUESTS");
  auto const world = links ? TRY(make_links(std::atoi(argv[2]))) : TRY(read_world(argc, argv));
  auto const start = Clock::now();
  auto const snapshot = TRY(Snapshot::make(world.policies, world.entities));
  auto const load_ms = ns_since(start) / 1e6;
  Scratch scratch;
  for (std::size_t i = 0; i < world.requests.size(); ++i)
    if (said(snapshot->authorize(world.requests[i], scratch)) != world.wanted[i])
      return fail(Errc::internal,
                  "wrong answer: " + said(snapshot->authorize(world.requests[i], scratch)) +
                      ", expected " + world.wanted[i]);
  auto const label = links ? "links-" + std::string(argv[2]) : std::string(argv[3]);
  measure(label, *snapshot, world.requests);
  std::fprintf(stderr, "%s: loaded %zu policies in %.1f ms\n", label.c_str(), snapshot->size(),
               load_ms);
  return {};
}

}  // namespace
}  // namespace reeve::cedar

int main(int argc, char** argv) {
  auto const done = reeve::cedar::run(argc, argv);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().to_string().c_str());
  return 1;
}
