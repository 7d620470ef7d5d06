#pragma once
// Owning wrappers around nghttp2's C objects. For base/net's own sources.

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/http.h"
#include "base/net/transport.h"

namespace swell::net {

struct Nghttp2Delete {
  void operator()(nghttp2_session* s) const { nghttp2_session_del(s); }
  void operator()(nghttp2_session_callbacks* c) const { nghttp2_session_callbacks_del(c); }
  void operator()(nghttp2_option* o) const { nghttp2_option_del(o); }
};
using Nghttp2Session = std::unique_ptr<nghttp2_session, Nghttp2Delete>;
using Nghttp2Callbacks = std::unique_ptr<nghttp2_session_callbacks, Nghttp2Delete>;
using Nghttp2Option = std::unique_ptr<nghttp2_option, Nghttp2Delete>;

// Refers to the strings given, which must outlive the submit call that copies them.
class Nghttp2Headers {
 public:
  void Add(std::string_view name, std::string_view value) {
    fields_.push_back({Bytes(name), Bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  // Never entered into the compression table: credentials.
  void AddSensitive(std::string_view name, std::string_view value) {
    Add(name, value);
    fields_.back().flags = NGHTTP2_NV_FLAG_NO_INDEX;
  }
  const nghttp2_nv* data() const { return fields_.data(); }
  std::size_t size() const { return fields_.size(); }

 private:
  static std::uint8_t* Bytes(std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  }
  std::vector<nghttp2_nv> fields_;
};

inline std::string_view View(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Hands frames to the transport until it has `ahead` bytes to send. False if nghttp2 failed.
bool SendFrames(nghttp2_session* session, Transport& transport, std::size_t ahead);

}  // namespace swell::net
