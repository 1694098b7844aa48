// `reeve policy replay` and `diff`: the same requests, other policies.

#include <cstdio>
#include <memory>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cedar/changes.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/replay.hpp"
#include "cli/policy.hpp"
#include "cli/policy_files.hpp"
#include "crypto/encode.hpp"
#include "crypto/hash.hpp"

namespace reeve::cli {
namespace {

constexpr std::size_t line_bytes_max = 16u << 20;

/// Lines of a file of any size.
class Lines {
 public:
  static Result<Lines> open(std::string const& file) {
    if (file == "-") return Lines(stdin, file);
    auto* const stream = std::fopen(file.c_str(), "rb");
    if (!stream) return system_error(errno, "open " + file);
    return Lines(stream, file);
  }

  /// Calls `each` for every line. Errors: unavailable, invalid (a line without end).
  template <class Each>
  Result<> for_each(Each each) {
    std::string buffer;
    std::size_t begin = 0;  // of the line that is not whole yet
    for (;;) {
      buffer.erase(0, begin);
      auto const kept = buffer.size();
      if (kept > line_bytes_max) return fail(Errc::invalid, name_ + ": a line of over 16 MiB");
      buffer.resize(kept + chunk);
      buffer.resize(kept + std::fread(buffer.data() + kept, 1, chunk, stream_.get()));
      if (std::ferror(stream_.get()) != 0) return system_error(errno, "read " + name_);
      bool const last = buffer.size() == kept;
      begin = 0;
      for (auto end = buffer.find('\n', kept); end != buffer.npos; end = buffer.find('\n', begin)) {
        each(std::string_view(buffer).substr(begin, end - begin));
        begin = end + 1;
      }
      if (!last) continue;
      if (begin < buffer.size()) each(std::string_view(buffer).substr(begin));
      return {};
    }
  }

 private:
  static constexpr std::size_t chunk = 1u << 20;
  struct Close {
    void operator()(std::FILE* stream) const {
      if (stream != stdin) std::fclose(stream);
    }
  };
  Lines(std::FILE* stream, std::string name) : stream_(stream), name_(std::move(name)) {}

