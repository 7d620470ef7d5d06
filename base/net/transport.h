#pragma once
// Transport: an ordered byte stream over TCP, perhaps with TLS, pushed to its owner. For
// base/net's own sources; Asio and OpenSSL stay behind it. Everything here belongs to the
// loop's thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/net/loop.h"

namespace swell::net {

struct TransportEvents {
  // The stream is ready (after the TLS handshake). Before it nothing else is called but
  // on_close.
  std::move_only_function<void()> on_open;
  // Valid during the call alone.
  std::move_only_function<void(std::string_view data)> on_data;
  // The other side ended (success; it may still listen until the owner closes) or the stream
  // broke (why). No data follows; called once; never after the owner's own Close.
  std::move_only_function<void(Status why)> on_close;
  // Everything written has been handed to the kernel.
  std::move_only_function<void()> on_drain;
};

// No event is called from within a method. The owner may Close and drop the transport from
// within any event.
class Transport {
 public:
  virtual ~Transport() = default;

  // Sets the events and begins. Once.
  virtual void Start(TransportEvents events) = 0;
  // Queues; see pending().
  virtual void Write(std::string bytes) = 0;
  // Bytes written that the kernel has not taken yet.
  virtual std::size_t pending() const = 0;
  // When the kernel last took some.
  virtual std::chrono::steady_clock::time_point last_progress() const = 0;
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;
  // Ends at once; what is pending is lost. Idempotent.
  virtual void Close() = 0;
  // Ends after what is pending was sent (or the other side is gone); no events any more.
  virtual void CloseAfterFlush() = 0;

  virtual std::string peer() const = 0;                    // "127.0.0.1:40312"
  virtual std::string alpn() const { return {}; }          // the protocol agreed on, or ""
  virtual std::string peer_subject() const { return {}; }  // of a verified client certificate
};
using TransportPtr = std::shared_ptr<Transport>;

// Resolves and connects, trying every address in turn. `done` is called once, never in
// place, unless the returned function was called, which gives up. No time limit of its own.
std::move_only_function<void()> ConnectTcp(
    Loop& loop, const std::string& host, std::uint16_t port,
    std::move_only_function<void(Result<TransportPtr>)> done);

// A listening socket. Destroyed on the loop's thread.
class Listener {
 public:
  using OnAccept = std::move_only_function<void(TransportPtr)>;
  virtual ~Listener() = default;
  virtual std::uint16_t port() const = 0;
  virtual void Close() = 0;
  // Binds and listens at once; accepting begins on the loop.
  static Result<std::shared_ptr<Listener>> Listen(Loop& loop, const std::string& address,
                                                  std::uint16_t port, OnAccept on_accept);
};

}  // namespace swell::net
