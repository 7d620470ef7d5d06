#pragma once
// Http2Client: many concurrent requests over one HTTP/2 connection to one origin. nghttp2
// rather than libcurl: a fraction of the memory a watch and of the CPU a request
// (DESIGN, Idioms: Network).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/net/http.h"
#include "base/net/loop.h"
#include "base/net/proxy.h"
#include "base/net/tls.h"

namespace swell::net {

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  // path and query, escaped
  Headers headers;           // names in any case; "host" replaces the origin's authority
  std::string body;          // content-length is set by the client

  // Send: from the call to the complete response. Stream: from the call to the response's
  // headers. Queueing and connecting count. Must be positive.
  Duration timeout = std::chrono::seconds(30);
  // Stream alone: the longest silence between two pieces of the body; 0 = no limit.
  Duration idle_timeout{0};
  // Send: the largest (decompressed) body; more fails with kResourceExhausted. Stream does
  // not buffer, so it has no such limit.
  std::size_t max_response_bytes = 64 * 1024 * 1024;
};

struct ClientResponse {
  int status = 0;
  Headers headers;   // names in lower case
  std::string body;  // gzip undone
};

// What a request may fail with (a response of any status is a success):
//   kUnavailable        not processed: cannot resolve, connect, or shake hands; refused
//   kAborted            the connection or stream broke after the request was sent: the
//                       server may or may not have acted
//   kDeadlineExceeded   the timeout passed; the same doubt applies
//   kCancelled          cancelled, or the client was closed
//   kResourceExhausted  the response or the client's queue is over its limit
//   kUnauthenticated    the server's certificate failed verification
//   kUnimplemented      the server does not speak HTTP/2
//   kInvalidArgument    the request itself is malformed
//   kDataLoss           the response is malformed (bad gzip, length mismatch)
using ResponseCallback = std::move_only_function<void(Result<ClientResponse>)>;

// The pieces of a streamed response; all called on the loop's thread, on_end exactly once
// and last. on_data's view is valid during the call alone.
struct StreamHandler {
  std::move_only_function<void(int status, const Headers& headers)> on_headers;
  std::move_only_function<void(std::string_view data)> on_data;
  std::move_only_function<void(Status status)> on_end;
};

// A request in progress. Copies share it; dropping it changes nothing. Thread-safe.
class ClientCall {
 public:
  struct State;
  ClientCall() = default;
  explicit ClientCall(std::shared_ptr<State> state) : state_(std::move(state)) {}
  // Ends the request with kCancelled unless it has ended. Never calls back in place.
  void Cancel();
  // Back pressure for Stream: after Pause at most one flow-control window more (256 KiB)
  // is delivered until Resume; other streams are not held up.
  void Pause();
  void Resume();

 private:
  std::shared_ptr<State> state_;
};

// Connects on the first request, reconnects when the connection is lost or drained
// (GOAWAY), repeats what the server says it has not processed, and notices a dead peer by
// PING. Thread-safe; callbacks run on the loop's thread and must not block.
class Http2Client {
 public:
  struct Options {
    std::string origin;  // "https://host:port" (ALPN h2) or "http://…" (prior knowledge)
    TlsConfig tls;
    std::optional<Proxy> proxy;  // that leads to the origin
    TlsConfig proxy_tls;         // towards an https proxy
    std::string user_agent = "swell";
    Duration connect_timeout = std::chrono::seconds(10);  // name, TCP, TLS and SETTINGS
    // Sent when nothing arrived for this long while requests are open; 0 = never. As client-go.
    Duration ping_interval = std::chrono::seconds(30);
    Duration ping_timeout = std::chrono::seconds(15);
    // A connection without requests is closed after this; 0 = kept.
    Duration idle_timeout = std::chrono::minutes(5);
    // Requests beyond the server's concurrent streams wait here; more are refused with
    // kResourceExhausted.
    std::size_t max_queued = 10'000;
    std::size_t max_header_bytes = 256 * 1024;  // of one response
  };

  // Checks the options; no I/O. `loop` must outlive the client.
  static Result<std::unique_ptr<Http2Client>> Create(Loop& loop, Options options);
  // Fails what is open with kCancelled. Off the loop's thread it waits until every callback
  // has returned; on it, the callbacks follow later. Not from within on_headers or on_data.
  ~Http2Client();
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;

  // A buffered exchange. `done` is called exactly once, never in place.
  ClientCall Send(ClientRequest request, ResponseCallback done);
  // A streamed response.
  ClientCall Stream(ClientRequest request, StreamHandler handler);

  const std::string& origin() const;
  Loop& loop() const;

  struct Stats {
    std::uint64_t connects = 0;  // connections that became usable
    std::size_t open = 0;        // requests on the wire
    std::size_t queued = 0;      // requests that wait for a connection or a stream
    std::size_t streams = 0;     // requests that the server takes at a time; 0: not known yet
  };
  Stats stats() const;

  struct Impl;

 private:
  explicit Http2Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace swell::net
