#include "cedar/generate.hpp"

#include "cedar/authorize.hpp"
#include "cedar/entity_json.hpp"
#include "cedar/parser.hpp"
#include "cedar/snapshot.hpp"

namespace reeve::cedar {
namespace {

constexpr std::string_view entity_types[] = {"User", "Group", "N::File", "N::M::Folder"};
constexpr std::string_view entity_ids[] = {"a", "b", "", "é\n\"", "😀"};
constexpr std::string_view action_types[] = {"Action", "N::Action"};
constexpr std::string_view action_ids[] = {"read", "write", "all"};
constexpr std::string_view attributes[] = {"a", "b", "c", "d e", "if", "é", "n"};
constexpr std::string_view numbers[] = {"0",
                                        "1",
                                        "-1",
                                        "2",
                                        "-5",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "9223372036854775806",
                                        "4611686018427387904",
                                        "3037000500",
                                        "86400000"};
constexpr std::string_view strings[] = {"",         "a",   "ab",         "a*b", "é",
                                        "10.0.0.1", "1.5", "2024-01-01", "1d",  "\n"};
constexpr std::string_view patterns[] = {"*", "a*", "*b", "a\\*b", "*a*b*",
                                         "",  "**", "é*", "10.*.1"};
constexpr std::string_view ips[] = {"10.0.0.1", "10.0.0.0/8",     "0.0.0.0/0",   "127.0.0.1",
                                    "::1",      "ff00::/8",       "fe80::1/64",  "224.0.0.0/3",
                                    "1.2.3",    "::ffff:1.2.3.4", "10.0.0.1/33", "1:2:3:4:5:6:7::"};
constexpr std::string_view decimals[] = {
    "1.0",   "-0.0001", "922337203685477.5807", "922337203685477.5808", "1.00000", ".5",
    "00.10", "1.5"};
constexpr std::string_view datetimes[] = {"2024-01-01",           "1969-12-31T23:59:59.999Z",
                                          "2024-02-30",           "0000-01-01",
                                          "9999-12-31T23:59:59Z", "2024-01-01T00:00:00+0130",
                                          "2024-01-01T24:00:00Z", "2024-02-29T12:00:00.000-2359"};
constexpr std::string_view durations[] = {"1d",
                                          "-1d2h3m4s5ms",
                                          "9223372036854775807ms",
                                          "-9223372036854775808ms",
                                          "1h1d",
                                          "",
                                          "0ms",
                                          "106751991167d",
                                          "90m"};

Json uid_json(std::string_view type, std::string_view id) {
  Json out;
  out.add("type", type).add("id", id);
  return out;
}

class Maker {
 public:
  explicit Maker(Random& random) : r_(random) {}

  RandomCase run() {
    RandomCase out;
    auto const count = r_.chance(80) ? r_.below(6) : r_.below(51);
    for (std::size_t i = 0; i < count; ++i) out.policies.push_back(policy(/*slots=*/false));
    for (auto i = r_.below(4); i > 0; --i) add_template(out, i);
    if (!out.policies.empty() && r_.chance(4)) damage(out.policies[r_.below(out.policies.size())]);
    entities(out);
    for (auto i = 1 + r_.below(3); i > 0; --i) out.requests.push_back(request());
    return out;
  }

 private:
  // ── JSON ──

  EntityUid uid() { return {std::string(r_.pick(entity_types)), std::string(r_.pick(entity_ids))}; }
  EntityUid action_uid() {
    return {std::string(r_.pick(action_types)), std::string(r_.pick(action_ids))};
  }

  Json extension_json() {
    Json call;
    switch (r_.below(4)) {
      case 0: call.add("fn", "ip").add("arg", r_.pick(ips).substr(0, 10)); break;
      case 1: call.add("fn", "decimal").add("arg", r_.pick(decimals)); break;
      case 2: call.add("fn", "datetime").add("arg", r_.pick(datetimes)); break;
      default: call.add("fn", "duration").add("arg", r_.pick(durations)); break;
    }
    Json out;
    return out.add("__extn", std::move(call));
  }

