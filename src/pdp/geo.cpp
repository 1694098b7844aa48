#include "pdp/geo.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "base/file.hpp"

namespace reeve::pdp {
namespace {

constexpr std::size_t file_bytes_max = 1u << 30;

/// Walks one value of a data section (MaxMind DB 2.0, "Output Data Section") to see that it is no
/// more than a record about a network should be.
class Walk {
 public:
  explicit Walk(std::string_view section) : section_(section) {}

  bool sane(std::size_t offset) {
    at_ = offset;
    return value(0);
  }

 private:
  static constexpr int depth_max = 16;
  static constexpr int values_max = 5000;
  enum Type : std::uint8_t {
    extended = 0,
    pointer = 1,
    map = 7,
    array = 11,
    boolean = 14,
    last = 15
  };

  bool value(int depth) {
    if (depth > depth_max || ++values_ > values_max) return false;
    unsigned control = 0;
    if (!number(1, control)) return false;
    unsigned type = control >> 5;
    if (type == pointer) return follow(control, depth);
    if (type == extended) {
      if (!number(1, type)) return false;
      type += 7;
    }
    unsigned size = control & 0x1f, more = 0;
    if (size >= 29) {
      constexpr unsigned bases[] = {29, 285, 65821};
      if (!number(size - 28, more)) return false;
      size = bases[size - 29] + more;
    }
    return contents(type, size, depth);
  }

  bool contents(unsigned type, unsigned size, int depth) {
    if (type > last) return false;
    if (type == boolean) return true;
    if (type != map && type != array) return skip(size);
    for (unsigned n = 0; n < size * (type == map ? 2 : 1); ++n)
      if (!value(depth + 1)) return false;
    return true;
  }

  bool follow(unsigned control, int depth) {
    unsigned const width = (control >> 3 & 3) + 1;
    unsigned target = 0;
    if (!number(width, target)) return false;
    constexpr unsigned bases[] = {0, 2048, 526'336, 0};
    if (width < 4) target += ((control & 7) << (8 * width)) + bases[width - 1];
    auto const back = at_;
    at_ = target;
    bool const good = value(depth + 1);
    at_ = back;
    return good;
  }

  bool number(unsigned width, unsigned& out) {
    if (at_ > section_.size() || section_.size() - at_ < width) return false;
    out = 0;
    for (unsigned n = 0; n < width; ++n)
      out = out << 8 | static_cast<unsigned char>(section_[at_++]);
    return true;
  }

  bool skip(std::size_t bytes) {
    if (section_.size() - at_ < bytes) return false;
    at_ += bytes;
    return true;
  }

  std::string_view section_;
  std::size_t at_ = 0;
  int values_ = 0;
};

/// A descriptor that closes itself.
struct Descriptor {
  int number = -1;
  explicit Descriptor(int n) : number(n) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
};

Result<> write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    auto const written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(errno, "copy a MaxMind file into memory");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

struct Field {
  std::vector<char const*> path;  ///< Ends with null.
};

class MaxMindFile final : public GeoFile {
 public:
  explicit MaxMindFile(MMDB_s db) : db_(db) {}
  ~MaxMindFile() override { MMDB_close(&db_); }

  Place look(cedar::IpAddr const& ip) const override {
    Place out;
    auto entry = entry_of(ip);
    if (!entry.found_entry || !sane(entry.entry)) return out;
    out.country = country(entry.entry);
    out.asn = asn(entry.entry);
    out.anonymous = anonymous(entry.entry);
    return out;
  }

 private:
  MMDB_lookup_result_s entry_of(cedar::IpAddr const& ip) const {
    int error = MMDB_SUCCESS;
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    v4.sin_family = AF_INET;
    v6.sin6_family = AF_INET6;
    std::memcpy(&v4.sin_addr, ip.address.data(), sizeof v4.sin_addr);
    std::memcpy(&v6.sin6_addr, ip.address.data(), sizeof v6.sin6_addr);
    auto const* address =
        ip.v6 ? reinterpret_cast<sockaddr const*>(&v6) : reinterpret_cast<sockaddr const*>(&v4);
    auto out = MMDB_lookup_sockaddr(&db_, address, &error);
    if (error != MMDB_SUCCESS) out.found_entry = false;
    return out;
  }

  bool sane(MMDB_entry_s const& entry) const {
    std::string_view const section(reinterpret_cast<char const*>(db_.data_section),
                                   db_.data_section_size);
    return Walk(section).sane(entry.offset);
  }

