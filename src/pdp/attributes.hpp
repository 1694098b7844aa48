// What a policy may know of the moment: the members of `context`, with their Cedar type and who
// vouches for each. The schema, the docs and the warning about permits that rest on the caller's
// own word all read this table.
#pragma once

#include <string_view>

namespace reeve::pdp {

/// Who vouches for an attribute, as `@source` in the schema.
namespace source {
inline constexpr std::string_view pep = "pep";      ///< Whoever enforces measured it.
inline constexpr std::string_view proxy = "proxy";  ///< The connection, or a proxy we trust.
inline constexpr std::string_view token = "token";  ///< A proven token, certificate or socket.
inline constexpr std::string_view agent = "agent";  ///< The caller says so of itself.
}  // namespace source

struct Attribute {
  std::string_view path;  ///< "source.ip" is `context.source.ip`.
  std::string_view type;
  std::string_view source;
  bool required = false;  ///< Always there; all others may be absent, which means unknown.
  std::string_view text;
};

// clang-format off
inline constexpr Attribute attributes[] = {
    {"source.ip", "ipaddr", source::proxy, false, "Where the call comes from: the peer of the connection, or what a trusted proxy says. Absent on a unix socket."},
    {"source.country", "String", source::proxy, false, "ISO 3166 code of that address, by the MaxMind file."},
    {"source.asn", "Long", source::proxy, false, "Number of its network, by the MaxMind file."},
    {"source.anonymous", "Bool", source::proxy, false, "A VPN, proxy, hosting range or Tor exit, by the MaxMind file."},
    {"time.now", "datetime", source::pep, true, "The clock of whoever decides."},
    {"time.tod", "duration", source::pep, true, "Time of day since midnight, as clocks in the zone of the policies show it."},
    {"time.dow", "Long", source::pep, true, "Day of the week in that zone, Monday is 1."},
    {"auth.method", "String", source::token, true, "How the caller proved itself: socket, token, mtls, none."},
    {"auth.amr", "Set<String>", source::token, false, "Methods behind the token (RFC 8176): pwd, otp, hwk, mfa."},
    {"auth.mfa_age", "duration", source::token, false, "Since the last second factor."},
    {"auth.token_age", "duration", source::token, false, "Since the token was made."},
    {"auth.dpop_jkt", "String", source::token, false, "Thumbprint of the key that was proven (RFC 9449)."},
    {"auth.mtls_san", "String", source::token, false, "Name in the client's certificate."},
    {"attest.level", "Long", source::token, true, "How well it is proven where the caller runs: 0 not at all, 1 it holds a secret, 2 it holds a key, 3 the platform vouches, 4 hardware does."},
    {"attest.kind", "String", source::token, true, "What proves it: none, bearer, mtls, socket, spiffe, tpm."},
    {"attest.k8s_namespace", "String", source::token, false, "Of the workload."},
    {"attest.image", "String", source::token, false, "Digest of the workload's image."},
    {"session.id", "String", source::pep, false, "Of the check-out."},
    {"session.age", "duration", source::pep, false, "Since it began."},
    {"session.recording", "Bool", source::pep, false, "It is recorded."},
    {"session.purpose", "String", source::agent, false, "What the caller says it is for."},
    {"session.ticket", "String", source::agent, false, "The ticket the caller names."},
    {"session.max_sensitivity", "Long", source::pep, false, "Of the data seen so far."},
    {"session.untrusted_content_seen", "Bool", source::pep, false, "Content of strangers was read in it."},
    {"approval.id", "String", source::pep, false, "Of an approval that was checked."},
    {"approval.approver", "String", source::pep, false, "Who gave it."},
    {"approval.expires", "datetime", source::pep, false, "When it ends."},
    {"risk.score", "Long", source::pep, false, "0 to 100."},
    {"risk.reasons", "Set<String>", source::pep, false, "Rules and detectors that raised it."},
    {"actor.chain", "Set<Identity>", source::token, true, "All who stand between the first who asked and the caller, both included. Sets have no order: the ends are named."},
    {"actor.immediate", "Identity", source::token, true, "Who calls."},
    {"actor.root", "Identity", source::token, true, "Who asked first."},
    {"on_behalf_of", "Person", source::token, false, "The person at the root."},
    {"delegation_depth", "Long", source::token, true, "How often it was handed on; 0 is a call of one's own."},
    {"tool.server", "String", source::pep, false, "Where the tool lives."},
    {"tool.schema_hash", "String", source::pep, false, "Of its description, as it is now: a change is a different tool."},
    {"tool.read_only", "Bool", source::agent, false, "The tool's server says so."},
    {"tool.destructive", "Bool", source::agent, false, "The tool's server says so."},
    {"tool.idempotent", "Bool", source::agent, false, "The tool's server says so."},
    {"tool.open_world", "Bool", source::agent, false, "The tool's server says so."},
    {"data.labels_in", "Set<String>", source::pep, false, "Of what goes in."},
    {"data.labels_out", "Set<String>", source::pep, false, "Of what comes out."},
    {"request_id", "String", source::agent, false, "Names the call; the caller may choose it."},
};
// clang-format on

/// Null: there is no such attribute.
constexpr Attribute const* find_attribute(std::string_view path) {
  for (auto const& attribute : attributes)
    if (attribute.path == path) return &attribute;
  return nullptr;
}

}  // namespace reeve::pdp