  Json value_json(int depth) {
    Json out;
    switch (r_.below(depth > 0 ? 8 : 5)) {
      case 0: return r_.chance(50);
      case 1:
      case 2: return parse_json(r_.pick(numbers)).value();
      case 3: return r_.pick(strings);
      case 4: {
        auto const entity = uid();
        return out.add("__entity", uid_json(entity.type, entity.id));
      }
      case 5: return r_.chance(70) ? good_extension() : extension_json();
      case 6: {
        Json::Array items;
        for (auto i = r_.below(4); i > 0; --i) items.push_back(value_json(depth - 1));
        return items;
      }
      default: return record_json(depth - 1);
    }
  }

  Json good_extension() {
    constexpr std::string_view texts[] = {"ip 10.0.0.1", "ip ::1", "decimal 1.5",
                                          "datetime 2024-01-01", "duration 1d"};
    auto const text = r_.pick(texts);
    Json call, out;
    call.add("fn", text.substr(0, text.find(' '))).add("arg", text.substr(text.find(' ') + 1));
    return out.add("__extn", std::move(call));
  }

  Json record_json(int depth) {
    Json out{Json::Object{}};
    for (auto const attribute : attributes)
      if (r_.chance(50)) out.add(std::string(attribute), value_json(depth));
    return out;
  }

  void entities(RandomCase& out) {
    for (auto const type : entity_types)
      for (auto const id : entity_ids)
        if (r_.chance(60)) out.entities.push_back(entity(uid_json(type, id), type));
    for (auto const id : action_ids)
      if (r_.chance(60)) {
        Json::Array parents;
        if (id != "all" && r_.chance(50)) parents.push_back(uid_json("Action", "all"));
        Json one;
        one.add("uid", uid_json("Action", id))
            .add("attrs", Json(Json::Object{}))
            .add("parents", std::move(parents));
        out.entities.push_back(std::move(one));
      }
  }

  Json entity(Json id, std::string_view type) {
    Json::Array parents;
    // Upwards by type, so that cycles are rare and not the rule.
    for (auto i = r_.below(3); i > 0; --i) {
      auto const up = type == "User"                     ? "Group"
                      : type == "Group" && !r_.chance(2) ? "N::M::Folder"
                                                         : "Group";
      if (type != "N::M::Folder") parents.push_back(uid_json(up, r_.pick(entity_ids)));
    }
    Json out;
    out.add("uid", std::move(id)).add("attrs", r_.chance(90) ? clean_record() : record_json(2));
    out.add("parents", std::move(parents));
    if (r_.chance(50)) out.add("tags", clean_record());
    return out;
  }
  /// Without extension values that cannot be read.
  Json clean_record() {
    Json out{Json::Object{}};
    for (auto const attribute : attributes)
      if (r_.chance(50))
        out.add(std::string(attribute), r_.chance(20) ? good_extension() : value_json(0));
    return out;
  }

  Json request() {
    auto const principal = uid(), action = action_uid(), resource = uid();
    Json out;
    out.add("principal", uid_json(principal.type, principal.id))
        .add("action", uid_json(action.type, action.id));
    out.add("resource", uid_json(resource.type, resource.id));
    return out.add("context", r_.chance(95) ? clean_record() : record_json(2));
  }

  // ── text ──

  std::string scope(std::string_view variable, bool slot) {
    auto const target = slot ? "?" + std::string(variable) : to_string(uid());
    auto const type = std::string(r_.pick(entity_types));
    auto out = std::string(variable);
    switch (slot ? 1 + r_.below(3) : r_.below(6)) {
      case 1: return out + " == " + target;
      case 2: return out + " in " + target;
      case 3: return out + " is " + type + " in " + target;
      case 4: return out + " is " + type;
      default: return out;
    }
  }

