#pragma once
// The two ends of a response: the writer that handlers hold on any thread, and the sink that
// a session serves on the loop. For base/net's own sources.

#include <atomic>
#include <memory>
#include <mutex>

#include "base/net/http_server.h"

namespace swell::net {

// What a writer and its sink share.
class ResponseState {
 public:
  // The client is gone: runs the handler's on_close. On the loop's thread.
  void MarkClosed();
  bool closed() const { return closed_; }

  std::atomic<std::size_t> posted_bytes = 0;  // written, not yet seen by the loop
  std::atomic<int> posted_calls = 0;

 private:
  friend class WriterImpl;
  enum class Phase { kNone, kBegun, kDone };
  std::mutex mutex_;
  Phase phase_ = Phase::kNone;                // guarded by mutex_
  std::move_only_function<void()> on_close_;  // guarded by mutex_
  std::atomic<bool> closed_ = false;
};
using ResponseStatePtr = std::shared_ptr<ResponseState>;

// One response as a session sends it. On the loop's thread. Each is called in the order
// that ResponseWriter demands.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void SendAll(int status, Headers headers, std::string body) = 0;
  virtual void SendHead(int status, Headers headers) = 0;
  // False when more than max_pending_bytes wait: the response has been cut.
  virtual bool SendChunk(std::string chunk) = 0;
  virtual void SendEnd() = 0;
  virtual void Abort() = 0;
};

ResponseWriterPtr MakeWriter(Loop& loop, std::shared_ptr<ResponseSink> sink, ResponseStatePtr state,
                             std::size_t max_pending_bytes);

// Header fields as they may be sent: lower case, without what the server itself sets and
// without characters that would break a message apart.
Headers CleanHeaders(const Headers& headers);

}  // namespace swell::net
