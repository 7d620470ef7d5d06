#pragma once
// What http_server.cc, the connections and the two protocols share. Everything here belongs
// to the loop's thread. For base/net's own sources.

#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>

#include "base/net/http_server.h"
#include "base/net/response_writer.h"
#include "base/net/tls_transport.h"
#include "base/net/transport.h"

namespace swell::net {

using Steady = std::chrono::steady_clock;

struct ServerContext;
class ServerConnection;

// One connection's protocol. The connection owns it and outlives every call.
class ServerSession {
 public:
  virtual ~ServerSession() = default;
  virtual void OnData(std::string_view data) = 0;
  // The kernel took everything that was written.
  virtual void OnDrain() = 0;
  // The client will send no more.
  virtual void OnEof() = 0;
  // The connection is gone: tells every writer.
  virtual void OnGone() = 0;
  // Finish what is there, then close.
  virtual void Drain() = 0;
  // Whether a request is being received or answered.
  virtual bool busy() const = 0;
  // When the oldest request that is not complete yet began.
  virtual std::optional<Steady::time_point> receiving_since() const = 0;
};

std::unique_ptr<ServerSession> NewHttp1Session(ServerConnection& connection);
std::unique_ptr<ServerSession> NewHttp2Session(ServerConnection& connection);

class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(std::shared_ptr<ServerContext> context, TransportPtr transport);
  ~ServerConnection();

  void Start();
  // For the sessions.
  Transport& transport() { return *transport_; }
  ServerContext& context() { return *context_; }
  void Handle(HttpRequest request, std::shared_ptr<ResponseSink> sink, ResponseStatePtr state);
  // Both end in OnGone, once. CloseAfterFlush lets written bytes go out first.
  void Close();
  void CloseAfterFlush();
  void Drain();
  // Closes a connection that is overdue in any way.
  void CheckTimes(Steady::time_point now);

 private:
  void OnOpen();
  void OnData(std::string_view data);
  void OnEof(Status why);
  void Detect();
  void Gone();

  std::shared_ptr<ServerContext> context_;
  TransportPtr transport_;
  std::unique_ptr<ServerSession> session_;
  std::string first_bytes_;  // until the protocol is known
  Steady::time_point last_active_ = Steady::now();
  bool open_ = false;
  bool gone_ = false;
};

// Of one HttpServer.
struct ServerContext {
  explicit ServerContext(Loop& l) : loop(l) {}
  Loop& loop;
  HttpServer::Options options;
  HttpServer::Handler handler;
  TlsContextPtr tls;
  std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> connections;
  std::atomic<std::size_t> connection_count = 0;
  bool stopped = false;
};

// Splits a request's target into path and query, undoing escapes in the path. False if it is
// malformed.
bool SetTarget(HttpRequest& request, std::string_view target);

// Unsent bytes up to which a session hands more to the transport.
inline constexpr std::size_t kSendAhead = 256 * 1024;

}  // namespace swell::net