  std::string action_scope() {
    switch (r_.below(5)) {
      case 0: return "action == " + to_string(action_uid());
      case 1: return "action in " + to_string(action_uid());
      case 2:
        return "action in [" + to_string(action_uid()) + ", " + to_string(action_uid()) + ",]";
      case 3: return r_.chance(20) ? "action in []" : "action";
      default: return "action";
    }
  }

  std::string policy(bool slots) {
    bool const principal = slots && r_.chance(70);
    bool const resource = slots && (!principal || r_.chance(50));
    std::string out = r_.chance(10) ? "@note(\"x\") " : "";
    out += r_.chance(70) ? "permit(" : "forbid(";
    out += scope("principal", principal) + ", " + action_scope() + ", " +
           scope("resource", resource) + ")";
    for (auto i = r_.below(3); i > 0; --i)
      out += std::string(r_.chance(75) ? " when { " : " unless { ") +
             (r_.chance(90) ? truth(3) : any(3)) + " }";
    return out + ";";
  }

  void add_template(RandomCase& out, std::size_t number) {
    auto const id = "template" + std::to_string(number);
    auto const text = policy(/*slots=*/true);
    out.templates.emplace_back(id, text);
    for (auto i = r_.below(3); i > 0; --i) {
      Link link{.id = id + "-" + std::to_string(i), .template_id = id};
      if (text.contains("?principal") || r_.chance(1)) link.principal = uid();
      if (text.contains("?resource") || r_.chance(1)) link.resource = uid();
      out.links.push_back(std::move(link));
    }
  }

  std::string attribute() {
    auto const name = std::string(r_.pick(attributes));
    return is_identifier(name) && !is_reserved(name) ? "." + name : "[" + quoted(name) + "]";
  }
  std::string has_right() {
    auto const name = std::string(r_.pick(attributes));
    if (!is_identifier(name) || is_reserved(name)) return quoted(name);
    return r_.chance(30) ? name + ".a" : name;
  }

  std::string wrapped(std::string_view inner) {
    auto const levels = r_.below(60);
    std::string out;
    for (std::size_t i = 0; i < levels; ++i) out += "(";
    out += inner;
    for (std::size_t i = 0; i < levels; ++i) out += ")";
    return out;
  }

  /// An expression that should be a Bool.
  std::string truth(int depth) {
    if (depth == 0)
      return r_.chance(50) ? "true" : r_.chance(50) ? "false" : "principal == resource";
    auto const d = depth - 1;
    switch (r_.below(20)) {
      case 0: return "(" + truth(d) + " && " + truth(d) + ")";
      case 1: return "(" + truth(d) + " || " + truth(d) + " || " + truth(d) + ")";
      case 2: return "!(" + truth(d) + ")";
      case 3: return "(if " + truth(d) + " then " + truth(d) + " else " + truth(d) + ")";
      case 4: return "(" + any(d) + " == " + any(d) + ")";
      case 5: return "(" + any(d) + " != " + any(d) + ")";
      case 6: return "(" + number(d) + std::string(r_.pick(comparisons)) + number(d) + ")";
      case 7: return "(" + entity(d) + " in " + entity(d) + ")";
      case 8: return "(" + entity(d) + " in " + set(d, /*entities=*/r_.chance(90)) + ")";
      case 9: return "(" + entity(d) + " has " + has_right() + ")";
      case 10: return "(" + entity(d) + " has " + has_right() + " && " + any(d) + " == 1)";
      case 11: return "(" + text(d) + " like \"" + std::string(r_.pick(patterns)) + "\")";
      case 12:
        return "(" + entity(d) + " is " + std::string(r_.pick(entity_types)) +
               (r_.chance(30) ? " in " + entity(d) : "") + ")";
      case 13: return set(d, false) + ".contains(" + any(d) + ")";
      case 14:
        return set(d, false) + (r_.chance(50) ? ".containsAll(" : ".containsAny(") + set(d, false) +
               ")";
      case 15: return set(d, false) + ".isEmpty()";
      case 16: return entity(d) + ".hasTag(" + text(d) + ")";
      case 17: return "(" + time(d) + std::string(r_.pick(comparisons)) + time(d) + ")";
      case 18: return address(d);
      default: return r_.chance(20) ? wrapped(truth(d)) : entity(d) + attribute();
    }
  }

