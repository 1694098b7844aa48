// Driven by libcurl's multi interface, because the plain one can neither be woken to be cancelled
// nor told that a stream may last for ever but not fall silent. Checked against libcurl 7.88.1.

#include "net/transfer.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.hpp"
#include "net/ip.hpp"

namespace reeve::net {
namespace {

constexpr std::size_t head_bytes_max = 65'536;

/// A list of header lines, wiped when it goes: some are secret.
class Lines {
 public:
  Lines() = default;
  Lines(Lines const&) = delete;
  Lines& operator=(Lines const&) = delete;
  ~Lines() {
    for (auto* line = list_; line; line = line->next)
      OPENSSL_cleanse(line->data, std::strlen(line->data));
    curl_slist_free_all(list_);
  }

  void add(std::string_view name, std::string_view value) {
    std::string line(name);
    (line += value.empty() ? ";" : ": ") += value;
    append(line);
    wipe(line);
  }
  /// libcurl would send it by itself.
  void without(std::string const& name) { append(name + ":"); }
  curl_slist* get() const { return list_; }

 private:
  void append(std::string const& line) {
    if (auto* const longer = curl_slist_append(list_, line.c_str())) list_ = longer;
  }

  curl_slist* list_ = nullptr;
};

bool is_credential(std::string_view name) {
  auto const small = lower(name);
  return small == "authorization" || small == "cookie" || small == "proxy-authorization";
}

void add_fields(Lines& lines, Hop const& hop) {
  bool typed = false;
  for (auto const& [name, value] : hop.request.fields) {
    typed |= lower(name) == "content-type";
    if (hop.with_secrets || !is_credential(name)) lines.add(name, value);
  }
  if (hop.with_secrets)
    for (auto const& [name, value] : hop.request.secret_fields) lines.add(name, value.reveal());
  if (!typed) lines.without("Content-Type");
  lines.without("Expect");  // A second's wait for a server that does not know it.
}

std::unexpected<Error> curl_error(CURLcode code, std::string_view detail) {
  auto message = printable(clean_utf8(detail.empty() ? curl_easy_strerror(code) : detail));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return fail(Errc::timeout, std::move(message));
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE: return fail(Errc::invalid, std::move(message));
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9, which is to say garbage.
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING: return fail(Errc::corrupt, std::move(message));
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN: return fail(Errc::internal, std::move(message));
    default: return fail(Errc::unavailable, std::move(message));
  }
}

curl_blob blob(std::string_view bytes) {
  return {.data = const_cast<char*>(bytes.data()), .len = bytes.size(), .flags = CURL_BLOB_COPY};
}

}  // namespace

/// The state of one run, which libcurl's callbacks work on.
class Transfer::Running {
 public:
  Running(Transfer& transfer, Hop const& hop)
      : options_(transfer.options_), multi_(transfer.multi_), easy_(transfer.easy_), hop_(hop) {
    reply_.origin = hop.url.origin();
  }

  Result<Reply> run() {
    curl_easy_reset(easy_);  // Connections stay.
    if (auto const code = prepare(); code != CURLE_OK) return curl_error(code, {});
    curl_multi_add_handle(multi_, easy_);
    auto const done = drive();
    curl_multi_remove_handle(multi_, easy_);
    curl_easy_reset(easy_);  // Nothing points to this run any more.
    if (refusal_) return std::unexpected(*std::move(refusal_));
    if (!done) return std::unexpected(done.error());
    return std::move(reply_);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    auto const code = curl_easy_setopt(easy_, option, value);
    if (prepared_ == CURLE_OK) prepared_ = code;
  }
  CURLcode prepare();
  void set_tls();
  void set_method();
  void set_callbacks();
  Result<> drive();
  Result<bool> finished();
  std::optional<Error> over();

  std::size_t take_head(std::string_view line);
  std::size_t take_body(std::string_view piece);
  curl_socket_t open_socket(curl_sockaddr const& address);
  std::size_t refuse(Error error) {
    refusal_ = std::move(error);
    return 0;
  }

  static std::size_t on_head(char* bytes, std::size_t, std::size_t size, void* self) {
    return static_cast<Running*>(self)->take_head({bytes, size});
  }
  static std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* self) {
    return static_cast<Running*>(self)->take_body({bytes, size});
  }
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address) {
    return static_cast<Running*>(self)->open_socket(*address);
  }

  ClientOptions const& options_;
  CURLM* multi_;
  CURL* easy_;
  Hop const& hop_;
  Lines lines_;
  CURLcode prepared_ = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> detail_{};
  Reply reply_;
  std::size_t head_bytes_ = 0;
  bool head_ended_ = false;       // With its empty line: libcurl takes a cut head for a whole one.
  std::optional<Error> refusal_;  // Ours, while libcurl would say "write error".
  std::string private_address_;   // One that was refused.
  curl_off_t moved_ = -1;         // Bytes, both ways.
  Deadline stalls_at_;
};

CURLcode Transfer::Running::prepare() {
  set(CURLOPT_URL, hop_.url.text.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, detail_.data());
  set(CURLOPT_USERAGENT, "reeve");
  set(CURLOPT_PROXY, hop_.proxy.c_str());  // Never libcurl's own reading of the environment.
  set(CURLOPT_NOPROXY, "");
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  if (!options_.unix_path.empty()) set(CURLOPT_UNIX_SOCKET_PATH, options_.unix_path.c_str());
  // A connection that stands was not checked for this rule.
  if (hop_.public_only) set(CURLOPT_FRESH_CONNECT, 1L);
  if (!hop_.sink) set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(hop_.request.bytes_max));
  set_tls();
  set_method();
  set_callbacks();
  add_fields(lines_, hop_);
  set(CURLOPT_HTTPHEADER, lines_.get());
  return prepared_;
}

