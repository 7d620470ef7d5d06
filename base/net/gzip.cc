#include "base/net/gzip.h"

#include <zlib.h>

#include "base/core/check.h"

namespace swell::net {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for the gzip format
constexpr std::size_t kPiece = 32 * 1024;

Bytef* Input(std::string_view data) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data.data()));
}

}  // namespace

struct GzipDecoder::State {
  z_stream stream{};
};

GzipDecoder::GzipDecoder() : state_(std::make_unique<State>()) {
  SWELL_CHECK(inflateInit2(&state_->stream, kGzipWindow) == Z_OK);
}

GzipDecoder::~GzipDecoder() { inflateEnd(&state_->stream); }

Status GzipDecoder::Decode(std::string_view data, std::string& out, std::size_t max_size) {
  z_stream& z = state_->stream;
  z.next_in = Input(data);
  z.avail_in = static_cast<uInt>(data.size());
  while (true) {
    if (finished_) {
      if (z.avail_in == 0) return {};
      // A further member, as gzip allows.
      if (inflateReset(&z) != Z_OK) return Fail(Error(ErrorCode::kDataLoss, "gzip: broken state"));
      finished_ = false;
    }
    char piece[kPiece];
    z.next_out = reinterpret_cast<Bytef*>(piece);
    z.avail_out = sizeof piece;
    const int result = inflate(&z, Z_NO_FLUSH);
    const std::size_t size = sizeof piece - z.avail_out;
    if (out.size() + size > max_size) {
      return Fail(ResourceExhausted("the decompressed body is larger than " +
                                    std::to_string(max_size) + " bytes"));
    }
    out.append(piece, size);
    if (result == Z_STREAM_END) {
      finished_ = true;
    } else if (result == Z_BUF_ERROR) {
      return {};  // needs more input
    } else if (result != Z_OK) {
      return Fail(Error(ErrorCode::kDataLoss, std::string("the body is no valid gzip: ") +
                                                  (z.msg ? z.msg : "unknown error")));
    }
  }
}

std::string GzipEncode(std::string_view bytes) {
  z_stream z{};
  SWELL_CHECK(deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                           Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&z, bytes.size()), '\0');
  z.next_in = Input(bytes);
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  SWELL_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

}  // namespace swell::net
