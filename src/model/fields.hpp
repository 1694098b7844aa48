// Each class of object as one list of its fields: what is stored, exported, cleaned and documented
// all go through it, so a field is added in its struct, here, and in inventory/schema.sql.
//
// `visit` is called as visit("column", field) for each field besides source and native_id, in the
// order of the columns. The field that names an identity is visited by `named_identity`, because
// it is stored as that identity's number.
#pragma once

#include <string>

#include "model/credential.hpp"
#include "model/grant.hpp"
#include "model/identity.hpp"
#include "model/resource.hpp"
#include "model/usage.hpp"

namespace reeve {

template <class T, class V>
concept SameButConst = std::same_as<std::remove_const_t<T>, V>;

template <SameButConst<Person> T>
void each_field(T& p, auto&& visit) {
  visit("name", p.name);
  visit("email", p.email);
  visit("active", p.active);
  visit("left_at", p.left);
  visit("manager", p.manager);
  visit("aliases", p.aliases);
}
template <SameButConst<Identity> T>
void each_field(T& i, auto&& visit) {
  visit("name", i.name);
  visit("kind", i.kind);
  visit("enabled", i.enabled);
  visit("note", i.note);
  visit("created", i.created);
  visit("last_used", i.last_used);
  visit("declared_person", i.declared_person);
  visit("interactive", i.interactive);
  visit("environment", i.environment);
}
template <SameButConst<Resource> T>
void each_field(T& r, auto&& visit) {
  visit("name", r.name);
  visit("kind", r.kind);
  visit("environment", r.environment);
  visit("sensitivity", r.sensitivity);
  visit("sensitivity_reason", r.sensitivity_reason);
  visit("pinned", r.pinned);
  visit("authenticated", r.authenticated);
}
template <SameButConst<Credential> T>
void each_field(T& c, auto&& visit) {
  visit("kind", c.kind);
  visit("label", c.label);
  visit("algorithm", c.algorithm);
  visit("signature", c.signature);
  visit("issuer", c.issuer);
  visit("fingerprint", c.fingerprint);
  visit("created", c.created);
  visit("expires", c.expires);
  visit("last_used", c.last_used);
  visit("last_rotated", c.last_rotated);
  visit("restrictions", c.restrictions);
}
template <SameButConst<Grant> T>
void each_field(T& g, auto&& visit) {
  visit("actions", g.actions);
  visit("resource", g.resource);
  visit("via", g.via);
  visit("conditions", g.conditions);
  visit("until", g.until);
  visit("unknown_holder", g.unknown_holder);
}
template <SameButConst<Sighting> T>
void each_field(T& s, auto&& visit) {
  visit("fingerprint", s.fingerprint);
  visit("kind", s.kind);
  visit("place", s.where);
  visit("mode", s.mode);
  visit("exposure", s.exposure);
  visit("consumer", s.consumer);
}
template <SameButConst<Consumer> T>
void each_field(T& c, auto&& visit) {
  visit("name", c.name);
  visit("kind", c.kind);
  visit("how", c.how);
}
template <SameButConst<Usage> T>
void each_field(T& u, auto&& visit) {
  visit("credential", u.credential);
  visit("consumer", u.consumer);
  visit("action", u.action);
  visit("resource", u.resource);
  visit("network", u.network);
  visit("client", u.client);
  visit("hour", u.hour);
  visit("last", u.last);
  visit("count", u.count);
}

/// The field that holds the native id of the identity an object belongs to; null: its class has
/// none. It may be empty in a Grant (nobody of that name), Sighting, Consumer and Usage.
template <class T>
auto* named_identity(T& object) {
  if constexpr (requires { object.identity; })
    return &object.identity;
  else
    return static_cast<std::string*>(nullptr);
}

}  // namespace reeve
