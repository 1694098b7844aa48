// libldap (OpenLDAP 2.5), asynchronous calls with a deadline each.
//
// What it has to know:
//   * libldap follows referrals by itself unless told not to, reads ldap.conf and LDAP* variables
//     that could weaken TLS, and restarts calls: each handle is set explicitly;
//   * a certificate is always verified; there is no option not to;
//   * the cookie of paged results (RFC 2696) belongs to the connection, so it never leaves here;
//   * a limit of the server ends a search with sizeLimitExceeded or adminLimitExceeded *after* the
//     entries it allowed: that is an answer with `cut`, not an error.

#include <lber.h>
#include <ldap.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/text.hpp"
#include "ldap_client/ldap_client.hpp"

namespace reeve::ldap {
namespace {

constexpr std::size_t answer_bytes_max = 64u << 20;

struct Free {
  void operator()(LDAP* handle) const { ldap_unbind_ext_s(handle, nullptr, nullptr); }
  void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
  void operator()(LDAPControl* control) const { ldap_control_free(control); }
  void operator()(LDAPControl** controls) const { ldap_controls_free(controls); }
  void operator()(LDAPURLDesc* url) const { ldap_free_urldesc(url); }
  void operator()(berval* value) const { ber_bvfree(value); }
  void operator()(berval** values) const { ldap_value_free_len(values); }
  void operator()(BerElement* element) const { ber_free(element, 0); }
  void operator()(char* text) const { ldap_memfree(text); }
  void operator()(char** texts) const { ldap_memvfree(reinterpret_cast<void**>(texts)); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Errc code_of(int result) {
  switch (result) {
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INAPPROPRIATE_AUTH:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_CONFIDENTIALITY_REQUIRED:
    case LDAP_AUTH_METHOD_NOT_SUPPORTED:
    case LDAP_UNWILLING_TO_PERFORM: return Errc::unauthenticated;
    case LDAP_INSUFFICIENT_ACCESS: return Errc::denied;
    case LDAP_NO_SUCH_OBJECT:
    case LDAP_INVALID_DN_SYNTAX: return Errc::not_found;
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_UNAVAILABLE: return Errc::unavailable;
    case LDAP_BUSY: return Errc::rate_limited;
    case LDAP_TIMEOUT:
    case LDAP_TIMELIMIT_EXCEEDED: return Errc::timeout;
    case LDAP_FILTER_ERROR:
    case LDAP_PARAM_ERROR: return Errc::invalid;
    default: return Errc::corrupt;
  }
}

std::unexpected<Error> failed(LDAP* handle, int result, std::string const& what) {
  char* detail = nullptr;
  if (handle) ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, static_cast<void*>(&detail));
  Owned<char> const owned(detail);
  auto why = what + ": " + ldap_err2string(result);
  // All that libldap with GnuTLS has to say of a certificate that it does not trust.
  if (detail && std::string_view(detail) == "(unknown error code)")
    why += " (its certificate is not trusted: ended, of another name, or not signed by ca_file)";
  else if (detail && *detail != '\0')
    why += " (" + shortened(clean_utf8(detail), 300) + ")";
  return fail(code_of(result), std::move(why));
}

timeval time_of(Duration duration) {
  auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_usec = (duration - seconds).count()};
}

/// A password goes out in the clear only where nobody listens, or where that was asked for.
Result<> check(Server const& server) {
  LDAPURLDesc* parsed = nullptr;
  if (ldap_url_parse(server.url.c_str(), &parsed) != LDAP_URL_SUCCESS)
    return fail(Errc::invalid, "not an LDAP URL like ldaps://host or ldap://host:389");
  Owned<LDAPURLDesc> const url(parsed);
  std::string_view const scheme = url->lud_scheme, host = url->lud_host ? url->lud_host : "";
  bool const safe = scheme == "ldaps" || scheme == "ldapi" || server.start_tls ||
                    host == "127.0.0.1" || host == "::1" || host == "localhost";
  if (!safe && !server.password.empty() && !server.plaintext)
    return fail(Errc::invalid,
                "the password would be sent in the clear: use ldaps://, or set start_tls, or "
                "plaintext if you must");
  if (server.bind_dn.empty() != server.password.empty())
    return fail(Errc::invalid, "bind_dn and password come together");
  return {};
}

Result<Owned<LDAPMessage>> wait_for(LDAP* handle, int id, Duration timeout) {
  auto limit = time_of(timeout);
  LDAPMessage* message = nullptr;
  int const type = ldap_result(handle, id, LDAP_MSG_ONE, &limit, &message);
  Owned<LDAPMessage> owned(message);
  if (type > 0) return owned;
  if (type == 0) {
    ldap_abandon_ext(handle, id, nullptr, nullptr);
    return fail(Errc::timeout, "no answer in time");
  }
  int result = LDAP_SERVER_DOWN;
  ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &result);
  return failed(handle, result == LDAP_SUCCESS ? LDAP_SERVER_DOWN : result, "wait");
}

class LibldapClient final : public Client {
 public:
  LibldapClient(Owned<LDAP> handle, Duration timeout)
      : handle_(std::move(handle)), timeout_(timeout) {}

