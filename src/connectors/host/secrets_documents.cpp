#include "connectors/host/secrets_documents.hpp"

#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "connectors/host/keys_file.hpp"
#include "connectors/host/secrets_document.hpp"
#include "scan/command.hpp"

namespace reeve::host {
namespace {

std::string below(std::string const& path, std::string_view key) {
  return path.empty() ? std::string(key) : path + "." + std::string(key);
}

/// What the neighbours of a secret tell about it.
void note(Yaml const& map, Finder::Where& where) {
  for (std::string_view const key : {"client_email", "client_id", "username", "user", "login",
                                     "account", "email", "access_key_id", "clientId"})
    if (auto const text = text_at(map, key); !text.empty()) {
      where.account = std::string(text);
      break;
    }
  for (std::string_view const key : {"url", "host", "server", "endpoint", "registry"})
    if (auto const text = text_at(map, key); !text.empty() && !text.contains('@')) {
      where.target = std::string(text);
      break;
    }
}

/// In lists of a compose file the name stands inside: "- DB_PASSWORD=…".
void scalar(std::string_view name, std::string_view text, Finder::Where& where, Finder& finder,
            scan::Place place) {
  auto const equals = text.find('=');
  bool const pair = where.key.ends_with(']') && equals != std::string_view::npos && equals > 0 &&
                    text.substr(0, equals).find_first_of(" /:?&") == std::string_view::npos;
  if (!pair) return finder.setting(name, text, where, place);
  where.key += "." + std::string(text.substr(0, equals));
  finder.setting(text.substr(0, equals), text.substr(equals + 1), where, place);
}

void walk(std::string_view name, Yaml const& node, Finder::Where where, Finder& finder,
          scan::Place place) {
  where.line = node.line;
  auto const path = where.key;
  if (node.kind == Yaml::Kind::map) note(node, where);
  for (auto const& [key, member] : node.members) {
    where.key = below(path, key);
    walk(key, member, where, finder, place);
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    where.key = path + "[" + std::to_string(i) + "]";
    walk(name, node.items[i], where, finder, place);
  }
  if (node.kind == Yaml::Kind::scalar) scalar(name, node.scalar, where, finder, place);
}

}  // namespace

void find_in_tree(Yaml const& root, Finder& finder, scan::Place place) {
  walk({}, root, {}, finder, place);
}

// --- kubeconfig

namespace {

/// user → "https://server", by the first context that names it.
std::map<std::string, std::string, std::less<>> servers(Yaml const& root) {
  std::map<std::string, std::string, std::less<>> cluster, out;
  for (auto const& item : root["clusters"].items)
    cluster.emplace(text_at(item, "name"), text_at(item["cluster"], "server"));
  for (auto const& item : root["contexts"].items)
    if (auto const at = cluster.find(text_at(item["context"], "cluster")); at != cluster.end())
      out.emplace(text_at(item["context"], "user"), at->second);
  return out;
}

/// Data in base64 inside the file, or the name of the file that holds it.
void inline_or_file(Yaml const& user, std::string_view name, Finder::Where const& where,
                    Finder& finder) {
  auto const data_key = std::string(name) + "-data";
  bool const key = name == "client-key";
  auto at = where;
  if (auto const& data = user[data_key]; data) {
    at.key += "." + data_key;
    at.line = data.line;
    auto pem = Secret(scan::base64_decoded(data.scalar));
    if (pem.empty())
      finder.malformed(data.line, data_key + " is not base64");
    else if (key)
      find_private_key(pem, at, finder);
    else
      find_certificates(pem.reveal(), at, finder);
  } else if (auto const file = text_at(user, name); !file.empty()) {
    at.key += "." + std::string(name);
    at.line = user[name].line;
    finder.reference(key ? "private_key" : "certificate", file, at);
  }
}

void exec_plugin(Yaml const& exec, Finder::Where where, Finder& finder) {
  where.key += ".exec";
  where.line = exec.line;
  auto const command = text_at(exec, "command");
  finder.reference("token", "exec " + std::string(command), where);
  std::vector<std::string> argv{std::string(command)};
  for (auto const& argument : exec["args"].items) argv.push_back(argument.scalar);
  finder.command(argv, where);
  for (auto const& item : exec["env"].items) {
    auto at = where;
    at.key += ".env." + std::string(text_at(item, "name"));
    at.line = item["value"].line;
    finder.setting(text_at(item, "name"), text_at(item, "value"), at);
  }
}

void kube_user(Yaml const& item, Finder::Where where, Finder& finder) {
  auto const& user = item["user"];
  auto const base = where.key;
  auto const named = [&](std::string_view name, std::string_view kind) {
    auto const text = text_at(user, name);
    where.key = base + "." + std::string(name);
    where.line = user[name].line;
    if (!text.empty()) finder.setting(kind, text, where, scan::Place::value);
  };
  named("token", "token");
  named("password", "password");
  where.key = base;
  where.line = user.line;
  if (auto const file = text_at(user, "tokenFile"); !file.empty())
    finder.reference("token", file, where);
  inline_or_file(user, "client-certificate", where, finder);
  inline_or_file(user, "client-key", where, finder);
  if (user["exec"].kind == Yaml::Kind::map) exec_plugin(user["exec"], where, finder);
  for (auto const& [key, value] : user["auth-provider"]["config"].members) {
    where.key = base + ".auth-provider." + key;
    where.line = value.line;
    finder.setting(key, value.scalar, where);
  }
}

}  // namespace

void find_in_kubeconfig(Yaml const& root, Finder& finder) {
  if (root.kind == Yaml::Kind::null) return;
  if (root.kind != Yaml::Kind::map || !root["users"])
    return finder.malformed(root.line, "no users: not a kubeconfig");
  auto const server = servers(root);
  for (auto const& item : root["users"].items) {
    auto const name = std::string(text_at(item, "name"));
    if (item["user"].kind != Yaml::Kind::map) {
      finder.malformed(item.line, "a user that is no map");
      continue;
    }
    auto const at = server.find(name);
    kube_user(item, {"users." + name, item.line, name, at == server.end() ? "" : at->second},
              finder);
  }
}

// --- docker

namespace {

std::string registry_address(std::string_view name) {
  return name.contains("://") ? std::string(name) : "https://" + std::string(name);
}

void registry(std::string const& name, Yaml const& entry, std::string_view helper, Finder& finder) {
  auto const base = "auths." + name;
  auto where = [&](std::string_view key) {
    return Finder::Where{base + "." + std::string(key), entry[key].line,
                         std::string(text_at(entry, "username")), registry_address(name)};
  };
  auto const auth = text_at(entry, "auth");
  if (!auth.empty()) finder.setting("auth", "Basic " + std::string(auth), where("auth"));
  if (auth.empty())
    finder.setting("password", text_at(entry, "password"), where("password"), scan::Place::value);
  for (std::string_view const key : {"identitytoken", "registrytoken"})
    finder.setting("token", text_at(entry, key), where(key), scan::Place::value);
  if (auth.empty() && entry.members.empty() && !helper.empty())
    finder.reference("password", "helper " + std::string(helper),
                     {base, entry.line, {}, registry_address(name)});
}

}  // namespace

void find_in_docker(Yaml const& root, Finder& finder) {
  auto const store = text_at(root, "credsStore");
  for (auto const& [name, entry] : root["auths"].members) registry(name, entry, store, finder);
  for (auto const& [name, helper] : root["credHelpers"].members)
    finder.reference("password", "helper " + helper.scalar,
                     {"credHelpers." + name, helper.line, {}, registry_address(name)});
  for (auto const& [name, proxy] : root["proxies"].members)
    walk(name, proxy, {.key = "proxies." + name}, finder, scan::Place::settings);
  for (auto const& [name, header] : root["HttpHeaders"].members)
    finder.setting(name, header.scalar, {"HttpHeaders." + name, header.line, {}, {}});
}

// --- Google Cloud

void find_in_gcloud(Yaml const& root, Finder& finder) {
  // The client that gcloud itself signs in with is the same on every machine of the world: its
  // "secret" is printed in its source and joins everybody with everybody.
  constexpr std::string_view gcloud_client = "764086051850-";
  bool const public_client = text_at(root, "client_id").starts_with(gcloud_client);
  Finder::Where where;
  note(root, where);
  where.target = text_at(root, "type") == "service_account"
                     ? "gcp project " + std::string(text_at(root, "project_id"))
                     : "https://oauth2.googleapis.com";
  for (auto const& [key, member] : root.members) {
    if (key == "client_secret" && public_client) continue;
    where.key = key;
    walk(key, member, where, finder, scan::Place::settings);
  }
  if (auto const& source = root["credential_source"]; source)
    finder.reference(
        "token", text_at(source, "file").empty() ? "credential_source" : text_at(source, "file"),
        {"credential_source", source.line, {}, where.target});
}

// --- what no parser accepts

void find_in_broken(std::string_view text, Finder& finder) {
  for (Lines lines(text); lines.next();) {
    auto line = trim(lines.text());
    if (line.size() > 16u << 10) continue;
    if (line.ends_with(',')) line.remove_suffix(1);
    auto const cut = line.find_first_of(":=");
    if (cut == std::string_view::npos || cut + 1 >= line.size()) continue;
    auto name = trim(line.substr(0, cut));
    while (!name.empty() && std::string_view("\"'{-, ").contains(name.front()))
      name.remove_prefix(1);
    while (!name.empty() && std::string_view("\"' ").contains(name.back())) name.remove_suffix(1);
    if (name.size() > 128) continue;
    finder.setting(name, line.substr(cut + 1),
                   {"line " + std::to_string(lines.number()) + " " + std::string(name),
                    lines.number(),
                    {},
                    {}});
  }
}

}  // namespace reeve::host
