#pragma once

#include <map>
#include <optional>
#include <set>

#include "connectors/x509/client.hpp"

namespace reeve::x509 {

/// Files and servers as a test wants them.
struct FakeEstate {
  struct Content {
    std::string bytes;
    std::uint32_t mode = 0644;
  };
  std::map<std::string, Content> files;  ///< All below every root.
  std::set<std::string> unreadable;
  std::map<std::string, Chain> servers;  ///< By Endpoint::text().
  std::optional<Error> network;          ///< What every connection fails with.
};

class FakeClient final : public Client {
 public:
  explicit FakeClient(FakeEstate estate) : estate_(std::move(estate)) {}

  Result<FileList> list(std::string const& root) override {
    FileList out;
    for (auto const& [path, content] : estate_.files)
      if (path.starts_with(root)) out.files.push_back({path, content.mode, content.bytes.size()});
    return out;
  }
  Result<std::string> read(std::string const&, std::string const& path,
                           std::size_t bytes_max) override {
    if (estate_.unreadable.contains(path))
      return fail(Errc::denied, "open " + path + ": Permission denied");
    auto const found = estate_.files.find(path);
    if (found == estate_.files.end()) return fail(Errc::not_found, "open " + path);
    if (found->second.bytes.size() > bytes_max) return fail(Errc::invalid, path + " is too long");
    return found->second.bytes;
  }
  std::vector<Result<Chain>> handshakes(std::span<Endpoint const> endpoints) override {
    std::vector<Result<Chain>> out;
    for (auto const& endpoint : endpoints) {
      auto const found = estate_.servers.find(endpoint.text());
      if (estate_.network)
        out.emplace_back(std::unexpected(Error(*estate_.network).during(endpoint.text())));
      else if (found == estate_.servers.end())
        out.emplace_back(
            fail(Errc::unavailable, endpoint.text() + ": connect: Connection refused"));
      else
        out.emplace_back(found->second);
    }
    return out;
  }

 private:
  FakeEstate estate_;
};

}  // namespace reeve::x509
