// Logs that logrotate has packed. A few kilobytes of gzip can unpack to gigabytes, so the text is
// bounded by its end, the work by a ratio.

#include "connectors/host/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

namespace reeve::host {
namespace {

constexpr std::uint64_t ratio_max = 1'000, free_bytes = 1 << 20, made_max = 512 << 20;

struct End {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

Result<std::string> unzip_tail(std::string_view packed, std::size_t bytes_max) {
  z_stream stream{};
  constexpr int gzip_only = 15 + 16;
  if (inflateInit2(&stream, gzip_only) != Z_OK)
    return fail(Errc::unavailable, "zlib has no memory");
  std::unique_ptr<z_stream, End> const owned(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = uInt(packed.size());
  std::string out;
  std::array<char, 64 * 1024> buffer;
  std::uint64_t made = 0;
  for (int state = Z_OK; stream.avail_in > 0 || state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = uInt(buffer.size());
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return fail(Errc::invalid, "not a whole gzip file");
    auto const count = buffer.size() - stream.avail_out;
    made += count;
    if (made > std::min(packed.size() * ratio_max + free_bytes, made_max))
      return fail(Errc::invalid, "unpacks to 512 MiB or a thousand times its size");
    out.append(buffer.data(), count);
    if (out.size() > 2 * bytes_max + buffer.size()) out.erase(0, out.size() - bytes_max);
    if (state == Z_STREAM_END && stream.avail_in > 0 && inflateReset(&stream) != Z_OK)
      return fail(Errc::invalid, "not a whole gzip file");
  }
  if (out.size() > bytes_max) out.erase(0, out.size() - bytes_max);
  return out;
}

}  // namespace reeve::host
