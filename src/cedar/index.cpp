#include "cedar/index.hpp"

#include <unordered_map>

namespace reeve::cedar {
namespace {

using Numbers = std::vector<std::vector<std::uint32_t>>;

bool keyed(RuleScope const& scope) {
  return scope.entity != no_number;
}
std::uint64_t key(RuleScope const& scope, std::uint32_t actions) {
  return std::uint64_t{scope.entity} << 32 | actions;
}

/// Itself and its ancestors, those alone that have rules.
Lists above(Numbers const& in, Graph const& graph) {
  Numbers out(in.size());
  for (std::uint32_t uid = 0; uid < in.size(); ++uid) {
    if (!in[uid].empty()) out[uid].push_back(uid);
    for (auto const ancestor : graph.ancestors(uid))
      if (!in[ancestor].empty()) out[uid].push_back(ancestor);
  }
  return Lists::from(out);
}

}  // namespace

Lists Lists::from(Numbers const& lists) {
  Lists out;
  out.starts_.push_back(0);
  for (auto const& list : lists) {
    out.items_.insert(out.items_.end(), list.begin(), list.end());
    out.starts_.push_back(static_cast<std::uint32_t>(out.items_.size()));
  }
  return out;
}

void RuleIndex::Keyed::build(Numbers const& by_uid, std::span<Rule const> all) {
  starts.push_back(0);
  for (auto list : by_uid) {
    std::sort(list.begin(), list.end(), [&](auto a, auto b) {
      return std::pair(all[a].actions, a) < std::pair(all[b].actions, b);
    });
    for (auto const rule : list) {
      auto const begin = static_cast<std::uint32_t>(rules.size());
      if (entries.size() == starts.back() || entries.back().actions != all[rule].actions)
        entries.push_back({all[rule].actions, begin, begin});
      rules.push_back(rule);
      ++entries.back().end;
    }
    starts.push_back(static_cast<std::uint32_t>(entries.size()));
  }
}

RuleIndex::RuleIndex(std::span<Rule const> rules,
                     std::span<std::vector<std::uint32_t> const> within,
                     std::span<std::uint32_t const> equal, Graph const& graph, std::uint32_t uids) {
  Numbers principal_in(uids), principal_equal(uids), resource_in(uids), resource_equal(uids);
  Numbers open(within.size()), actions(uids), in_constraints(uids);
  std::unordered_map<std::uint64_t, std::uint32_t> by_principal, by_resource;
  for (auto const& rule : rules) {
    if (keyed(rule.principal)) ++by_principal[key(rule.principal, rule.actions)];
    if (keyed(rule.resource)) ++by_resource[key(rule.resource, rule.actions)];
  }
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    auto const& [p, r] = std::pair(rules[i].principal, rules[i].resource);
    bool const by_both = keyed(p) && keyed(r);
    bool const use_principal = keyed(p) && (!by_both || by_principal[key(p, rules[i].actions)] <=
                                                            by_resource[key(r, rules[i].actions)]);
    if (use_principal)
      (p.kind == EntityScope::Kind::equal ? principal_equal : principal_in)[p.entity].push_back(i);
    else if (keyed(r))
      (r.kind == EntityScope::Kind::equal ? resource_equal : resource_in)[r.entity].push_back(i);
    else
      open[rules[i].actions].push_back(i);
  }
  for (std::uint32_t c = 1; c < within.size(); ++c) {
    if (equal[c] != no_number) actions[equal[c]].push_back(c);
    for (auto const uid : within[c]) in_constraints[uid].push_back(c);
  }
  for (std::uint32_t uid = 0; uid < uids; ++uid) {
    auto& mine = actions[uid];
    mine.insert(mine.end(), in_constraints[uid].begin(), in_constraints[uid].end());
    for (auto const ancestor : graph.ancestors(uid))
      mine.insert(mine.end(), in_constraints[ancestor].begin(), in_constraints[ancestor].end());
    std::sort(mine.begin(), mine.end());
    mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
  }
  marks_.resize(uids);
  auto const mark = [&](Numbers const& lists, Lists const& above, std::uint8_t equal_bit) {
    for (std::uint32_t uid = 0; uid < uids; ++uid) {
      if (!lists[uid].empty()) marks_[uid] |= equal_bit;
      if (!above.at(uid).empty()) marks_[uid] |= static_cast<std::uint8_t>(equal_bit << 1);
    }
  };
  actions_ = Lists::from(actions);
  open_ = Lists::from(open);
  principal_.equal.build(principal_equal, rules);
  principal_.in.build(principal_in, rules);
  principal_.above = above(principal_in, graph);
  resource_.equal.build(resource_equal, rules);
  resource_.in.build(resource_in, rules);
  resource_.above = above(resource_in, graph);
  mark(principal_equal, principal_.above, principal_equal_bit);
  mark(resource_equal, resource_.above, resource_equal_bit);
}

}  // namespace reeve::cedar