  static std::optional<MMDB_entry_data_s> field(MMDB_entry_s entry, Field const& field) {
    MMDB_entry_data_s out{};
    if (MMDB_aget_value(&entry, &out, field.path.data()) != MMDB_SUCCESS || !out.has_data)
      return std::nullopt;
    return out;
  }

  static std::optional<std::string> country(MMDB_entry_s const& entry) {
    for (auto const& path :
         {Field{{"country", "iso_code", nullptr}}, Field{{"country_code", nullptr}}}) {
      auto const found = field(entry, path);
      if (!found || found->type != MMDB_DATA_TYPE_UTF8_STRING || found->data_size != 2) continue;
      std::string code(found->utf8_string, 2);
      auto const capital = [](char c) { return c >= 'A' && c <= 'Z'; };
      if (capital(code[0]) && capital(code[1])) return code;
    }
    return std::nullopt;
  }

  static std::optional<std::int64_t> asn(MMDB_entry_s const& entry) {
    for (auto const& path : {Field{{"autonomous_system_number", nullptr}}, Field{{"asn", nullptr}}})
      if (auto const found = field(entry, path); found && found->type == MMDB_DATA_TYPE_UINT32)
        return std::int64_t{found->uint32};
    return std::nullopt;
  }

  static std::optional<bool> anonymous(MMDB_entry_s const& entry) {
    std::optional<bool> out;
    for (auto const* name : {"is_anonymous", "is_anonymous_vpn", "is_public_proxy",
                             "is_tor_exit_node", "is_hosting_provider", "is_residential_proxy"}) {
      auto const found = field(entry, Field{{name, nullptr}});
      if (found && found->type == MMDB_DATA_TYPE_BOOLEAN)
        out = out.value_or(false) || found->boolean;
    }
    return out;
  }

  MMDB_s db_;
};

/// What tells a file from a later one of its name.
using Stamp = std::array<std::int64_t, 4>;
Stamp stamp_of(std::string const& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return {};
  return {static_cast<std::int64_t>(about.st_ino), about.st_size,
          about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec,
          about.st_ctim.tv_sec * 1'000'000'000 + about.st_ctim.tv_nsec};
}

}  // namespace

Result<std::unique_ptr<GeoFile const>> GeoFile::open(std::string const& path) {
  auto const bytes = TRY(read_file(path, file_bytes_max));
  Descriptor const copy(::memfd_create("mmdb", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (copy.number < 0) return system_error(errno, "make room for " + path);
  TRY(write_all(copy.number, bytes));
  constexpr int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (::fcntl(copy.number, F_ADD_SEALS, seals) != 0) return system_error(errno, "seal " + path);
  auto const name = "/proc/self/fd/" + std::to_string(copy.number);
  MMDB_s db{};
  if (int const code = MMDB_open(name.c_str(), MMDB_MODE_MMAP, &db); code != MMDB_SUCCESS)
    return fail(Errc::corrupt, path + " is no MaxMind file: " + MMDB_strerror(code));
  return std::make_unique<MaxMindFile const>(db);
}

struct Geo::Slot {
  std::string path;
  Stamp stamp{};
  std::shared_ptr<GeoFile const> file;  ///< Null: it cannot be used.
  std::string complaint;                ///< Why.
};

Geo::Geo(std::vector<std::string> paths) : files_(std::make_shared<Files const>()) {
  for (auto& path : paths) slots_.push_back({.path = std::move(path), .complaint = "not read yet"});
}
Geo::~Geo() = default;

std::vector<std::string> Geo::refresh() {
  std::scoped_lock const hold(refreshing_);
  std::vector<std::string> out;
  auto files = std::make_shared<Files>();
  for (auto& slot : slots_) {
    auto const stamp = stamp_of(slot.path);
    if (stamp != slot.stamp || stamp == Stamp{}) {
      slot.stamp = stamp;
      auto opened = GeoFile::open(slot.path);
      slot.complaint = opened ? "" : opened.error().to_string();
      slot.file = opened ? std::shared_ptr<GeoFile const>(*std::move(opened)) : nullptr;
    }
    if (slot.file) files->push_back(slot.file);
    if (!slot.complaint.empty()) out.push_back(slot.complaint);
  }
  files_.store(std::move(files));
  return out;
}

Place Geo::look(cedar::IpAddr const& ip) const {
  Place out;
  auto const files = files_.load();
  for (auto const& file : *files) {
    auto const found = file->look(ip);
    if (!out.country) out.country = found.country;
    if (!out.asn) out.asn = found.asn;
    if (!out.anonymous) out.anonymous = found.anonymous;
  }
  return out;
}

}  // namespace reeve::pdp