  std::string address(int depth) {
    constexpr std::string_view tests[] = {".isIpv4()", ".isIpv6()", ".isLoopback()",
                                          ".isMulticast()"};
    auto const ip = "ip(" + (r_.chance(90) ? quoted(r_.pick(ips)) : any(depth)) + ")";
    if (r_.chance(40)) return ip + ".isInRange(ip(" + quoted(r_.pick(ips)) + "))";
    if (r_.chance(70)) return ip + std::string(r_.pick(tests));
    constexpr std::string_view orders[] = {".lessThan(", ".lessThanOrEqual(", ".greaterThan(",
                                           ".greaterThanOrEqual("};
    return decimal() + std::string(r_.pick(orders)) + decimal() + ")";
  }
  std::string decimal() { return "decimal(" + quoted(r_.pick(decimals)) + ")"; }
  std::string datetime() { return "datetime(" + quoted(r_.pick(datetimes)) + ")"; }
  std::string duration() { return "duration(" + quoted(r_.pick(durations)) + ")"; }

  std::string time(int depth) {
    switch (r_.below(depth > 0 ? 6 : 2)) {
      case 0: return datetime();
      case 1: return duration();
      case 2: return datetime() + ".offset(" + duration() + ")";
      case 3: return datetime() + ".durationSince(" + datetime() + ")";
      case 4: return time(depth - 1) + ".toDate()";
      default: return time(depth - 1) + ".toTime()";
    }
  }

  std::string number(int depth) {
    if (depth == 0 || r_.chance(40)) return std::string(r_.pick(numbers));
    switch (r_.below(6)) {
      case 0: return "(" + number(depth - 1) + " + " + number(depth - 1) + ")";
      case 1: return "(" + number(depth - 1) + " - " + number(depth - 1) + ")";
      case 2: return "(" + number(depth - 1) + " * " + number(depth - 1) + ")";
      case 3: return "-(" + number(depth - 1) + ")";
      case 4: {
        constexpr std::string_view units[] = {".toMilliseconds()", ".toSeconds()", ".toMinutes()",
                                              ".toHours()", ".toDays()"};
        return duration() + std::string(r_.pick(units));
      }
      default: return entity(depth - 1) + attribute();
    }
  }

  std::string text(int depth) {
    if (depth == 0 || r_.chance(60))
      return quoted(r_.chance(70) ? r_.pick(strings) : r_.pick(attributes));
    return any(depth - 1);
  }

  std::string entity(int depth) {
    switch (r_.below(depth > 0 ? 8 : 5)) {
      case 0: return "principal";
      case 1: return "resource";
      case 2: return "context";
      case 3: return to_string(uid());
      case 4: return r_.chance(50) ? "action" : to_string(action_uid());
      case 5: return entity(depth - 1) + ".getTag(" + quoted(r_.pick(attributes)) + ")";
      default: return entity(depth - 1) + attribute();
    }
  }

  std::string set(int depth, bool entities) {
    if (!entities && r_.chance(20)) return entity(depth) + attribute();
    std::string out = "[";
    for (auto i = r_.below(4); i > 0; --i)
      out += (entities ? entity(0) : any(depth > 0 ? depth - 1 : 0)) + ", ";
    return out + "]";
  }

  std::string any(int depth) {
    if (depth == 0) return r_.chance(50) ? number(0) : r_.chance(50) ? text(0) : entity(0);
    switch (r_.below(9)) {
      case 0: return truth(depth - 1);
      case 1: return number(depth - 1);
      case 2: return text(depth - 1);
      case 3: return entity(depth - 1);
      case 4: return set(depth - 1, r_.chance(50));
      case 5: return "{a: " + any(depth - 1) + ", \"d e\": " + any(depth - 1) + "}";
      case 6: return time(depth - 1);
      case 7: return r_.chance(50) ? decimal() : "ip(" + quoted(r_.pick(ips)) + ")";
      default:
        return "(if " + truth(depth - 1) + " then " + any(depth - 1) + " else " + any(depth - 1) +
               ")";
    }
  }

