#include "crypto/pem.hpp"

#include <optional>

#include "base/result.hpp"
#include "base/text.hpp"
#include "crypto/encode.hpp"

namespace reeve::crypto {
namespace {

constexpr std::size_t block_bytes_max = 1U << 20;
constexpr std::size_t blocks_max = 5000;

/// Lines with their numbers, without line end and blanks behind.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  bool next() {
    if (rest_.empty()) return false;
    auto const end = std::min(rest_.find('\n'), rest_.size());
    line = rest_.substr(0, end);
    line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number;
    return true;
  }
  std::string_view line;
  int number = 0;

 private:
  std::string_view rest_;
};

/// LABEL of "-----BEGIN LABEL-----"; nothing for any other line.
std::optional<std::string_view> label_of(std::string_view line, std::string_view word) {
  auto const head = "-----" + std::string(word) + " ";
  if (!line.starts_with(head) || !line.ends_with("-----") || line.size() < head.size() + 5)
    return std::nullopt;
  return line.substr(head.size(), line.size() - head.size() - 5);
}

std::string shown(std::string_view label) {
  return shortened(printable(clean_utf8(label)), 60);
}

/// Reads up to the END line. On an error the lines that were read are gone, so that the next block
/// is looked for behind them; a BEGIN within ends a block that has no end.
class BlockReader {
 public:
  BlockReader(Lines& lines, std::string_view label) : lines_(lines), label_(label) {}
  ~BlockReader() { wipe(body_); }
  BlockReader(BlockReader const&) = delete;
  BlockReader& operator=(BlockReader const&) = delete;

  Result<PemBlock> read() {
    PemBlock block{.label = std::string(label_), .line = lines_.number};
    TRY(read_lines(block));
    auto bytes = TRY_DURING(from_base64(body_), "block " + shown(label_));
    block.der = Secret::take(bytes);
    return block;
  }
  /// The label of a BEGIN met where an END belongs: a block starts there.
  std::optional<std::string_view> next_label() const { return next_label_; }

 private:
  Result<> read_lines(PemBlock& block) {
    body_.reserve(4096);
    for (bool in_headers = true; lines_.next();) {
      if (auto const end = label_of(lines_.line, "END")) return check_end(*end);
      next_label_ = label_of(lines_.line, "BEGIN");
      if (next_label_) return fail(Errc::corrupt, "block " + shown(label_) + " has no end");
      if (in_headers && lines_.line.contains(':')) {
        if (block.headers.size() < 16) block.headers.emplace_back(lines_.line);
        continue;
      }
      if (lines_.line.empty()) continue;
      in_headers = false;
      TRY(add(lines_.line));
    }
    return fail(Errc::corrupt, "block " + shown(label_) + " has no end");
  }
  Result<> check_end(std::string_view label) const {
    if (label == label_) return {};
    return fail(Errc::corrupt, "block " + shown(label_) + " ends as " + shown(label));
  }
  /// Grows by hand, so that no copy of a private key stays behind in freed memory.
  Result<> add(std::string_view part) {
    if (body_.size() + part.size() > block_bytes_max * 4 / 3)
      return fail(Errc::corrupt, "block " + shown(label_) + " is longer than 1 MiB");
    if (body_.size() + part.size() > body_.capacity()) {
      std::string larger;
      larger.reserve(2 * (body_.size() + part.size()));
      larger = body_;
      wipe(body_);
      body_ = std::move(larger);
    }
    body_ += part;
    return {};
  }

  Lines& lines_;
  std::string_view label_;
  std::string body_;
  std::optional<std::string_view> next_label_;
};

}  // namespace

PemFile read_pem(std::string_view text) {
  PemFile out;
  Lines lines(text);
  while (lines.next()) {
    auto label = label_of(lines.line, "BEGIN");
    while (label) {
      int const line = lines.number;
      if (out.blocks.size() + out.malformed.size() >= blocks_max) {
        out.malformed.push_back({line, "", "more than 5000 blocks; the rest was not read"});
        return out;
      }
      BlockReader reader(lines, *label);
      if (auto block = reader.read())
        out.blocks.push_back(std::move(*block));
      else
        out.malformed.push_back({line, shown(*label), block.error().to_string()});
      label = reader.next_label();
    }
  }
  return out;
}

}  // namespace reeve::crypto
