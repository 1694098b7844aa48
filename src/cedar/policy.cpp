#include "cedar/policy.hpp"

#include <algorithm>

namespace reeve::cedar {
namespace {

constexpr std::size_t no_policy = static_cast<std::size_t>(-1);

std::unexpected<Error> taken(std::string const& id) {
  return fail(Errc::conflict, "the policy id " + quoted(id) + " is used twice");
}

Result<> check_slot(std::string_view slot, bool wanted, bool given, std::string const& link) {
  if (wanted == given) return {};
  return fail(Errc::invalid, "link " + quoted(link) + (wanted ? " does not fill " : " fills ") +
                                 std::string(slot) + (wanted ? "" : ", which the template lacks"));
}

std::vector<Annotation> by_key(std::vector<Annotation> annotations) {
  std::sort(annotations.begin(), annotations.end(), [](auto& a, auto& b) { return a.key < b.key; });
  return annotations;
}

}  // namespace

std::string_view name(Effect effect) {
  return effect == Effect::permit ? "permit" : "forbid";
}

std::string const* Policy::annotation(std::string_view key) const {
  for (auto const& a : annotations)
    if (a.key == key && a.value) return &*a.value;
  return nullptr;
}

bool Policy::same_as(Policy const& o) const {
  return effect == o.effect && by_key(annotations) == by_key(o.annotations) &&
         principal == o.principal && action == o.action && resource == o.resource &&
         conditions == o.conditions;
}

Result<> PolicySet::add(Policy policy) {
  if (!by_id_.emplace(policy.id, policies_.size()).second) return taken(policy.id);
  policies_.push_back(std::make_shared<Policy const>(std::move(policy)));
  return {};
}

Result<> PolicySet::link(Link link) {
  auto const* base = find(link.template_id);
  if (!base || !base->is_template())
    return fail(Errc::not_found,
                "link " + quoted(link.id) + ": there is no template " + quoted(link.template_id));
  TRY(check_slot("?principal", base->principal.has_slot(), link.principal.has_value(), link.id));
  TRY(check_slot("?resource", base->resource.has_slot(), link.resource.has_value(), link.id));
  if (!by_id_.emplace(link.id, no_policy).second) return taken(link.id);
  links_.push_back(std::move(link));
  return {};
}

Result<> PolicySet::remove(std::string_view id) {
  auto const it = by_id_.find(std::string(id));
  if (it == by_id_.end()) return fail(Errc::not_found, "there is no policy " + quoted(id));
  auto const index = it->second;
  if (index == no_policy) {
    std::erase_if(links_, [&](Link const& l) { return l.id == id; });
  } else {
    if (std::any_of(links_.begin(), links_.end(), [&](auto& l) { return l.template_id == id; }))
      return fail(Errc::conflict, "template " + quoted(id) + " has links");
    policies_.erase(policies_.begin() + static_cast<std::ptrdiff_t>(index));
    for (auto& [key, at] : by_id_)
      if (at != no_policy && at > index) --at;
  }
  by_id_.erase(it);
  return {};
}

Policy const* PolicySet::find(std::string_view id) const {
  auto const it = by_id_.find(std::string(id));
  return it == by_id_.end() || it->second == no_policy ? nullptr : policies_[it->second].get();
}

std::vector<Active> PolicySet::active() const {
  std::vector<Active> out;
  out.reserve(policies_.size() + links_.size());
  for (auto const& policy : policies_)
    if (!policy->is_template()) out.push_back({&policy->id, policy.get(), nullptr, nullptr});
  for (auto const& link : links_)
    out.push_back({&link.id, find(link.template_id), link.principal ? &*link.principal : nullptr,
                   link.resource ? &*link.resource : nullptr});
  return out;
}

}  // namespace reeve::cedar
