#include "base/net/nghttp2_util.h"

namespace swell::net {

bool SendFrames(nghttp2_session* session, Transport& transport, std::size_t ahead) {
  constexpr std::size_t kBatch = 64 * 1024;
  std::string batch;
  while (transport.pending() + batch.size() < ahead) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session, &data);
    if (size < 0) return false;
    if (size == 0) break;
    batch += View(data, static_cast<std::size_t>(size));
    if (batch.size() >= kBatch) transport.Write(std::exchange(batch, {}));
  }
  transport.Write(std::move(batch));
  return true;
}

}  // namespace swell::net
