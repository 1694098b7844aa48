#include "pdp/context.hpp"

#include <algorithm>
#include <ranges>

#include "base/text.hpp"
#include "cedar/datetime.hpp"

namespace reeve::pdp {
namespace {

using Ip = cedar::IpAddr;

bool is_single(Ip const& ip) {
  return ip.prefix == (ip.v6 ? 128 : 32);
}

/// ::ffff:10.0.0.1 is 10.0.0.1: a rule about one must hold for the other.
Ip unmapped(Ip const& ip) {
  constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!ip.v6 || !std::equal(mapped.begin(), mapped.end(), ip.address.begin())) return ip;
  Ip out;
  std::copy_n(ip.address.begin() + 12, 4, out.address.begin());
  return out;
}

/// One address as proxies write it: also with a port, an IPv6 one in brackets.
std::optional<Ip> parse_address(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') == text.npos ? 0 : text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  std::string written(text);
  // Cedar's form has no dotted IPv4 inside IPv6, sockets print it so.
  constexpr std::string_view mapped = "::ffff:";
  if (lower(written).starts_with(mapped) && written.contains('.')) written.erase(0, mapped.size());
  auto const ip = written.contains('/') ? std::nullopt : cedar::parse_ip(written);
  return ip ? std::optional(unmapped(*ip)) : std::nullopt;
}

bool is_trusted(Ip const& ip, std::vector<Ip> const& trusted) {
  return std::ranges::any_of(trusted, [&](Ip const& range) { return cedar::in_range(ip, range); });
}

std::string text_of(Ip const& ip) {
  auto const text = cedar::to_string(ip);
  return is_single(ip) ? text.substr(0, text.find('/')) : text;
}

std::string milliseconds(reeve::Duration span) {
  auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
  return std::to_string(ms) + "ms";
}

std::string datetime(Instant at) {
  auto const ms = std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
  return cedar::to_string(cedar::Datetime{ms});
}

Json time_of(Zone const& zone, Instant now) {
  auto const clock = wall_clock(zone, now);
  Json out;
  out.add("now", datetime(now)).add("tod", milliseconds(clock.time_of_day));
  return out.add("dow", clock.day_of_week);
}

Json place_of(Facts const& facts, Surroundings const& surroundings) {
  Json out{Json::Object{}};
  auto const ip = source_of(facts.peer, facts.forwarded_for, surroundings.trusted_proxies);
  if (!ip) return out;
  out.add("ip", text_of(*ip));
  if (!surroundings.geo) return out;
  auto const place = surroundings.geo->look(*ip);
  if (place.country) out.add("country", *place.country);
  if (place.asn) out.add("asn", *place.asn);
  if (place.anonymous) out.add("anonymous", *place.anonymous);
  return out;
}

Json auth_of(Facts const& facts, Instant now) {
  Json out;
  out.add("method", facts.auth_method);
  if (facts.token_made) out.add("token_age", milliseconds(now - *facts.token_made));
  if (!facts.mtls_san.empty()) out.add("mtls_san", facts.mtls_san);
  return out;
}

Json identity(Actor const& actor) {
  return Json().add("type", "Identity").add("id", actor.kind + ":" + actor.id);
}

Json actor_of(std::vector<Actor> const& chain) {
  Json out;
  Json::Array all;
  for (auto const& actor : chain) all.push_back(identity(actor));
  out.add("chain", std::move(all));
  if (chain.empty()) return out;
  return out.add("immediate", identity(chain.back())).add("root", identity(chain.front()));
}

}  // namespace

Result<std::vector<Ip>> parse_networks(std::string_view comma_separated) {
  std::vector<Ip> out;
  for (auto const part : split(comma_separated, ',')) {
    if (trim(part).empty()) continue;
    auto const network = cedar::parse_ip(trim(part));
    if (!network)
      return fail(Errc::invalid, "no network like 10.0.0.0/8: " + std::string(trim(part)));
    out.push_back(*network);
  }
  return out;
}

std::optional<Ip> source_of(std::string_view peer, std::string_view forwarded_for,
                            std::vector<Ip> const& trusted) {
  auto at = parse_address(peer);
  if (!at || forwarded_for.empty()) return at;
  for (auto const part : std::views::reverse(split(forwarded_for, ','))) {
    if (!is_trusted(*at, trusted)) return at;
    at = parse_address(part);
    if (!at) return std::nullopt;
  }
  return at;
}

Json make_context(Facts const& facts, Surroundings const& surroundings, Instant now) {
  Json out;
  out.add("source", place_of(facts, surroundings)).add("time", time_of(surroundings.zone, now));
  out.add("auth", auth_of(facts, now));
  out.add("attest", Json().add("level", facts.attest_level).add("kind", facts.attest_kind));
  out.add("actor", actor_of(facts.chain));
  if (!facts.on_behalf_of.empty())
    out.add("on_behalf_of", Json().add("type", "Person").add("id", facts.on_behalf_of));
  auto const depth = facts.chain.empty() ? 0 : facts.chain.size() - 1;
  out.add("delegation_depth", depth);
  if (!facts.request_id.empty()) out.add("request_id", facts.request_id);
  for (auto const& [key, value] : *facts.more.object())
    if (!out.find(key)) out.add(key, value);
  return out;
}

}  // namespace reeve::pdp
