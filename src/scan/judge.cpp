#include "scan/judge.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "scan/name.hpp"
#include "scan/token.hpp"
#include "scan/value.hpp"

namespace reeve::scan {
namespace {

constexpr std::size_t text_max = 1u << 20;  ///< Longer values are cut: no setting is that long.
constexpr int depth_max = 4;                ///< Strings in addresses in strings.

/// A piece of the text that was given first, so that `at` stays true in recursion.
struct Piece {
  std::string_view text;
  std::size_t at = 0;

  Piece part(std::size_t from, std::size_t size = std::string_view::npos) const {
    from = std::min(from, text.size());
    return {text.substr(from, size), at + from};
  }
};

struct Context {
  Place place;
  int depth = 0;
  std::vector<Match>& out;
};

void examine(std::string_view name, Piece value, Context context);

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const code = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                      hex_digit(text[i + 2]) >= 0;
    out += code ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (code) i += 2;
  }
  return out;
}

/// The value without blanks and quotes around it.
Piece bare(Piece value) {
  auto const inner = unquoted(value.text);
  return inner.empty()
             ? Piece{inner, value.at}
             : value.part(static_cast<std::size_t>(inner.data() - value.text.data()), inner.size());
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() > word.size() && lower(text.substr(0, word.size())) == word;
}

/// A key that people drew in the documentation: "ghp_xxxxxxxxxxxx", "AKIA…EXAMPLE".
bool drawn(std::string_view token, Place place) {
  auto const look = judge_value(token, place != Place::anywhere).look;
  return look == Look::placeholder;
}

Match match(Verdict verdict, std::string_view kind, std::string_view reason, std::string_view name,
            Piece span) {
  Match m;
  m.verdict = verdict;
  m.kind = kind;
  m.reason = reason;
  m.name = clean_utf8(name);
  m.at = span.at;
  m.size = span.text.size();
  if (verdict == Verdict::secret) m.value = Secret(span.text);
  if (verdict == Verdict::reference) m.refers_to = clean_utf8(shortened(span.text, 256));
  return m;
}

// --- a private key in PEM, also on one line with \n written out

bool is_pem_key(std::string_view text) {
  auto const begin = text.find("-----BEGIN ");
  return begin != std::string_view::npos && text.substr(begin, 64).contains("PRIVATE KEY");
}

bool private_key(std::string_view name, Piece value, Context context) {
  if (!is_pem_key(value.text)) return false;
  auto found = match(Verdict::secret, "private_key", "PEM", name, value);
  std::string lines;
  for (std::size_t i = 0; i < value.text.size(); ++i) {
    bool const escaped = value.text.substr(i).starts_with("\\n");
    lines += escaped ? '\n' : value.text[i];
    if (escaped) ++i;
  }
  found.value = Secret::take(lines);
  context.out.push_back(std::move(found));
  return true;
}

// --- addresses: scheme://user:password@host/path?token=…

struct Url {
  std::string_view scheme;
  Piece user, password, query;
  std::string_view host, path;
  std::size_t end = 0;  ///< In the text it was found in.
};

bool ends_url(char c) {
  return c == ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\n' || c == '\t' ||
         c == '\r' || c == '|' || c == '`';
}

std::size_t scheme_begin(std::string_view text, std::size_t colon) {
  auto begin = colon;
  auto const part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  };
  while (begin > 0 && part(text[begin - 1])) --begin;
  return begin;
}

/// The address whose "://" is at `colon`.
Url url_at(Piece value, std::size_t colon) {
  auto const text = value.text;
  Url url;
  auto const begin = scheme_begin(text, colon);
  url.scheme = text.substr(begin, colon - begin);
  auto const start = colon + 3;
  url.end = static_cast<std::size_t>(
      std::find_if(text.begin() + std::ptrdiff_t(start), text.end(), ends_url) - text.begin());
  auto const whole = text.substr(start, url.end - start);
  // A slash or a question mark in a password ought to be encoded and often is not: the last "@"
  // before the query ends the userinfo if a colon came before the first slash.
  auto authority_end = std::min(whole.find_first_of("/?#"), whole.size());
  auto at = whole.substr(0, authority_end).rfind('@');
  if (at == std::string_view::npos && whole.substr(0, authority_end).contains(':') &&
      url.scheme != "http" && url.scheme != "https") {
    at = whole.rfind('@');
    if (at != std::string_view::npos)
      authority_end = std::min(whole.find_first_of("/?#", at), whole.size());
  }
  auto host_at = std::size_t(0);
  if (at != std::string_view::npos) {
    auto const userinfo = value.part(start, at);
    auto const separator = userinfo.text.find(':');
    url.user = userinfo.part(0, separator);
    if (separator != std::string_view::npos) url.password = userinfo.part(separator + 1);
    host_at = at + 1;
  }
  url.host = whole.substr(host_at, authority_end - host_at);
  auto const question = whole.find('?', host_at);
  auto const path_end = std::min({question, whole.find('#', host_at), whole.size()});
  url.path = whole.substr(authority_end, path_end - std::min(path_end, authority_end));
  if (question != std::string_view::npos) {
    auto const hash = std::min(whole.find('#', question), whole.size());
    url.query = value.part(start + question + 1, hash - question - 1);
  }
  return url;
}

