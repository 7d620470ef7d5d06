#pragma once
// HttpServer: HTTP/1.1 and HTTP/2 (prior knowledge, or ALPN over TLS) on one port, for
// webhooks, metrics, the dashboard and the simulated clusters. Each server is a few
// kilobytes on a shared Loop: hundreds of ports need no more threads.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/net/http.h"
#include "base/net/loop.h"
#include "base/net/tls.h"

namespace swell::net {

// A whole request: the handler is called when the body is complete.
struct HttpRequest {
  std::string method;            // as sent: "GET"
  std::string target;            // as sent: "/a%20b?x=1"
  std::string path;              // percent-decoded: "/a b"; never empty, always begins with "/"
  std::string query;             // raw, without "?"; see ParseQuery in url.h
  Headers headers;               // h2 pseudo fields left out; ":authority" arrives as "host"
  std::string body;              // as sent: content-encoding is not undone
  std::string peer;              // "127.0.0.1:40312"
  int version = 1;               // 1 or 2
  std::string tls_peer_subject;  // the verified client certificate's subject, or ""
};

// Where a response goes. Thread-safe; every call returns at once. Either Respond alone, or
// Begin, Write…, End. A call out of that order is ignored. When the last reference goes
// before the response was ended, the server ends it: with 500 if nothing was sent yet, else
// by cutting the stream, so that a client never waits for nothing. Writers may be kept
// longer than the server and its loop live.
class ResponseWriter {
 public:
  virtual ~ResponseWriter() = default;

  // A whole response. content-length is set by the server.
  virtual void Respond(int status, Headers headers, std::string body) = 0;
  // A response in pieces: chunked in HTTP/1.1, DATA frames in HTTP/2. Each Write is sent
  // as soon as the connection takes it.
  virtual void Begin(int status, Headers headers) = 0;
  // False when the client is gone (also noticed by IsClosed), or is so slow that more than
  // max_pending_bytes wait: then the response is cut and everything further is ignored.
  virtual bool Write(std::string chunk) = 0;
  virtual void End() = 0;
  // Cuts the response where it is (resets the stream, or closes an HTTP/1.1 connection):
  // what a crashing server looks like.
  virtual void Abort() = 0;

  // The client went away or the server stopped: nothing sent from now on arrives.
  virtual bool IsClosed() const = 0;
  // Called once, on the loop's thread, when the client goes away before the response
  // ended (or at once if it has gone already). Not called after a complete response.
  virtual void OnClose(std::move_only_function<void()> fn) = 0;
};

using ResponseWriterPtr = std::shared_ptr<ResponseWriter>;

class HttpServer {
 public:
  // Called on the loop's thread: must not block; hand longer work to an Executor and keep
  // the writer.
  using Handler = std::function<void(HttpRequest, ResponseWriterPtr)>;

  struct Options {
    std::string address = "127.0.0.1";  // an IP address; "0.0.0.0" or "::" for all
    std::uint16_t port = 0;             // 0: any free port, see port()
    std::optional<TlsServerConfig> tls;
    std::size_t max_connections = 1024;                // further ones are closed at once
    std::size_t max_header_bytes = 64 * 1024;          // more: 431
    std::size_t max_body_bytes = 16 * 1024 * 1024;     // more: 413
    std::size_t max_pending_bytes = 16 * 1024 * 1024;  // unsent Write()s a response may pile up
    std::uint32_t max_concurrent_streams = 256;        // HTTP/2, a connection
    // A connection without a request in progress is closed after this.
    Duration idle_timeout = std::chrono::seconds(120);
    // A request must be complete (headers and body) within this after its first byte, and
    // a client's connection must take some bytes of a waiting response within this (a single
    // HTTP/2 stream may be paused for longer, bounded by max_pending_bytes).
    Duration io_timeout = std::chrono::seconds(30);
  };

  // Binds and listens before it returns: kInvalidArgument for a bad address or bad TLS
  // material, kUnavailable when the port cannot be bound. `loop` must outlive the server.
  static Result<std::unique_ptr<HttpServer>> Start(Loop& loop, Options options, Handler handler);
  // As Stop.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  // "http://127.0.0.1:40001"; "https://…" with TLS. Wildcard addresses show as loopback.
  std::string url() const;
  // Open connections now.
  std::size_t connections() const;

  // Closes the listener and every connection; after it returns the handler is neither
  // running nor called again. Idempotent. May be called on the loop's thread, but not from
  // within the handler.
  void Stop();
  // Closes every open connection, but keeps listening: for tests of reconnection.
  void CloseConnections();
  // Asks HTTP/2 clients to finish what they have and to reconnect (GOAWAY).
  void Drain();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace swell::net