  /// One to three edits of ASCII characters.
  void damage(std::string& text) {
    constexpr std::string_view signs = "(){}[].,;:=!<>&|\"\\@?*-+ aif01_/%";
    for (auto i = 1 + r_.below(3); i > 0; --i) {
      auto const at = r_.below(text.size());
      if (static_cast<unsigned char>(text[at]) >= 0x80) continue;
      switch (r_.below(3)) {
        case 0: text.erase(at, 1); break;
        case 1: text[at] = signs[r_.below(signs.size())]; break;
        default: text.insert(at, 1, signs[r_.below(signs.size())]); break;
      }
    }
  }

  static constexpr std::string_view comparisons[] = {" < ", " <= ", " > ", " >= "};
  Random& r_;
};

Result<PolicySet> read_policies(RandomCase const& c) {
  std::string all;
  for (auto const& text : c.policies) all += text + "\n";
  auto set = TRY(parse_policies(all));
  for (auto const& policy : set.policies())
    if (policy->is_template()) return fail(Errc::invalid, "a template among the static policies");
  for (auto const& [id, text] : c.templates) {
    auto policy = TRY(parse_policy(text, id));
    if (!policy.is_template()) return fail(Errc::invalid, "a template without slot");
    TRY(set.add(std::move(policy)));
  }
  for (auto const& link : c.links) TRY(set.link(link));
  return set;
}

std::string shown(Response const& response) {
  Json::Array reasons(response.reasons.begin(), response.reasons.end()), errors;
  for (auto const& error : response.errors) errors.push_back(error.policy);
  return std::string(name(response.decision)) + " " + to_json(reasons) + " " + to_json(errors);
}

Result<std::vector<std::string>> answers(RandomCase const& c) {
  std::vector<std::string> out;
  auto const policies = TRY(read_policies(c));
  auto const entities = TRY(entities_from_json(c.entities));
  auto const snapshot = TRY(Snapshot::make(policies, entities));
  Scratch scratch;
  for (auto const& json : c.requests) {
    auto const request = request_from_json(json);
    if (!request) {
      out.emplace_back("invalid");
      continue;
    }
    auto slow = shown(authorize(policies, *request, entities));
    auto const fast = shown(snapshot->authorize(*request, scratch));
    out.push_back(slow == fast ? slow : "engines differ: " + slow + " / " + fast);
  }
  return out;
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15u;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

RandomCase random_case(Random& random) {
  return Maker(random).run();
}

std::vector<std::string> our_answers(RandomCase const& c) {
  auto out = answers(c);
  if (out) return *std::move(out);
  return std::vector<std::string>(c.requests.size(), "invalid");
}

std::string oracle_question(RandomCase const& c) {
  std::string all;
  for (auto const& text : c.policies) all += text + "\n";
  Json templates{Json::Object{}};
  for (auto const& [id, text] : c.templates) templates.add(id, text);
  Json::Array links;
  for (auto const& link : c.links) {
    Json values{Json::Object{}}, one;
    if (link.principal)
      values.add("?principal", uid_json(link.principal->type, link.principal->id));
    if (link.resource) values.add("?resource", uid_json(link.resource->type, link.resource->id));
    one.add("templateId", link.template_id).add("newId", link.id).add("values", std::move(values));
    links.push_back(std::move(one));
  }
  Json policies;
  policies.add("staticPolicies", all)
      .add("templates", std::move(templates))
      .add("templateLinks", std::move(links));
  Json out;
  out.add("policies", std::move(policies)).add("entities", c.entities).add("requests", c.requests);
  return to_json(out);
}

}  // namespace reeve::cedar