  Result<std::string> who_am_i() override {
    int id = 0;
    if (int const sent = ldap_whoami(handle_.get(), nullptr, nullptr, &id); sent != LDAP_SUCCESS)
      return failed(handle_.get(), sent, "who am I");
    auto const message = TRY(wait(id));
    berval* found = nullptr;
    int const parsed = ldap_parse_whoami(handle_.get(), message.get(), &found);
    Owned<berval> const owned(found);
    if (parsed != LDAP_SUCCESS) return failed(handle_.get(), parsed, "who am I");
    return found && found->bv_val ? std::string(found->bv_val, found->bv_len) : std::string();
  }

  Result<EntryPage> search(Search const& search) override { return ask(search, nullptr); }

  Result<EntryPage> first_page(Search const& search, int page_size) override {
    paged_ = search;
    page_size_ = page_size;
    cookie_.clear();
    return next_page();
  }

  Result<EntryPage> next_page() override {
    berval cookie{cookie_.size(), cookie_.data()};
    LDAPControl* made = nullptr;
    int const result =
        ldap_create_page_control(handle_.get(), page_size_, cookie_.empty() ? nullptr : &cookie,
                                 /*iscritical=*/0, &made);
    Owned<LDAPControl> const control(made);
    if (result != LDAP_SUCCESS) return failed(handle_.get(), result, "ask for pages");
    return ask(paged_, control.get());
  }

 private:
  Result<Owned<LDAPMessage>> wait(int id) { return wait_for(handle_.get(), id, timeout_); }

  Result<EntryPage> ask(Search const& search, LDAPControl* page) {
    std::vector<char*> names;
    names.reserve(search.attributes.size() + 1);
    for (auto const& name : search.attributes) names.push_back(const_cast<char*>(name.c_str()));
    names.push_back(nullptr);
    LDAPControl* controls[] = {page, nullptr};
    int id = 0;
    int const sent =
        ldap_search_ext(handle_.get(), search.base.c_str(),
                        search.depth == Depth::base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
                        search.filter.c_str(), names.data(), /*attrsonly=*/0,
                        page ? controls : nullptr, nullptr, nullptr, search.size, &id);
    if (sent != LDAP_SUCCESS) return failed(handle_.get(), sent, "search " + search.base);
    return collect(id, search, /*paged=*/page != nullptr);
  }

  Result<EntryPage> collect(int id, Search const& search, bool paged) {
    EntryPage out;
    std::size_t bytes = 0;
    for (;;) {
      auto const message = TRY(wait(id));
      switch (ldap_msgtype(message.get())) {
        case LDAP_RES_SEARCH_ENTRY: out.entries.push_back(entry(message.get(), bytes)); break;
        case LDAP_RES_SEARCH_REFERENCE: add_referrals(message.get(), out); break;
        case LDAP_RES_SEARCH_RESULT: TRY(finish(message.get(), search, paged, out)); return out;
        default: return fail(Errc::corrupt, "an answer that is none");
      }
      if (bytes > answer_bytes_max || out.referrals.size() > 1000) {
        ldap_abandon_ext(handle_.get(), id, nullptr, nullptr);
        return fail(Errc::corrupt, "the answer is larger than we take");
      }
    }
  }