std::string target_of(Url const& url) {
  return clean_utf8(std::string(url.scheme) + "://" + std::string(url.host) +
                    (url.scheme.starts_with("http") ? "" : std::string(url.path)));
}

/// The password of an address: whatever it is, if it is no reference and no placeholder.
void userinfo(Url const& url, Context context) {
  auto const secret = url.password.text.empty() ? url.user : url.password;
  if (secret.text.empty()) return;
  auto const token = token_at(secret.text, 0);
  bool const marked = token && token->size == secret.text.size() && !token->is_public;
  if (url.password.text.empty() && !marked) return;  // only a user name
  auto const value = judge_value(secret.text, context.place != Place::anywhere);
  auto const verdict = value.look == Look::reference ? Verdict::reference
                       : value.look == Look::placeholder || value.look == Look::empty
                           ? Verdict::placeholder
                           : Verdict::secret;
  auto found = match(verdict, marked ? token->kind : "password",
                     marked                       ? "marked token"
                     : verdict == Verdict::secret ? "address"
                                                  : value.reason,
                     "url userinfo", secret);
  if (verdict == Verdict::secret) {
    auto decoded = percent_decoded(secret.text);
    found.value = Secret::take(decoded);
  }
  if (!url.password.text.empty()) found.account = clean_utf8(percent_decoded(url.user.text));
  found.target = target_of(url);
  context.out.push_back(std::move(found));
}

/// key=value pairs between `separator`s.
void pairs(Piece text, char separator, Context context, std::string const& target = {}) {
  for (std::size_t from = 0; from < text.text.size();) {
    auto const end = std::min(text.text.find(separator, from), text.text.size());
    auto const pair = text.part(from, end - from);
    from = end + 1;
    auto const equals = pair.text.find('=');
    if (equals == std::string_view::npos) continue;
    auto const first = context.out.size();
    examine(trim(pair.text.substr(0, equals)), pair.part(equals + 1), context);
    for (auto i = first; i < context.out.size(); ++i)
      if (context.out[i].target.empty()) context.out[i].target = target;
  }
}

bool addresses(Piece value, Context context) {
  auto const before = context.out.size();
  for (auto colon = value.text.find("://"); colon != std::string_view::npos;) {
    auto const url = url_at(value, colon);
    userinfo(url, context);
    pairs(url.query, '&', context, target_of(url));
    colon = value.text.find("://", std::max(url.end, colon + 3));
  }
  return context.out.size() > before;
}

// --- connection strings: "Server=db;User Id=app;Password=…", "host=db password=…"

char pair_separator(std::string_view text) {
  if (std::ranges::count(text, '=') < 2) return 0;
  if (text.contains(';')) return ';';
  if (text.contains(' ') && text.contains("host")) return ' ';
  return 0;
}

bool connection_string(Piece value, Context context) {
  auto const separator = pair_separator(value.text);
  if (separator == 0) return false;
  auto const before = context.out.size();
  pairs(value, separator, context);
  return context.out.size() > before;
}

// --- marked tokens

bool overlaps(Match const& m, std::size_t at, std::size_t size) {
  return m.at < at + size && at < m.at + m.size;
}

bool marked_tokens(std::string_view name, Piece value, Context context) {
  auto const before = context.out.size();
  for (auto const& token : tokens(value.text)) {
    auto const span = value.part(token.at, token.size);
    auto const taken = std::ranges::any_of(
        context.out, [&](Match const& m) { return overlaps(m, span.at, span.text.size()); });
    if (token.is_public || taken) continue;
    auto const verdict = drawn(span.text, context.place) ? Verdict::placeholder : Verdict::secret;
    context.out.push_back(match(verdict, token.kind, "marked token", name, span));
  }
  return context.out.size() > before;
}

// --- by name

/// "Basic dXNlcjpwYXNz" (RFC 7617): the password is what joins, so it is taken out of the base64.
bool basic(std::string_view name, Piece value, Context context) {
  auto decoded = base64_decoded(value.text);
  auto const colon = decoded.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == decoded.size()) {
    wipe(decoded);
    return false;
  }
  auto const password = std::string_view(decoded).substr(colon + 1);
  auto const token = token_at(password, 0);
  bool const marked = token && token->size == password.size();
  auto found = match(Verdict::secret, marked ? token->kind : "password", "basic authentication",
                     name, value);
  found.value = Secret(password);
  found.account = clean_utf8(std::string_view(decoded).substr(0, colon));
  wipe(decoded);
  context.out.push_back(std::move(found));
  return true;
}

