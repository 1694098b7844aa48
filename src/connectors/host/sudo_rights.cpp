// What a sudo policy lets one account do. sudo answers one question, "may U run C as R here?", by
// the last matching command of the last matching rule. We want all C and R, so the policy is
// turned round:
//
//   1. keep the commands of all rules whose users and hosts match, in order, aliases expanded:
//        bob ALL = NOPASSWD: ALL          1  allow ALL as root, no password
//        %sudo ALL = (ALL) ALL            2  allow ALL as ALL
//        bob ALL = !/bin/su               3  deny  /bin/su as root
//   2. drop each that a later one covers wholly: what it says never counts. Here 2 covers 1, so
//      the NOPASSWD is dead, as it is for sudo.
//   3. a later denial that covers only a part of it is an exception of it: 2 except /bin/su.
//
// "Covers" is decided only where it is certain (ALL; the same path with the same or any
// arguments; a folder); a pattern that may or may not match takes nothing back. So a right is
// rather told too often than too seldom.
//
// Lists of users and hosts are read from their end, the first member that matches decides. An
// alias may name itself or grow by powers of two: the depth is bounded and what was found for an
// alias is kept.
//
// Source: sudoers(5) and plugins/sudoers/match.c of sudo 1.9.13 (semantics; no text of it is here).

#include "connectors/host/sudo_rights.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"