  Entry entry(LDAPMessage* message, std::size_t& bytes) {
    Entry out;
    Owned<char> const dn(ldap_get_dn(handle_.get(), message));
    out.dn = dn ? dn.get() : "";
    BerElement* place = nullptr;
    Owned<char> type(ldap_first_attribute(handle_.get(), message, &place));
    Owned<BerElement> const owned(place);
    for (; type; type.reset(ldap_next_attribute(handle_.get(), message, place))) {
      Owned<berval*> const values(ldap_get_values_len(handle_.get(), message, type.get()));
      for (int at = 0; values && values.get()[at]; ++at) {
        auto const* value = values.get()[at];
        bytes += value->bv_len + 64;
        out.add(type.get(), std::string(value->bv_val, value->bv_len));
      }
    }
    bytes += out.dn.size();
    return out;
  }

  void add_referrals(LDAPMessage* message, EntryPage& out) {
    char** urls = nullptr;
    if (ldap_parse_reference(handle_.get(), message, &urls, nullptr, /*freeit=*/0) != LDAP_SUCCESS)
      return out.referrals.emplace_back("a referral that cannot be read"), void();
    Owned<char*> const owned(urls);
    for (int at = 0; urls && urls[at]; ++at) out.referrals.emplace_back(urls[at]);
  }

  Result<> finish(LDAPMessage* message, Search const& search, bool paged, EntryPage& out) {
    int result = LDAP_SUCCESS;
    LDAPControl** told = nullptr;
    char *matched = nullptr, *detail = nullptr, **urls = nullptr;
    int const parsed = ldap_parse_result(handle_.get(), message, &result, &matched, &detail, &urls,
                                         &told, /*freeit=*/0);
    Owned<char> const own_matched(matched), own_detail(detail);
    Owned<char*> const own_urls(urls);
    Owned<LDAPControl*> const controls(told);
    if (parsed != LDAP_SUCCESS) return failed(handle_.get(), parsed, "search " + search.base);
    // Other searches go on between two pages of one: they leave its cookie alone.
    if (paged) read_cookie(told);
    out.more = paged && !cookie_.empty() && result == LDAP_SUCCESS;
    bool const asked = result == LDAP_SIZELIMIT_EXCEEDED && search.size > 0 &&
                       out.entries.size() >= std::size_t(search.size);
    if (asked) return {};
    out.cut = result == LDAP_SIZELIMIT_EXCEEDED || result == LDAP_ADMINLIMIT_EXCEEDED;
    if (result == LDAP_REFERRAL)
      for (int at = 0; urls && urls[at]; ++at) out.referrals.emplace_back(urls[at]);
    if (result == LDAP_SUCCESS || result == LDAP_REFERRAL || out.cut) return {};
    auto why = "search " + search.base + ": " + ldap_err2string(result);
    if (detail && *detail != '\0') why += " (" + shortened(clean_utf8(detail), 300) + ")";
    return fail(code_of(result), std::move(why));
  }

  void read_cookie(LDAPControl** controls) {
    cookie_.clear();
    LDAPControl* const found = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr);
    if (!found) return;
    ber_int_t estimate = 0;
    berval cookie{};
    if (ldap_parse_pageresponse_control(handle_.get(), found, &estimate, &cookie) != LDAP_SUCCESS)
      return;
    if (cookie.bv_val) cookie_.assign(cookie.bv_val, cookie.bv_len);
    ber_memfree(cookie.bv_val);
  }

  Owned<LDAP> handle_;
  Duration timeout_;
  Search paged_;
  int page_size_ = 0;
  std::string cookie_;
};