/// The scheme in front of a header's value is not part of the credential.
Piece without_scheme(Piece value) {
  for (std::string_view const scheme : {"bearer ", "token ", "apikey ", "basic ", "bot ", "key "})
    if (starts_with_word(value.text, scheme)) return bare(value.part(scheme.size()));
  return value;
}

bool is_aws(std::string_view name, std::string_view value) {
  auto const low = lower(name);
  return value.size() == 40 &&
         (low.contains("aws") || low.contains("secret_access_key") ||
          low.contains("secretaccesskey")) &&
         low.contains("secret");
}

std::string_view named_kind(std::string_view name, std::string_view value, Name const& judged) {
  if (is_aws(name, value)) return "aws_access_key";
  return judged.kind.empty() ? "secret" : judged.kind;
}

bool convincing(Promise promise, std::string_view value, Look look) {
  bool const digits = value.find_first_not_of("0123456789.-+") == std::string_view::npos;
  switch (promise) {
    case Promise::nothing:
    case Promise::harmless: return false;
    case Promise::perhaps: return look == Look::opaque && looks_random(value);
    case Promise::secret:
      return look == Look::opaque && value.size() >= 6 && !(digits && value.size() < 10);
    case Promise::password:
      return look == Look::opaque ? value.size() >= 3 : look == Look::plain && value.size() >= 4;
  }
  return false;
}

bool is_keyword(Value const& value) {
  return value.reason == "keyword";
}

/// `${env:X}` under a name that tells nothing counts when X tells.
bool reference_promises(std::string_view text) {
  auto inner = text;
  while (!inner.empty() && std::string_view("${}%()@ '\"").contains(inner.back()))
    inner.remove_suffix(1);
  auto const promise = judge_name(inner).promise;
  return promise == Promise::secret || promise == Promise::password;
}

/// A position that is a secret's promises like a password's name; a file of credentials makes
/// "perhaps" a yes.
Promise promise_at(Place place, Promise promise) {
  if (place == Place::value) return Promise::password;
  return place == Place::settings && promise == Promise::perhaps ? Promise::secret : promise;
}

void by_name(std::string_view name, Piece value, Context context) {
  auto const judged = judge_name(name);
  bool const store = context.place != Place::anywhere;
  auto const promise = promise_at(context.place, judged.promise);
  auto const looked = judge_value(value.text, store);
  auto const kind = named_kind(name, value.text, judged);
  bool const meant = promise == Promise::secret || promise == Promise::password;
  if (looked.look == Look::reference) {
    if (meant || (promise != Promise::harmless && reference_promises(value.text)))
      context.out.push_back(match(Verdict::reference, kind, looked.reason, name, value));
  } else if (looked.look == Look::placeholder) {
    if (meant) context.out.push_back(match(Verdict::placeholder, kind, looked.reason, name, value));
  } else if (!is_keyword(looked) && convincing(promise, value.text, looked.look)) {
    context.out.push_back(match(Verdict::secret, kind, "name", name, value));
  }
}

void examine(std::string_view name, Piece value, Context context) {
  value = bare(value);
  if (value.text.empty() || ++context.depth > depth_max) return;
  if (private_key(name, value, context)) return;
  bool const is_basic = starts_with_word(value.text, "basic ");
  value = without_scheme(value);
  if (is_basic && basic(name, value, context)) return;
  bool found = addresses(value, context);
  found = marked_tokens(name, value, context) || found;
  if (!found && !value.text.contains("://")) found = connection_string(value, context);
  if (!found) by_name(name, value, context);
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

}  // namespace

std::vector<Match> judge(std::string_view name, std::string_view value, Place place) {
  std::vector<Match> all;
  examine(name, Piece{value.substr(0, text_max)}, Context{.place = place, .out = all});
  std::ranges::stable_sort(all, {}, &Match::at);
  return all;
}

std::string redacted(std::string_view text, std::span<Match const> matches) {
  std::string out;
  std::size_t done = 0;
  for (auto const& m : matches) {
    if (m.verdict != Verdict::secret || m.at < done || m.at + m.size > text.size()) continue;
    out.append(text.substr(done, m.at - done)).append("‹").append(m.kind).append("›");
    done = m.at + m.size;
  }
  out.append(text.substr(done));
  return clean_utf8(out);
}

std::string base64_decoded(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (char const c : text) {
    if (c == '\n' || c == '\r') continue;
    auto const digit = base64_digit(c);
    if (digit < 0) return {};
    bits = (bits << 6 | unsigned(digit)) & 0xFFFFFFu;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFFu);
  }
  return out;
}

}  // namespace reeve::scan
