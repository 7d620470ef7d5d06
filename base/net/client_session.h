#pragma once
// ClientSession: one HTTP/2 connection of an Http2Client. For base/net's own sources; of the
// loop's thread alone.

#include <memory>
#include <unordered_map>

#include "base/net/client_exchange.h"
#include "base/net/nghttp2_util.h"
#include "base/net/transport.h"

namespace swell::net {

class ClientSession : public std::enable_shared_from_this<ClientSession> {
 public:
  ClientSession(Loop& loop, const Http2Client::Options& options, std::string authority,
                bool over_tls, TransportPtr transport, SessionOwner& owner);
  ~ClientSession();

  void Start();
  // No owner is called any more; exchanges still open are the owner's to finish.
  void Close();

  bool ready() const { return have_settings_ && !draining_ && !ended_; }
  // Requests that may be submitted now.
  std::size_t FreeStreams() const;
  std::size_t open() const { return exchanges_.size(); }
  bool used() const { return used_; }

  void Submit(const ExchangePtr& exchange);
  // Takes the exchange off the wire.
  void Drop(const ExchangePtr& exchange);
  // Hands over every exchange that is on the wire, for an owner that is closing.
  std::vector<ExchangePtr> TakeAll();
  // Opens the window again after a pause.
  void Resume(const ExchangePtr& exchange);

 private:
  struct Callbacks;
  friend struct Callbacks;

  void InitSession();
  void OnOpen();
  void OnData(std::string_view data);
  void Flush();
  void ScheduleFlush();
  void CheckAlive();
  void End(Error why);
  void FinishExchange(const ExchangePtr& exchange, Status status);

  // From nghttp2's callbacks.
  void OnHeader(ClientExchange& exchange, std::string_view name, std::string_view value);
  void OnHeadComplete(const ExchangePtr& exchange);
  void OnBody(const ExchangePtr& exchange, std::string_view data);
  void OnStreamClosed(std::int32_t id, std::uint32_t error);
  Status Deliver(ClientExchange& exchange, std::string_view data);
  ExchangePtr Find(std::int32_t id) const;

  Loop& loop_;
  const Http2Client::Options& options_;
  const std::string authority_;
  const bool over_tls_;
  TransportPtr transport_;
  SessionOwner* owner_;  // nullptr after Close
  Nghttp2Session session_;
  std::unordered_map<std::int32_t, ExchangePtr> exchanges_;
  std::chrono::steady_clock::time_point last_received_{};
  std::chrono::steady_clock::time_point ping_sent_{};
  TimerHandle alive_timer_;
  bool have_settings_ = false;
  bool draining_ = false;
  bool ended_ = false;
  bool used_ = false;
  bool in_nghttp2_ = false;
  bool flush_posted_ = false;
};

}  // namespace swell::net