void Transfer::Running::set_tls() {
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_pem.empty()) {
    auto const ca = blob(options_.ca_pem);
    set(CURLOPT_CAINFO_BLOB, &ca);
    set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // Debian's default, trusted beside it.
  }
  if (options_.certificate_pem.empty()) return;
  auto const certificate = blob(options_.certificate_pem), key = blob(options_.key_pem.reveal());
  set(CURLOPT_SSLCERT_BLOB, &certificate);
  set(CURLOPT_SSLCERTTYPE, "PEM");
  set(CURLOPT_SSLKEY_BLOB, &key);
  set(CURLOPT_SSLKEYTYPE, "PEM");
}

void Transfer::Running::set_method() {
  auto const& [method, body] = std::tie(hop_.request.method, hop_.request.body);
  if (method == "HEAD") return set(CURLOPT_NOBODY, 1L);
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_POSTFIELDS, body.data());
  }
  set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void Transfer::Running::set_callbacks() {
  set(CURLOPT_HEADERFUNCTION, &Running::on_head);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &Running::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_OPENSOCKETFUNCTION, &Running::on_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
}

Result<> Transfer::Running::drive() {
  std::stop_callback const wake(hop_.request.cancel,
                                [multi = multi_] { curl_multi_wakeup(multi); });
  for (;;) {
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK)
      return fail(Errc::internal, "libcurl is misused");
    if (TRY(finished())) return {};
    if (auto error = over()) return std::unexpected(*std::move(error));
    auto const until = std::min(hop_.request.deadline, stalls_at_);
    auto const wait =
        std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    auto const patience = std::clamp<std::int64_t>(wait.count(), 0, 60'000);
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(patience), nullptr);
  }
}

Result<bool> Transfer::Running::finished() {
  int left = 0;
  while (auto const* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    auto const code = message->data.result;
    if (code == CURLE_OK && head_ended_) return true;
    if (code == CURLE_OK) return fail(Errc::unavailable, "the answer breaks off in its head");
    if (code == CURLE_COULDNT_CONNECT && !private_address_.empty())
      return fail(Errc::denied, private_address_ + " is not a public address");
    return curl_error(code, detail_.data());
  }
  return false;
}

/// Why the run should end now.
std::optional<Error> Transfer::Running::over() {
  if (hop_.request.cancel.stop_requested()) return Error(Errc::unavailable, "cancelled");
  auto const now = std::chrono::steady_clock::now();
  if (now >= hop_.request.deadline) return Error(Errc::timeout, "the answer took too long");
  curl_off_t down = 0, up = 0;
  curl_easy_getinfo(easy_, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &up);
  auto const moved = down + up + static_cast<curl_off_t>(head_bytes_);
  if (moved != std::exchange(moved_, moved)) stalls_at_ = now + hop_.request.stall;
  if (now >= stalls_at_) return Error(Errc::timeout, "the other side fell silent");
  return std::nullopt;
}

std::size_t Transfer::Running::take_head(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > head_bytes_max)
    return refuse(Error(Errc::corrupt, "the answer's head is longer than 65536 bytes"));
  if (line.starts_with("HTTP/")) {  // A 100 may come before.
    head_ended_ = false;
    reply_.fields.clear();
    reply_.status = 0;
    if (auto const blank = line.find(' '); blank != line.npos)
      std::from_chars(line.data() + blank + 1, line.data() + line.size(), reply_.status);
  } else if (auto const colon = line.find(':'); colon != line.npos) {
    reply_.fields.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  head_ended_ |= trim(line).empty();
  return line.size();
}

std::size_t Transfer::Running::take_body(std::string_view piece) {
  if (hop_.sink && reply_.status >= 200 && reply_.status < 300) {
    auto const taken = hop_.sink(piece);
    return taken ? piece.size() : refuse(taken.error());
  }
  if (reply_.body.size() + piece.size() > hop_.request.bytes_max)
    return refuse(Error(Errc::corrupt, "the answer is longer than " +
                                           std::to_string(hop_.request.bytes_max) + " bytes"));
  reply_.body += piece;
  return piece.size();
}

// Here, after the name was resolved, is the one place where the address is known and no packet has
// been sent. libcurl tries the next address; without one it says "could not connect".
curl_socket_t Transfer::Running::open_socket(curl_sockaddr const& address) {
  auto const ip = ip_of(address.addr);
  if (hop_.public_only && !(ip && is_public(*ip))) {
    private_address_ = "the address of " + hop_.url.host;
    return CURL_SOCKET_BAD;
  }
  return socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
}

Transfer::Transfer(ClientOptions const& options) : options_(options) {
  static CURLcode const ready = curl_global_init(CURL_GLOBAL_DEFAULT);  // Once, by one thread.
  multi_ = curl_multi_init();
  easy_ = curl_easy_init();
  if (ready != CURLE_OK || !multi_ || !easy_) std::abort();
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
}

Result<Reply> Transfer::run(Hop const& hop) {
  return Running(*this, hop).run();
}

}  // namespace reeve::net
