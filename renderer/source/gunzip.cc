#include "renderer/source/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <climits>

namespace swell {
namespace {

class Inflater {
 public:
  Inflater() { ready_ = ::inflateInit2(&stream_, 15 + 16) == Z_OK; }  // 16: gzip alone
  ~Inflater() {
    if (ready_) ::inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

Error Damaged(const char* why) {
  return InvalidArgument(std::string("the gzip stream is damaged: ") + (why ? why : "cut off"));
}

}  // namespace

bool LooksLikeGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

Result<std::string> Gunzip(std::string_view bytes, std::uint64_t max_bytes) {
  Inflater inflater;
  if (!inflater.ready()) return Fail(ResourceExhausted("no memory for a gzip reader"));
  if (bytes.size() > UINT_MAX) return Fail(ResourceExhausted("the archive is larger than 4 GB"));
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  char buffer[64 << 10];
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer);
    stream.avail_out = sizeof buffer;
    const int state = ::inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return Fail(Damaged(stream.msg));
    const std::size_t produced = sizeof buffer - stream.avail_out;
    if (produced > max_bytes - out.size()) {
      return Fail(ResourceExhausted("the archive expands beyond " + std::to_string(max_bytes) +
                                    " bytes (budget max_bytes)"));
    }
    out.append(buffer, produced);
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) return out;
      if (::inflateReset(&stream) != Z_OK) return Fail(Damaged(stream.msg));  // the next member
    } else if (stream.avail_in == 0 && stream.avail_out != 0) {
      return Fail(Damaged(nullptr));
    }
  }
}

}  // namespace swell
