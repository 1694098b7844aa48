// systemd's journal: a file of objects that point at each other by offset, with a hash table from
// "FIELD=value" to the entries that hold it.
//
//   header ──► data hash table ──► DATA "_COMM=sshd" ──► ENTRY_ARRAY ──► ENTRY ──► DATA "MESSAGE=…"
//
// Why our own reader, where libsystemd has one: that one maps files into memory, so a file cut
// short while it is read, or by whoever made the image we look at, kills the process; it opens
// files by path, where we must not leave the tree; and it brings compressors for texts we do not
// need. We want two fields of a few entries, and take nothing that is not where the format says:
// each offset is checked, lists must go forward, so there are no loops, and the number of steps has
// a limit.
//
// Anybody may write to the journal, and call his program sshd. Fields that begin with "_" are added
// by journald from what the kernel says of the sender, so sshd counts as root's, sudo by the path
// of its file. A message that is compressed (512 bytes and more) is counted and not read.
//
// Source: systemd.io/JOURNAL_FILE_FORMAT (systemd 246 to 257); journal-def.h of 252.

#include "connectors/host/journal.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <functional>
#include <map>
#include <set>

namespace reeve::host {
namespace {

constexpr std::size_t block_bytes = 64 * 1024, blocks_max = 64;
constexpr std::size_t message_bytes_max = 8 * 1024, items_max = 1024, entries_max = 200'000;
constexpr int chain_max = 1'000;
constexpr std::uint64_t steps_max = 8'000'000;

enum class Type : std::uint8_t { data = 1, entry = 3, entry_array = 6 };
constexpr std::uint32_t keyed = 4, compact = 16, known_flags = 31;
constexpr std::uint8_t compressed = 7;

template <class T>
T number_at(std::string_view bytes, std::size_t offset) {
  static_assert(std::endian::native == std::endian::little, "the journal is little-endian");
  T value{};
  bytes.copy(reinterpret_cast<char*>(&value), sizeof value, offset);
  return value;
}

/// SipHash-2-4 (Aumasson, Bernstein 2012), as the hash of a table; nothing here is secret.
std::uint64_t siphash(std::string_view key, std::string_view text) {
  auto const k0 = number_at<std::uint64_t>(key, 0), k1 = number_at<std::uint64_t>(key, 8);
  std::array<std::uint64_t, 4> v{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
                                 k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
  auto const round = [&v] {
    v[0] += v[1], v[1] = std::rotl(v[1], 13) ^ v[0], v[0] = std::rotl(v[0], 32);
    v[2] += v[3], v[3] = std::rotl(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = std::rotl(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = std::rotl(v[1], 17) ^ v[2], v[2] = std::rotl(v[2], 32);
  };
  auto const mix = [&](std::uint64_t word) {
    v[3] ^= word;
    round(), round();
    v[0] ^= word;
  };
  std::uint64_t const length = text.size();
  for (; text.size() >= 8; text.remove_prefix(8)) mix(number_at<std::uint64_t>(text, 0));
  std::uint64_t last = length << 56;
  std::memcpy(&last, text.data(), text.size());
  mix(last);
  v[2] ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/// The file in blocks, of which some are kept.
class Bytes {
 public:
  explicit Bytes(ReadAt const& read) : read_(read) {}

  /// Exactly `size` bytes, at most a block. Errors: invalid: the file ends before them.
  Result<std::string> at(std::uint64_t offset, std::size_t size) {
    if (++steps_ > steps_max) return fail(Errc::invalid, "the journal leads in circles");
    std::string out;
    while (out.size() < size) {
      auto const from = offset + out.size();
      auto const* found = TRY(block(from / block_bytes));
      auto const part = std::string_view(*found).substr(
          std::min<std::size_t>(from % block_bytes, found->size()), size - out.size());
      if (part.empty()) return fail(Errc::invalid, "the journal ends in the middle of an object");
      out += part;
    }
    return out;
  }

 private:
  Result<std::string const*> block(std::uint64_t number) {
    auto found = blocks_.find(number);
    if (found == blocks_.end()) {
      if (blocks_.size() >= blocks_max) blocks_.clear();
      if (number > (std::uint64_t{1} << 40)) return fail(Errc::invalid, "an offset is too large");
      found = blocks_.emplace(number, TRY(read_(number * block_bytes, block_bytes))).first;
    }
    return &found->second;
  }

  ReadAt const& read_;
  std::uint64_t steps_ = 0;
  std::map<std::uint64_t, std::string> blocks_;
};

struct Object {
  std::uint64_t offset = 0, size = 0;
  std::uint8_t flags = 0;
};

class Reader {
 public:
  explicit Reader(ReadAt const& read) : bytes_(read) {}

  Result<Journal> run() && {
    TRY(header());
    auto const root = TRY(find("_UID=0"));
    for (auto const* name : {"_COMM=sshd", "_COMM=sshd-session"})
      if (root != 0) TRY(entries_of(name, "sshd", root));
    TRY(entries_of("_EXE=/usr/bin/sudo", "sudo", 0));
    std::ranges::stable_sort(out_.events, {}, &AuthLogEvent::at);
    return std::move(out_);
  }

 private:
  static std::unexpected<Error> wrong(std::string const& why) {
    return fail(Errc::invalid, "the journal makes no sense: " + why);
  }

  Result<> header() {
    constexpr std::size_t shortest = 208;
    auto const head = bytes_.at(0, shortest);
    if (!head || !head->starts_with("LPKSHHRH")) return fail(Errc::invalid, "not a journal");
    auto const flags = number_at<std::uint32_t>(*head, 12);
    if ((flags & keyed) == 0 || (flags & ~known_flags) != 0)
      return fail(Errc::unsupported, "a journal of another format than that of systemd 246 to 257");
    compact_ = (flags & compact) != 0;
    key_ = head->substr(24, 16);
    table_ = number_at<std::uint64_t>(*head, 104);
    buckets_ = number_at<std::uint64_t>(*head, 112) / 16;
    if (table_ < shortest || buckets_ == 0) return wrong("it has no index");
    auto const first = number_at<std::uint64_t>(*head, 184);
    if (first > 0 && first < std::uint64_t(INT64_MAX))
      out_.oldest = from_micros(std::int64_t(first));
    return {};
  }

  Result<Object> object(std::uint64_t offset, Type type, std::size_t shortest) {
    if (offset % 8 != 0) return wrong("an offset is not a multiple of 8");
    auto const head = TRY(bytes_.at(offset, 16));
    Object const out{offset, number_at<std::uint64_t>(head, 8), std::uint8_t(head[1])};
    if (std::uint8_t(head[0]) != std::uint8_t(type) || out.size < shortest)
      return wrong("an object is of another kind");
    return out;
  }

  std::size_t payload_at() const { return compact_ ? 72 : 64; }

  /// The first `size` bytes of the text of a DATA object.
  Result<std::string> text(Object const& data, std::size_t size) {
    auto const all = std::size_t(std::min<std::uint64_t>(data.size - payload_at(), size));
    return bytes_.at(data.offset + payload_at(), all);
  }

  /// The offset of the DATA object with that text; 0: no entry has it.
  Result<std::uint64_t> find(std::string_view wanted) {
    auto const hash = siphash(key_, wanted);
    auto const bucket = TRY(bytes_.at(table_ + hash % buckets_ * 16, 8));
    auto offset = number_at<std::uint64_t>(bucket, 0);
    for (int i = 0; offset != 0 && i < chain_max; ++i) {
      auto const data = TRY(object(offset, Type::data, payload_at()));
      auto const links = TRY(bytes_.at(offset + 16, 16));
      bool const same = number_at<std::uint64_t>(links, 0) == hash &&
                        data.size - payload_at() == wanted.size() && (data.flags & compressed) == 0;
      if (same) {
        auto const found = TRY(text(data, wanted.size()));
        if (found == wanted) return offset;
      }
      offset = number_at<std::uint64_t>(links, 8);
    }
    return 0;
  }

  Result<std::vector<std::uint64_t>> entry_offsets(std::uint64_t data) {
    auto const links = TRY(bytes_.at(data + 40, 24));
    auto const total = number_at<std::uint64_t>(links, 16);
    std::vector<std::uint64_t> out{number_at<std::uint64_t>(links, 0)};
    auto array = number_at<std::uint64_t>(links, 8);
    while (array != 0 && out.size() < total) {
      auto const found = TRY(object(array, Type::entry_array, 24));
      auto const next = number_at<std::uint64_t>(TRY(bytes_.at(array + 16, 8)), 0);
      TRY(add_items(out, found.offset + 24, (found.size - 24) / item_bytes(),
                    std::size_t(std::min<std::uint64_t>(total - out.size(), 1U << 24))));
      if (next != 0 && next <= array) return wrong("a list goes backwards");
      array = next;
      if (out.size() > 2 * entries_max)
        out.erase(out.begin(), out.end() - std::ptrdiff_t(entries_max));
    }
    return out;
  }
  std::size_t item_bytes() const { return compact_ ? 4 : 8; }

  Result<> add_items(std::vector<std::uint64_t>& out, std::uint64_t from, std::uint64_t count,
                     std::size_t most) {
    constexpr std::size_t at_once = 4096;
    for (std::uint64_t n = 0; n < count && n < most; n += at_once) {
      auto const some = std::size_t(std::min<std::uint64_t>({at_once, count - n, most - n}));
      auto const items = TRY(bytes_.at(from + n * item_bytes(), some * item_bytes()));
      for (std::size_t i = 0; i < some; ++i) {
        auto const offset = compact_ ? number_at<std::uint32_t>(items, i * 4)
                                     : number_at<std::uint64_t>(items, i * 8);
        if (offset == 0) return {};  // the array has room for more
        out.push_back(offset);
      }
    }
    return {};
  }

  Result<> entries_of(std::string_view field, std::string_view program, std::uint64_t must_have) {
    auto const data = TRY(find(field));
    if (data == 0) return {};
    auto const offsets = TRY(entry_offsets(data));
    auto const skip = offsets.size() > entries_max ? offsets.size() - entries_max : 0;
    for (auto at = skip; at < offsets.size(); ++at) {
      if (!seen_.insert(offsets[at]).second) continue;
      if (auto const read = entry(offsets[at], program, must_have); !read) {
        if (read.error().code() != Errc::invalid) return read;
        ++out_.unread;
      }
    }
    return {};
  }

  Result<> entry(std::uint64_t offset, std::string_view program, std::uint64_t must_have) {
    constexpr std::size_t items_at = 64;
    auto const found = TRY(object(offset, Type::entry, items_at));
    auto const when = number_at<std::uint64_t>(TRY(bytes_.at(offset + 24, 8)), 0);
    auto const step = compact_ ? std::size_t(4) : std::size_t(16);
    auto const count =
        std::size_t(std::min<std::uint64_t>((found.size - items_at) / step, items_max));
    auto const items = TRY(bytes_.at(offset + items_at, count * step));
    std::vector<std::uint64_t> fields;
    fields.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      fields.push_back(compact_ ? number_at<std::uint32_t>(items, i * step)
                                : number_at<std::uint64_t>(items, i * step));
    if (must_have != 0 && std::ranges::find(fields, must_have) == fields.end()) return {};
    if (when == 0 || when >= std::uint64_t(INT64_MAX)) return wrong("an entry has no time");
    // What only this entry has was written last.
    std::ranges::sort(fields, std::greater());
    return message(fields, program, from_micros(std::int64_t(when)));
  }

  Result<> message(std::vector<std::uint64_t> const& fields, std::string_view program, Instant at) {
    constexpr std::string_view name = "MESSAGE=";
    bool hidden = false;
    for (auto const offset : fields) {
      if (offset == 0) continue;
      auto const data = TRY(object(offset, Type::data, payload_at()));
      hidden = hidden || (data.flags & compressed) != 0;
      if ((data.flags & compressed) != 0 || TRY(text(data, name.size())) != name) continue;
      auto const whole = TRY(text(data, message_bytes_max));
      AuthLogEvent event{.at = at};
      if (read_auth_message(program, std::string_view(whole).substr(name.size()), event))
        out_.events.push_back(std::move(event));
      return {};
    }
    out_.unread += hidden;
    return {};
  }

  Bytes bytes_;
  bool compact_ = false;
  std::string key_;
  std::uint64_t table_ = 0, buckets_ = 0;
  std::set<std::uint64_t> seen_;
  Journal out_;
};

}  // namespace

Result<Journal> read_journal(ReadAt const& read) {
  return Reader(read).run();
}

}  // namespace reeve::host