namespace reeve::host {
namespace {

constexpr int alias_depth_max = 16;
constexpr std::size_t commands_max = 2048;  ///< Of one account.

enum class Match : std::uint8_t { none, allow, deny };

Match flipped(Match match, bool flip) {
  if (match == Match::none || !flip) return match;
  return match == Match::allow ? Match::deny : Match::allow;
}

/// What a list said, and by which member.
struct Matched {
  Match match = Match::none;
  std::string by;
};

using Aliases = std::map<std::pair<SudoAlias::Kind, std::string_view>, SudoAlias const*>;

/// The first alias of a name counts; sudo refuses a second.
Aliases aliases_of(SudoPolicy const& policy) {
  Aliases out;
  for (auto const& [statement, file] : policy.statements)
    if (auto const* alias = std::get_if<SudoAlias>(&statement))
      out.emplace(std::pair{alias->kind, std::string_view(alias->name)}, alias);
  return out;
}

/// One line of step 1.
struct Entry {
  SudoRight right;
  bool denied = false;
};

std::string command_text(SudoRight const& right) {
  return right.arguments.empty() ? right.command : right.command + " …";
}

bool timed(SudoRight const& right) {
  return std::ranges::any_of(right.options, [](std::string const& option) {
    return option.starts_with("NOTBEFORE=") || option.starts_with("NOTAFTER=");
  });
}

bool has(std::vector<std::string> const& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

bool covers_targets(std::vector<std::string> const& outer, std::vector<std::string> const& inner) {
  bool const exceptions = std::ranges::any_of(outer, [](auto& t) { return t.starts_with('!'); });
  if (has(outer, "ALL") && !exceptions) return true;
  return outer == inner ||
         (!inner.empty() && std::ranges::all_of(inner, [&](auto& t) { return has(outer, t); }));
}

bool covers_command(SudoRight const& outer, SudoRight const& inner) {
  if (outer.command == "ALL") return true;
  if (outer.command == inner.command)
    return outer.arguments.empty() || outer.arguments == inner.arguments;
  if (!outer.command.ends_with('/') || !inner.command.starts_with(outer.command)) return false;
  return !inner.command.substr(outer.command.size()).contains('/');
}

/// Whatever `inner` is about, `outer`, which comes later, decides it.
bool covers(SudoRight const& outer, SudoRight const& inner) {
  if (timed(outer) || outer.digest || !outer.hosts.empty()) return false;
  return covers_command(outer, inner) && covers_targets(outer.run_as, inner.run_as) &&
         (inner.run_as_groups.empty() || covers_targets(outer.run_as_groups, inner.run_as_groups));
}

class Evaluation {
 public:
  Evaluation(SudoPolicy const& policy, SudoUser const& user, std::string_view host,
             SudoBudget& budget)
      : policy_(policy), user_(user), host_(host), budget_(budget), aliases_(aliases_of(policy)) {}

  SudoRights rights() && {
    bool const unlocked = no_authentication();
    for (auto const& [statement, file] : policy_.statements) {
      auto const* rule = std::get_if<SudoRule>(&statement);
      if (rule && spend()) add(*rule, policy_.files.at(file));
    }
    SudoRights out = settled();
    for (auto& right : out.rights) finish(right, unlocked);
    out.given_up = given_up_;
    return out;
  }

 private:
  bool spend(std::size_t steps = 1) {
    if (budget_.left < steps) given_up_ = true;
    budget_.left -= std::min(steps, budget_.left);
    return !given_up_;
  }

  SudoAlias const* alias(SudoAlias::Kind kind, std::string_view name) const {
    auto const found = aliases_.find({kind, name});
    return found == aliases_.end() ? nullptr : found->second;
  }

  Matched users(std::vector<SudoMember> const& list, int depth = 0) {
    for (auto member = list.rbegin(); member != list.rend() && spend(); ++member) {
      auto found = this->member(*member, depth);
      if (found.match != Match::none) return {flipped(found.match, member->negated), found.by};
    }
    return {};
  }

  Matched member(SudoMember const& member, int depth) {
    std::string_view const text = member.text;
    if (text == "ALL") return {Match::allow, "ALL"};
    if (text == user_.name || text == "#" + std::to_string(user_.uid)) return {Match::allow, ""};
    if (text.starts_with("%#") || (text.starts_with('%') && !text.starts_with("%:")))
      return group(text.substr(1));
    auto const* named = alias(SudoAlias::Kind::user, text);
    if (!named || depth == alias_depth_max) return {};
    if (auto const known = known_.find(named); known != known_.end()) return known->second;
    known_[named] = {};  // an alias that names itself adds nothing
    return known_[named] = users(named->members, depth + 1);
  }

  Matched group(std::string_view text) const {
    for (auto const& group : user_.groups)
      if (text == group.name || text == "#" + std::to_string(group.gid))
        return {Match::allow, "group:" + group.name};
    return {};
  }

  /// `undecided` collects what only the network could tell.
  Match hosts(std::vector<SudoMember> const& list, std::vector<std::string>& undecided,
              int depth = 0) {
    for (auto member = list.rbegin(); member != list.rend() && spend(); ++member) {
      auto const found = host(*member, undecided, depth);
      if (found != Match::none) return flipped(found, member->negated);
    }
    return Match::none;
  }

  Match host(SudoMember const& member, std::vector<std::string>& undecided, int depth) {
    auto const& text = member.text;
    if (text == "ALL") return Match::allow;
    if (auto const* named = alias(SudoAlias::Kind::host, text))
      return depth < alias_depth_max ? hosts(named->members, undecided, depth + 1) : Match::none;
    bool const address = text.starts_with('+') ||
                         text.find_first_not_of("0123456789./") == std::string::npos ||
                         text.contains(':');
    if (address || host_.empty()) {
      if (member.negated || undecided.size() == 64) return Match::none;
      undecided.push_back(text);
      return Match::allow;
    }
    auto const pattern = lower(text), full = lower(host_);
    auto const brief = full.substr(0, full.find('.'));
    bool const is = ::fnmatch(pattern.c_str(), full.c_str(), 0) == 0 ||
                    ::fnmatch(pattern.c_str(), brief.c_str(), 0) == 0;
    return is ? Match::allow : Match::none;
  }

  void add(SudoRule const& rule, std::string const& file) {
    auto const who = users(rule.users);
    std::vector<std::string> undecided;
    if (who.match != Match::allow || hosts(rule.hosts, undecided) != Match::allow) return;
    for (auto const& command : rule.commands) {
      SudoRight right{.file = file, .line = rule.line, .via = who.by, .run_as = {"root"}};
      right.hosts = undecided;
      right.tags = command.tags;
      right.options = command.options;
      if (command.run_as >= 0) set_targets(right, rule.run_as[std::size_t(command.run_as)]);
      expand(command, right, /*flip=*/false, 0);
    }
  }

  void set_targets(SudoRight& right, SudoRunAs const& targets) {
    right.run_as.clear();
    targets_of(targets.users, false, 0, right.run_as);
    targets_of(targets.groups, false, 0, right.run_as_groups);
  }

  void targets_of(std::vector<SudoMember> const& list, bool flip, int depth,
                  std::vector<std::string>& out) {
    for (auto const& member : list) {
      if (!spend() || out.size() == commands_max) return;
      bool const negated = member.negated != flip;
      auto const* named = alias(SudoAlias::Kind::run_as, member.text);
      if (named && depth < alias_depth_max)
        targets_of(named->members, negated, depth + 1, out);
      else
        out.push_back((negated ? "!" : "") + (member.text == "#0" ? "root" : member.text));
    }
  }

  void expand(SudoCommand const& command, SudoRight const& base, bool flip, int depth) {
    if (!spend()) return;
    bool const negated = command.negated != flip;
    auto const* named = alias(SudoAlias::Kind::command, command.path);
    if (named && depth < alias_depth_max) {
      for (auto const& inner : named->commands) expand(inner, base, negated, depth + 1);
      return;
    }
    if (entries_.size() == commands_max) {
      given_up_ = true;
      return;
    }
    Entry entry{.right = base, .denied = negated};
    entry.right.command = command.path;
    entry.right.arguments = command.arguments;
    entry.right.digest = entry.right.digest || command.digest;
    entries_.push_back(std::move(entry));
  }

  /// Steps 2 and 3.
  SudoRights settled() {
    SudoRights out;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      auto& entry = entries_[i];
      if (entry.denied || !spend(entries_.size() - i)) continue;
      bool dead = false;
      for (std::size_t later = i + 1; later < entries_.size() && !dead; ++later) {
        auto const& over = entries_[later];
        dead = covers(over.right, entry.right);
        if (!dead && over.denied && covers_command(entry.right, over.right))
          entry.right.except.push_back(command_text(over.right));
      }
      if (!dead) out.rights.push_back(std::move(entry.right));
    }
    return out;
  }

  /// The last of `Defaults authenticate` and `!authenticate` that holds for this user.
  bool no_authentication() {
    bool off = false;
    for (auto const& [statement, file] : policy_.statements) {
      auto const* found = std::get_if<SudoDefaults>(&statement);
      if (!found || !spend() || !holds(*found)) continue;
      for (auto const& parameter : found->parameters) {
        if (parameter == "!authenticate") off = true;
        if (parameter == "authenticate") off = false;
      }
    }
    return off;
  }

  bool holds(SudoDefaults const& found) {
    std::vector<std::string> undecided;
    if (found.scope == ':') return users(found.members).match == Match::allow;
    if (found.scope == '@') return hosts(found.members, undecided) == Match::allow;
    return found.scope == 0;
  }

  static void finish(SudoRight& right, bool unlocked) {
    right.no_password = has(right.tags, "NOPASSWD") || (unlocked && !has(right.tags, "PASSWD"));
    std::erase_if(right.tags, [](auto& tag) { return tag == "NOPASSWD" || tag == "PASSWD"; });
  }

  SudoPolicy const& policy_;
  SudoUser const& user_;
  std::string_view host_;
  SudoBudget& budget_;
  Aliases aliases_;
  std::map<SudoAlias const*, Matched> known_;
  std::vector<Entry> entries_;
  bool given_up_ = false;
};

void collect_holders(std::vector<SudoMember> const& list, Aliases const& aliases,
                     std::vector<std::string> const& known, std::set<std::string>& out) {
  for (auto const& [text, negated] : list) {
    bool const decided = text == "ALL" || (text.starts_with('%') && !text.starts_with("%:")) ||
                         text.starts_with('#') || aliases.contains({SudoAlias::Kind::user, text}) ||
                         std::ranges::binary_search(known, text);
    if (!decided && !negated) out.insert(text);
  }
}

}  // namespace

bool SudoRight::as_root() const {
  return has(run_as, "root") || (has(run_as, "ALL") && !has(run_as, "!root"));
}

SudoRights sudo_rights(SudoPolicy const& policy, SudoUser const& user, std::string_view host,
                       SudoBudget& budget) {
  return Evaluation(policy, user, host, budget).rights();
}

std::vector<std::string> undecided_holders(SudoPolicy const& policy,
                                           std::vector<std::string> const& known_users) {
  auto known = known_users;
  std::ranges::sort(known);
  auto const aliases = aliases_of(policy);
  std::set<std::string> out;
  for (auto const& [statement, file] : policy.statements) {
    if (auto const* rule = std::get_if<SudoRule>(&statement))
      collect_holders(rule->users, aliases, known, out);
    auto const* alias = std::get_if<SudoAlias>(&statement);
    if (alias && alias->kind == SudoAlias::Kind::user)
      collect_holders(alias->members, aliases, known, out);
  }
  return {out.begin(), out.end()};
}

}  // namespace reeve::host
