#pragma once
// One request of an Http2Client, from the call to its end. For base/net's own sources.

#include <atomic>
#include <memory>
#include <optional>

#include "base/net/gzip.h"
#include "base/net/http2_client.h"

namespace swell::net {

class ClientSession;

// Of the loop's thread but for `paused`.
struct ClientExchange {
  ClientRequest request;
  bool streamed = false;
  ResponseCallback done;  // of a buffered one
  StreamHandler handler;  // of a streamed one

  std::weak_ptr<ClientSession> session;  // while it is on the wire
  std::int32_t stream_id = 0;
  std::size_t uploaded = 0;
  int refusals = 0;  // times the server said it had not processed it
  std::atomic<bool> paused = false;
  std::size_t unconsumed = 0;  // received while paused

  ClientResponse response;
  std::size_t header_bytes = 0;
  std::size_t received_bytes = 0;  // of the body, as sent
  bool have_head = false;
  std::unique_ptr<GzipDecoder> gzip;

  std::chrono::steady_clock::time_point last_data{};
  TimerHandle timer;
  bool finished = false;

  // "GET /version", without the query, for messages.
  std::string Name() const {
    return request.method + " " + request.target.substr(0, request.target.find('?'));
  }
};
using ExchangePtr = std::shared_ptr<ClientExchange>;

// What a session says to its client. Never called from within a session's method.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  // The server's settings have arrived: requests may be submitted.
  virtual void OnReady(ClientSession& session) = 0;
  // The exchange is over; its response is complete if `status` is a success.
  virtual void OnFinished(ExchangePtr exchange, Status status) = 0;
  // The server did not process it: to be submitted elsewhere.
  virtual void OnRefused(ExchangePtr exchange) = 0;
  virtual void OnHead(const ExchangePtr& exchange) = 0;
  // The server takes no further requests on this session.
  virtual void OnDraining(ClientSession& session) = 0;
  // The connection is gone. Every exchange has got its OnFinished before.
  virtual void OnEnded(ClientSession& session, Error why) = 0;
};

}  // namespace swell::net