Result<> prepare(LDAP* handle, Server const& server) {
  int const version = LDAP_VERSION3, demand = LDAP_OPT_X_TLS_DEMAND, is_server = 0;
  auto const limit = time_of(server.timeout);
  bool ok = ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS;
  ok = ok && ldap_set_option(handle, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS;
  ok = ok && ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, &limit) == LDAP_OPT_SUCCESS;
  ok = ok && ldap_set_option(handle, LDAP_OPT_TIMEOUT, &limit) == LDAP_OPT_SUCCESS;
  ok = ok && ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_OPT_SUCCESS;
  if (!server.ca_file.empty())
    ok = ok && ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, server.ca_file.c_str()) ==
                   LDAP_OPT_SUCCESS;
  // Makes the handle's own TLS context from the settings above.
  ok = ok && ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &is_server) == LDAP_OPT_SUCCESS;
  if (!ok) return fail(Errc::invalid, "libldap refuses its settings; is ca_file a PEM file?");
  return {};
}

/// Opens the connection and limits what the peer can do with it. ldap_result has a time limit, but
/// once it has seen the first byte of an answer it reads to the length that was announced, however
/// large and however long it takes: so the socket gets a limit of time too, and an answer one of
/// size.
Result<> open(LDAP* handle, Server const& server) {
  auto const during = "connect to " + server.url;
  if (int const result = ldap_connect(handle); result != LDAP_SUCCESS)
    return failed(handle, result, during);
  int descriptor = -1;
  Sockbuf* buffer = nullptr;
  ber_len_t size = answer_bytes_max;
  auto const limit = time_of(server.timeout);
  bool ok = ldap_get_option(handle, LDAP_OPT_DESC, &descriptor) == LDAP_OPT_SUCCESS;
  ok = ok && ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0;
  ok = ok && ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0;
  ok = ok &&
       ldap_get_option(handle, LDAP_OPT_SOCKBUF, static_cast<void*>(&buffer)) == LDAP_OPT_SUCCESS;
  ok = ok && ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &size) == 1;
  return ok ? Result<>{} : fail(Errc::unavailable, during + ": its limits cannot be set");
}

/// Asynchronous like all else: the synchronous call of libldap waits for ever for a server that
/// takes the question and says nothing.
Result<> bind(LDAP* handle, Server const& server) {
  auto const during = "bind to " + server.url + " as " + server.bind_dn;
  auto const password = server.password.reveal();
  berval credential{password.size(), const_cast<char*>(password.data())};
  int id = 0;
  int const sent = ldap_sasl_bind(handle, server.bind_dn.c_str(), LDAP_SASL_SIMPLE, &credential,
                                  nullptr, nullptr, &id);
  if (sent != LDAP_SUCCESS) return failed(handle, sent, during);
  auto const message = TRY_DURING(wait_for(handle, id, server.timeout), during);
  int result = LDAP_OTHER;
  int const parsed = ldap_parse_result(handle, message.get(), &result, nullptr, nullptr, nullptr,
                                       nullptr, /*freeit=*/0);
  if (parsed != LDAP_SUCCESS) return failed(handle, parsed, during);
  return result == LDAP_SUCCESS ? Result<>{} : failed(handle, result, during);
}

}  // namespace

Result<std::unique_ptr<Client>> connect(Server const& server) {
  TRY(check(server));
  LDAP* made = nullptr;
  if (int const result = ldap_initialize(&made, server.url.c_str()); result != LDAP_SUCCESS)
    return failed(nullptr, result, "connect to " + server.url);
  Owned<LDAP> handle(made);
  TRY(prepare(handle.get(), server));
  TRY(open(handle.get(), server));
  if (server.start_tls)
    if (int const result = ldap_start_tls_s(handle.get(), nullptr, nullptr); result != LDAP_SUCCESS)
      return failed(handle.get(), result, "STARTTLS with " + server.url);
  TRY(bind(handle.get(), server));
  return std::make_unique<LibldapClient>(std::move(handle), server.timeout);
}

}  // namespace reeve::ldap