  std::unique_ptr<std::FILE, Close> stream_;
  std::string name_;
};

struct World {
  std::optional<cedar::Schema> schema;
  cedar::Entities entities;
  std::string digest;  ///< Of the entities file, as logs name it; empty: there is none.
};

Result<World> read_world(LogOptions const& options) {
  World out;
  if (!options.schema.empty()) out.schema = TRY(read_schema(options.schema));
  out.entities = TRY(read_entities(options.entities, out.schema));
  if (options.entities.empty()) return out;
  auto const text = TRY(read_file(options.entities, cedar::entity_json_limits.bytes_max));
  out.digest = "sha256:" + crypto::to_hex(crypto::bytes_of(crypto::sha256(text)));
  return out;
}

Json json_of(cedar::Flip const& flip) {
  auto const list = [](std::vector<std::string> const& ids) {
    Json::Array out;
    for (auto const& id : ids) out.emplace_back(id);
    return out;
  };
  Json out;
  out.add("principal", flip.principal).add("action", flip.action);
  out.add("from", cedar::name(flip.from)).add("to", cedar::name(flip.to)).add("count", flip.count);
  out.add("line", flip.line).add("resource", flip.resource);
  return out.add("reasons", list(flip.reasons)).add("errors", list(flip.errors));
}

Json json_of(cedar::Replay const& replay) {
  Json::Array flips, mistakes;
  for (auto const& each : replay.flips()) flips.push_back(json_of(each));
  for (auto const& each : replay.mistakes())
    mistakes.push_back(Json().add("line", each.line).add("message", each.message));
  auto const& counts = replay.counts();
  Json out;
  out.add("lines", counts.lines).add("decisions", counts.decisions);
  out.add("allow_to_deny", counts.allow_to_deny).add("deny_to_allow", counts.deny_to_allow);
  out.add("with_errors", counts.with_errors).add("other_entities", counts.other_entities);
  out.add("unreadable", replay.mistake_count()).add("mistakes", std::move(mistakes));
  return out.add("flips", std::move(flips));
}

std::string text_of(cedar::Flip const& flip) {
  auto out = printable(flip.principal) + "  " + printable(flip.action) + "  " +
             std::string(cedar::name(flip.from)) + " -> " + std::string(cedar::name(flip.to)) +
             "  " + std::to_string(flip.count) + "\n";
  out += "  first at line " + std::to_string(flip.line) + ": " + printable(flip.resource);
  if (!flip.reasons.empty()) out += ", by " + printable(join(flip.reasons, ", "));
  if (!flip.errors.empty()) out += ", not evaluable: " + printable(join(flip.errors, ", "));
  return out + "\n";
}

std::string text_of(std::string const& log, cedar::Replay const& replay) {
  std::string out;
  for (auto const& each : replay.mistakes())
    out += printable(log) + ":" + std::to_string(each.line) +
           ":1: log: " + printable(each.message) + "\n";
  for (auto const& each : replay.flips()) out += text_of(each);
  auto const& counts = replay.counts();
  out += std::to_string(counts.decisions) + " decisions, " + std::to_string(counts.allow_to_deny) +
         " from allow to deny, " + std::to_string(counts.deny_to_allow) + " from deny to allow\n";
  if (counts.with_errors > 0)
    out += std::to_string(counts.with_errors) + " with a policy that cannot be evaluated\n";
  if (counts.other_entities > 0)
    out += std::to_string(counts.other_entities) + " left out: made on other entities\n";
  return out;
}

Exit exit_of(cedar::Replay const& replay) {
  if (replay.mistake_count() > 0) return Exit::usage;
  return replay.flips().empty() ? Exit::done : Exit::findings;
}

Json json_of(std::vector<cedar::PolicyChange> const& changes) {
  Json::Array out;
  for (auto const& each : changes) {
    Json one;
    one.add("id", each.id).add("change", cedar::name(each.kind)).add("link", each.link);
    out.push_back(one.add("before", each.before).add("after", each.after));
  }
  return out;
}

std::string text_of(std::vector<cedar::PolicyChange> const& changes) {
  std::string out;
  for (auto const& each : changes) {
    out += std::string(cedar::name(each.kind)) + " " + printable(each.id) + "\n";
    if (!each.before.empty()) out += "  - " + printable(each.before) + "\n";
    if (!each.after.empty()) out += "  + " + printable(each.after) + "\n";
  }
  return out + std::to_string(changes.size()) + " policies differ\n";
}

Result<> run(cedar::Replay& replay, std::string const& log) {
  auto lines = TRY(Lines::open(log));
  return lines.for_each([&replay](std::string_view line) { replay.line(line); });
}

}  // namespace

Result<Exit> policy_replay(Context const& context, LogOptions const& options) {
  Mistakes mistakes(context);
  auto const policies = TRY(read_policies(options.policies, options.links, mistakes));
  if (!mistakes.empty()) {
    TRY(mistakes.report());
    return Exit::usage;
  }
  auto const world = TRY(read_world(options));
  auto const snapshot = TRY(cedar::Snapshot::make(policies.set, world.entities));
  cedar::Replay replay(*snapshot, world.digest);
  TRY(run(replay, options.log));
  TRY(print(context.format == Format::table ? text_of(options.log, replay)
                                            : to_json_pretty(json_of(replay)) + "\n"));
  return exit_of(replay);
}

Result<Exit> policy_diff(Context const& context, LogOptions const& options) {
  Mistakes mistakes(context);
  auto const before = TRY(read_policies(options.before, options.links_before, mistakes));
  auto const after = TRY(read_policies(options.policies, options.links, mistakes));
  if (!mistakes.empty()) {
    TRY(mistakes.report());
    return Exit::usage;
  }
  auto const changes = cedar::changes(before.set, after.set);
  auto exit = changes.empty() ? Exit::done : Exit::findings;
  auto json = Json().add("policies", json_of(changes));
  auto text = text_of(changes);
  if (!options.log.empty()) {
    auto const world = TRY(read_world(options));
    auto const old = TRY(cedar::Snapshot::make(before.set, world.entities));
    auto const now = TRY(cedar::Snapshot::make(after.set, world.entities));
    cedar::Replay replay(*now, world.digest, old.get());
    TRY(run(replay, options.log));
    json.add("answers", json_of(replay));
    text += "\n" + text_of(options.log, replay);
    exit = std::max(exit, exit_of(replay));
  }
  TRY(print(context.format == Format::table ? text : to_json_pretty(json) + "\n"));
  return exit;
}

}  // namespace reeve::cli
