// Any bytes as what a server says before TLS, in each protocol, and as the text of an endpoint.
// The first byte chooses how many bytes a read gives, so replies arrive cut anywhere.

#include "connectors/x509/starttls.hpp"

#include "base/text.hpp"
#include "check.hpp"
#include "connectors/x509/endpoint.hpp"

namespace {

using namespace reeve;

class Script final : public x509::Wire {
 public:
  Script(std::string_view says, std::size_t step) : says_(says), step_(step) {}
  Result<> send(std::string_view) override { return {}; }
  Result<std::string> receive(std::size_t size) override {
    fuzz::must(size > 0);
    if (says_.empty()) return fail(Errc::unavailable, "closes");
    std::string out(says_.substr(0, std::min(size, step_)));
    says_.remove_prefix(out.size());
    return out;
  }

 private:
  std::string_view says_;
  std::size_t step_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = fuzz::text(data, size);
  for (auto start = x509::Start::tls; start <= x509::Start::postgres;
       start = x509::Start(int(start) + 1)) {
    Script script(bytes.substr(bytes.empty() ? 0 : 1), size > 0 ? data[0] % 7U + 1 : 1);
    auto const got = x509::request_tls(start, script);
    fuzz::must(got || printable(got.error().to_string()) == got.error().to_string());
  }
  if (auto const endpoint = x509::parse_endpoint(bytes))
    fuzz::must(!endpoint->host.empty() && !endpoint->port.empty() && !endpoint->name.empty());
  return 0;
}
