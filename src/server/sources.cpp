#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "model/id.hpp"
#include "pdp/actions.hpp"
#include "server/api.hpp"
#include "server/service.hpp"

namespace reeve::server {
namespace {

Json json_of(inventory::SourceConfig const& source) {
  Json options{Json::Object{}};
  for (auto const& [key, value] : source.options) options.add(key, value);
  return Json()
      .add("name", source.name)
      .add("kind", source.kind)
      .add("options", std::move(options));
}

/// A path is kept as what it meant where it was said: the next process may stand elsewhere.
void make_absolute(inventory::SourceConfig& source, connect::Info const& info) {
  for (auto const& option : info.options) {
    if (option.type != connect::Option::Type::path || option.secret) continue;
    auto const found = source.options.find(std::string(option.name));
    if (found == source.options.end() || found->second.empty()) continue;
    std::error_code no_folder;
    auto const path = std::filesystem::absolute(found->second, no_folder).lexically_normal();
    if (!no_folder) found->second = path.string();
  }
}

/// {"name", "kind", "options": {…text…}}. Checked against the options of its kind.
Result<inventory::SourceConfig> source_from(Json const& json, Service const& service) {
  inventory::SourceConfig out{.name = json.text_at("name"), .kind = json.text_at("kind")};
  auto const* kind = TRY(discover::find_kind(service.kinds(), out.kind));
  if (out.name.empty()) out.name = out.kind;
  if (out.name.size() > 100 || out.name != clean_utf8(out.name))
    return fail(Errc::invalid, "a source's name is text of at most 100 bytes");
  if (auto const* options = json.find("options"); options && options->object())
    for (auto const& member : *options->object()) {
      auto const* text = member.value.text();
      if (!text) return fail(Errc::invalid, "option " + member.key + " is no text");
      out.options[member.key] = *text;
    }
  make_absolute(out, kind->info);
  std::vector<std::pair<std::string, std::string>> const given(out.options.begin(),
                                                               out.options.end());
  TRY_DURING(connect::Settings::resolve(kind->info, given, service.environment()),
             "source " + out.name);
  return out;
}

Result<std::vector<inventory::SourceConfig>> configured(Service& service) {
  auto const db = TRY(service.state().reader());
  auto out = TRY(inventory::sources(*db));
  for (auto const& source : service.declared())
    if (std::ranges::find(out, source.name, &inventory::SourceConfig::name) == out.end())
      out.push_back(source);
  std::ranges::sort(out, {}, &inventory::SourceConfig::name);
  return out;
}

Result<> not_declared(Service const& service, std::string const& name) {
  auto const& all = service.declared();
  if (std::ranges::find(all, name, &inventory::SourceConfig::name) == all.end()) return {};
  return fail(Errc::conflict,
              "source " + name + " stands in the configuration file: change it there");
}

Result<net::Response> list_configs(Api& api, Request const& request) {
  auto const load = [&] { return configured(api.service); };
  auto const sources = TRY(request.call.blocking(load));
  Json::Array items;
  for (auto const& source : sources) items.push_back(json_of(source));
  return json_response(Json().add("items", std::move(items)).add("next", nullptr));
}

Result<net::Response> add_config(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  auto const source = TRY(source_from(body, api.service));
  TRY(not_declared(api.service, source.name));
  auto const work = [&] {
    return api.service.decide(
        [&](sql::Database& db) { return inventory::add_source(db, source, api.service.now()); });
  };
  TRY(request.call.blocking(work));
  return json_response(json_of(source), 201);
}

Result<net::Response> remove_config(Api& api, Request const& request) {
  TRY(not_declared(api.service, request.id));
  auto const work = [&] {
    return api.service.decide(
        [&](sql::Database& db) { return inventory::remove_source(db, request.id); });
  };
  TRY(request.call.blocking(work));
  return json_response(Json().add("removed", request.id));
}

/// Those of `names`; all when there are none. Errors: not_found.
Result<std::vector<inventory::SourceConfig>> chosen(Service& service, Json const* names) {
  auto all = TRY(configured(service));
  if (!names || !names->array() || names->array()->empty()) return all;
  std::vector<inventory::SourceConfig> out;
  for (auto const& name : *names->array()) {
    auto const* text = name.text();
    auto const found = std::ranges::find(all, text ? *text : "", &inventory::SourceConfig::name);
    if (found == all.end())
      return fail(Errc::not_found, "no source is named " + (text ? *text : "") +
                                       "; `reeve source list` shows those there are");
    out.push_back(*found);
  }
  return out;
}

Json json_of(connect::Check const& check) {
  Json::Array missing;
  for (auto const& each : check.missing) missing.emplace_back(each);
  Json out;
  out.add("account", check.account).add("version", check.version);
  out.add("clock_skew_ms", check.clock_skew.count() / 1000);
  return out.add("missing", std::move(missing));
}

Result<net::Response> check_config(Api& api, Request const& request) {
  auto const work = [&]() -> Result<Json> {
    auto const wanted = Json(Json::Array{request.id});
    auto const source = TRY(chosen(api.service, &wanted)).front();
    return json_of(TRY(api.service.check(source)));
  };
  return json_response(TRY(request.call.blocking(work)));
}

Json json_of(Report const& report) {
  Json::Array outcomes;
  for (auto const& o : report.outcomes) {
    Json::Array partial;
    for (auto const& c : o.coverage)
      if (c.state == CoverageState::partial)
        partial.push_back(Json()
                              .add("class", name(c.object_class))
                              .add("missing", c.missing)
                              .add("reason", c.reason)
                              .add("fix", c.fix));
    Json one;
    one.add("source", o.source).add("kind", o.kind).add("complete", o.complete);
    one.add("error", o.error).add("objects", o.objects).add("gaps", o.gaps);
    one.add("run", to_string(o.run)).add("partial", std::move(partial));
    outcomes.push_back(std::move(one));
  }
  auto const& s = report.summary;
  Json summary;
  summary.add("identities", s.identities).add("open", s.open).add("opened", s.opened);
  summary.add("resolved", s.resolved).add("accepted", s.accepted).add("unknown", s.unknown);
  return Json().add("sources", std::move(outcomes)).add("summary", std::move(summary));
}

/// The system it is, of a kind that looks at one by its root; empty: the running one.
std::string root_of(inventory::SourceConfig const& source) {
  auto const found = source.options.find("root");
  return found == source.options.end() ? "" : found->second;
}

/// Errors: conflict (something else was looked at under that name).
Result<> same_place(inventory::SourceConfig const& source, Service& service) {
  auto const db = TRY(service.state().reader());
  for (auto const& spot : TRY(inventory::spots(*db))) {
    if (spot.name != source.name || spot.kind != source.kind) continue;
    auto const was = root_of(spot), is = root_of(source);
    if (was == is) continue;
    return fail(Errc::conflict,
                "source " + source.name + " is " + (was.empty() ? "the running system" : was) +
                    " in this store, and not " + (is.empty() ? "the running system" : is) +
                    ": all that was seen there would vanish; to look at another: --name NAME");
  }
  return {};
}

/// A source of `with` as it is to be looked at. Its name is that of all that was ever seen under
/// it: another place under the same name would make everything there vanish.
Result<inventory::SourceConfig> on_the_spot(inventory::SourceConfig source, Service& service) {
  auto const all = TRY(configured(service));
  auto const known = std::ranges::find(all, source.name, &inventory::SourceConfig::name);
  if (known != all.end() && known->kind == source.kind) {
    if (source.options.empty()) return *known;
    if (source.options == known->options || source.kind == "people") return source;
    return fail(Errc::conflict, "source " + source.name +
                                    " is configured with other options; to look at it as it is: "
                                    "reeve discover " +
                                    shell_quote(source.name) + "; to look at another: --name NAME");
  }
  TRY(same_place(source, service));
  auto const remember = [&](sql::Database& db) {
    return inventory::remember_spot(db, source, service.now());
  };
  TRY(service.decide(remember));
  return source;
}

Result<std::vector<inventory::SourceConfig>> wanted(Service& service, Json const& body) {
  auto const* given = body.find("with");
  auto out = TRY(chosen(service, body.find("sources")));
  if (!given || !given->array()) return out;
  if (!body.find("sources")) out.clear();
  for (auto const& json : *given->array()) {
    auto source = TRY(source_from(json, service));
    out.push_back(TRY(on_the_spot(std::move(source), service)));
  }
  return out;
}

// Body: {"sources": ["prod-pg"], "with": [{"name", "kind", "options"}]}; without both: all that are
// configured. A source of `with` is looked at and not remembered.
Result<net::Response> discover(Api& api, Request const& request) {
  auto const body = TRY(request.json());
  auto const sources = TRY(request.call.blocking([&] { return wanted(api.service, body); }));
  if (sources.empty())
    return fail(Errc::invalid,
                "there is no source to look at: add one with `reeve source add`, or "
                "name one on the spot: `reeve discover host`");
  auto const work = [&service = api.service, sources](Tell const& tell) -> Result<Json> {
    auto const watch = [&tell](Progress const& p) {
      tell(Json()
               .add("source", p.source)
               .add("what", p.what)
               .add("detail", p.detail)
               .add("pages", p.pages)
               .add("objects", p.objects));
    };
    return json_of(TRY(service.discover(sources, watch)));
  };
  return stream_work(request.call, work);
}

constexpr Route routes_here[] = {
    {"GET", "/v1/source-configs", pdp::action("source.read"), "Sources to look at", list_configs},
    {"POST", "/v1/source-configs", pdp::action("source.add"), "Adds a source", add_config,
     "kind name? options?:object"},
    {"DELETE", "/v1/source-configs/{id}", pdp::action("source.remove"),
     "Forgets how to reach a source; what was discovered stays", remove_config},
    {"POST", "/v1/source-configs/{id}/check", pdp::action("source.test"),
     "Logs in to a source: who we are there, and what we may not see", check_config},
    {"POST", "/v1/discoveries", pdp::action("discovery.run"),
     "Looks at sources and concludes; progress comes as server-sent events", discover,
     "sources?:texts with?:objects", "", "text/event-stream", Route::Keeps::no},
};

}  // namespace

constinit std::span<Route const> const source_routes = routes_here;

}  // namespace reeve::server
