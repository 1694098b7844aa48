#include "cedar/replay.hpp"

#include <algorithm>

#include "cedar/entity_json.hpp"
#include "cedar/plain_json.hpp"

namespace reeve::cedar {

/// A log line taken apart; the texts are the line's own.
struct Replay::Line {
  std::array<std::string_view, 6> uids;  // type and id of principal, action, resource
  std::string_view entities;
  Decision decision = Decision::deny;
  Record const* context = nullptr;
};

namespace {

constexpr std::size_t mistakes_max = 100;
constexpr std::size_t context_bytes_max = 64u << 20;  // of cached text

/// Reads the plain form of a line. Any answer but yes means: ask the JSON parser.
class Scanner : PlainJson {
 public:
  using PlainJson::PlainJson;

  std::array<std::string_view, 6> uids;
  std::string_view context, decision, entities;

  bool line() {
    if (!take('{')) return false;
    do {
      std::string_view key;
      if (!text(key) || !take(':') || !member(key)) return false;
    } while (take(','));
    bool const whole = take('}') && at_end();
    return whole && (seen_ & needed) == needed;
  }

 private:
  static constexpr unsigned needed = 0b0111;  // a decision that is absent is no decision

  bool once(unsigned bit) {
    bool const fresh = (seen_ & bit) == 0;
    seen_ |= bit;
    return fresh;
  }
  bool member(std::string_view key) {
    if (key == "principal") return once(1) && uid(0);
    if (key == "action") return once(2) && uid(2);
    if (key == "resource") return once(4) && uid(4);
    if (key == "decision") return once(8) && text(decision);
    if (key == "context") return once(16) && object(context);
    if (key == "entities") return once(32) && text(entities);
    if (key == "time") return once(64) && skip_text();
    if (key == "reason" || key == "reasons") return once(128) && skip_texts();
    return key == "errors" && once(256) && skip_texts();
  }
  bool uid(std::size_t at) {
    if (!take('{')) return false;
    std::string_view key;
    if (!text(key) || key != "type" || !take(':') || !text(uids[at]) || !take(',')) return false;
    if (!text(key) || key != "id" || !take(':') || !text(uids[at + 1])) return false;
    return take('}');
  }
  /// What stands between matching brackets; whether it is JSON is seen when it is parsed.
  bool object(std::string_view& out) {
    blanks();
    auto const* const start = at_;
    if (at_ == end_ || *at_ != '{') return false;
    int depth = 0;
    for (; at_ != end_; ++at_) {
      if (*at_ == '"') {
        std::string_view ignored;
        if (!text(ignored)) return false;
        --at_;
      } else if (*at_ == '{' || *at_ == '[') {
        ++depth;
      } else if ((*at_ == '}' || *at_ == ']') && --depth == 0) {
        ++at_;
        out = {start, at_};
        return true;
      }
    }
    return false;
  }
  bool skip_text() {
    std::string_view ignored;
    return text(ignored);
  }
  bool skip_texts() {
    if (!take('[')) return false;
    if (take(']')) return true;
    do
      if (!skip_text()) return false;
    while (take(','));
    return take(']');
  }
  unsigned seen_ = 0;
};

std::string uid_text(std::string_view type, std::string_view id) {
  return to_string(EntityUid{std::string(type), std::string(id)});
}

Result<Record> read_context(std::string_view json) {
  if (auto plain = plain_record(json)) return std::move(*plain);
  auto const parsed = TRY(parse_json(json, entity_json_limits));
  return record_from_json(parsed);
}

}  // namespace

Result<Decision> Replay::decision_of(std::string_view word) const {
  if (word == "allow") return Decision::allow;
  if (word == "deny" || (word.empty() && baseline_)) return Decision::deny;
  return fail(Errc::invalid,
              "`decision` is \"allow\" or \"deny\", not \"" + std::string(word) + "\"");
}

void Replay::line(std::string_view text) {
  ++counts_.lines;
  if (text.find_first_not_of(" \t\r") == text.npos) return;
  Scanner scanner(text);
  auto done = Result<>();
  if (scanner.line()) {
    auto const decision = decision_of(scanner.decision);
    auto const context = context_of(scanner.context);
    if (decision && context)
      judge({scanner.uids, scanner.entities, *decision, *context});
    else
      done = std::unexpected(decision ? context.error() : decision.error());
  } else {
    done = slow(text);
  }
  if (done) return;
  ++mistake_count_;
  if (mistakes_.size() < mistakes_max)
    mistakes_.push_back({counts_.lines, std::string(done.error().message())});
}

Result<> Replay::slow(std::string_view text) {
  auto json = TRY(parse_json(text, entity_json_limits));
  if (!json.find("context")) json.add("context", Json::Object{});
  auto const request = TRY(request_from_json(json));
  auto const entities = json.text_at("entities");
  auto const decision = TRY(decision_of(json.text_at("decision")));
  judge({{request.principal.type, request.principal.id, request.action.type, request.action.id,
          request.resource.type, request.resource.id},
         entities,
         decision,
         &request.context});
  return {};
}

/// Where the same context comes again, it is kept; where each line has its own, that would only
/// cost.
Result<Record const*> Replay::context_of(std::string_view json) {
  constexpr std::size_t trial = 10'000;
  if (json.empty() || json == "{}") return &empty_;
  bool const keep = misses_ < trial || hits_ > misses_;
  if (keep)
    if (auto const known = contexts_.find(json); known != contexts_.end()) {
      ++hits_;
      return &known->second;
    }
  ++misses_;
  fresh_ = TRY(read_context(json));
  if (!keep) return &fresh_;
  if (context_bytes_ > context_bytes_max) {
    contexts_.clear();
    context_bytes_ = 0;
  }
  context_bytes_ += json.size();
  return &contexts_.emplace(json, std::move(fresh_)).first->second;
}

void Replay::judge(Line line) {
  if (!entities_.empty() && !line.entities.empty() && line.entities != entities_) {
    ++counts_.other_entities;
    return;
  }
  auto const& u = line.uids;
  Question const question{u[0], u[1], u[2], u[3], u[4], u[5], line.context};
  if (baseline_) line.decision = baseline_->decide(question, scratch_).decision;
  auto const answer = candidate_.decide(question, scratch_);
  ++counts_.decisions;
  counts_.with_errors += answer.errors.empty() ? 0u : 1u;
  if (answer.decision != line.decision) note(line, answer);
}

void Replay::note(Line const& line, Answer const& answer) {
  auto const& u = line.uids;
  ++(answer.decision == Decision::allow ? counts_.deny_to_allow : counts_.allow_to_deny);
  std::array key{uid_text(u[0], u[1]), uid_text(u[2], u[3]), std::string(name(answer.decision))};
  auto& flip = flips_[key];
  if (flip.count++ > 0) return;
  flip = {.principal = key[0],
          .action = key[1],
          .from = line.decision,
          .to = answer.decision,
          .count = 1,
          .line = counts_.lines,
          .resource = uid_text(u[4], u[5])};
  for (auto const number : answer.reasons) flip.reasons.emplace_back(candidate_.policy_id(number));
  for (auto const number : answer.errors) flip.errors.emplace_back(candidate_.policy_id(number));
  std::sort(flip.reasons.begin(), flip.reasons.end());
  std::sort(flip.errors.begin(), flip.errors.end());
}

std::vector<Flip> Replay::flips() const {
  std::vector<Flip> out;
  out.reserve(flips_.size());
  for (auto const& [key, flip] : flips_) out.push_back(flip);
  return out;
}

}  // namespace reeve::cedar
