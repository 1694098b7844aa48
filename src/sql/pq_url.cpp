// A URL is libpq's, but for our two parameters, which libpq would refuse: they are taken out of the
// query before it reads the rest. libpq's own complaint about a URL quotes from it, so ours does
// not repeat it.
//
// Source: https://www.postgresql.org/docs/15/libpq-connect.html (34.1.1.2, 34.1.2)

#include "sql/pq_url.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace reeve::sql {
namespace {

using Keywords = std::vector<std::pair<std::string, std::string>>;

std::string const* find(Keywords const& keywords, std::string_view name) {
  auto const at = std::ranges::find(keywords, name, &Keywords::value_type::first);
  return at == keywords.end() ? nullptr : &at->second;
}

void add_missing(Keywords& keywords, char const* name, char const* value) {
  if (!find(keywords, name)) keywords.emplace_back(name, value);
}

/// Takes "name=…" out of the query of `url`; empty when it is not there.
std::string take(std::string& url, std::string_view name) {
  auto const query = url.find('?');
  for (auto at = query; at < url.size(); at = url.find('&', at + 1)) {
    auto const start = at + 1;
    auto const end = std::min(url.find('&', start), url.size());
    auto const pair = std::string_view(url).substr(start, end - start);
    if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
    std::string value(pair.substr(name.size() + 1));
    // The "?" or "&" before it goes too, unless others follow a "?".
    if (url[at] == '?' && end < url.size())
      url.erase(start, end - start + 1);
    else
      url.erase(at, end - at);
    return value;
  }
  return "";
}

Result<Keywords> as_libpq_reads(std::string const& url) {
  char* complaint = nullptr;
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const options(
      PQconninfoParse(url.c_str(), &complaint), PQconninfoFree);
  PQfreemem(complaint);
  if (!options)
    return fail(Errc::invalid,
                "the postgres URL cannot be read: postgres://USER@HOST:PORT/DATABASE?schema=NAME, "
                "special characters as %NN, parameters as libpq names them");
  Keywords out;
  for (auto const* option = options.get(); option->keyword; ++option)
    if (option->val) out.emplace_back(option->keyword, option->val);
  return out;
}

bool is_schema_name(std::string_view name) {
  auto const legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 63 && !(name[0] >= '0' && name[0] <= '9') &&
         !name.starts_with("pg_") && std::ranges::all_of(name, legal);
}

Result<> add_password(Keywords& keywords, std::string const& variable) {
  if (find(keywords, "password"))
    return fail(Errc::invalid,
                "the postgres URL holds a password: put it into an environment variable and name "
                "that with password_env=NAME, or into a file and say passfile=PATH");
  if (variable.empty()) return {};
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the program never sets a variable
  char const* const password = std::getenv(variable.c_str());
  if (!password) return fail(Errc::invalid, "the environment has no " + variable);
  keywords.emplace_back("password", password);
  return {};
}

/// In our environment, which the program never changes.
bool is_set(char const* variable) {
  return std::getenv(variable) != nullptr;  // NOLINT(concurrency-mt-unsafe)
}

bool near(Keywords const& keywords) {
  auto const* host = find(keywords, "host");
  auto const* address = find(keywords, "hostaddr");
  if (!host && !address) return !is_set("PGHOST") && !is_set("PGHOSTADDR");
  auto const loopback = [](std::string const& name) {
    return name.starts_with('/') || name == "localhost" || name == "127.0.0.1" || name == "::1";
  };
  return loopback(address ? *address : *host);
}

}  // namespace

Result<PqUrl> parse_pq_url(std::string_view url) {
  std::string rest(url);
  auto const schema = take(rest, "schema");
  auto const password_env = take(rest, "password_env");
  if (!schema.empty() && !is_schema_name(schema))
    return fail(Errc::invalid, "schema \"" + schema +
                                   "\" is no name for a schema: a-z, 0-9 and _, at most 63, not "
                                   "pg_ first");
  auto keywords = TRY(as_libpq_reads(rest));
  TRY(add_password(keywords, password_env));
  if (!near(keywords) && !is_set("PGSSLMODE")) add_missing(keywords, "sslmode", "verify-full");
  add_missing(keywords, "application_name", "reeve");
  add_missing(keywords, "connect_timeout", "10");
  add_missing(keywords, "keepalives_idle", "30");
  add_missing(keywords, "tcp_user_timeout", "30000");
  add_missing(keywords, "client_encoding", "UTF8");
  return PqUrl{std::move(keywords), schema};
}

}  // namespace reeve::sql
