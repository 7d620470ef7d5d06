#pragma once
// Undoing content-encoding: gzip, piece by piece.

#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell::net {

// Not thread-safe.
class GzipDecoder {
 public:
  GzipDecoder();
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  // Appends what `data` decodes to. kDataLoss where it is no gzip; kResourceExhausted once
  // `out` would pass `max_size` (however small the input: "zip bombs").
  Status Decode(std::string_view data, std::string& out, std::size_t max_size);
  // Whether the stream is complete.
  bool finished() const { return finished_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool finished_ = false;
};

std::string GzipEncode(std::string_view bytes);

}  // namespace swell::net
