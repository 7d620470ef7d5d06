#include "base/net/http2_client.h"

#include <algorithm>
#include <deque>
#include <unordered_set>

#include "base/core/strings.h"
#include "base/net/client_session.h"
#include "base/net/proxy_tunnel.h"
#include "base/net/tls_transport.h"
#include "base/net/url.h"

namespace swell::net {
namespace {

using Steady = std::chrono::steady_clock;
using SessionPtr = std::shared_ptr<ClientSession>;

// Times that a request is given to the server anew after it said it had not processed it.
constexpr int kMaxRefusals = 3;

Status CheckRequest(const ClientRequest& request) {
  const auto visible = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
  if (request.method.empty() || !std::ranges::all_of(request.method, visible)) {
    return Fail(InvalidArgument("HTTP request: bad method " + Quote(request.method)));
  }
  if (!request.target.starts_with('/') || !std::ranges::all_of(request.target, visible)) {
    return Fail(InvalidArgument("HTTP request: the target must begin with '/' and be escaped"));
  }
  for (const Header& field : request.headers) {
    const bool good_name = !field.name.empty() && std::ranges::all_of(field.name, visible) &&
                           !field.name.contains(':');
    if (!good_name ||
        field.value.find_first_of(std::string_view("\r\n\0", 3)) != field.value.npos) {
      return Fail(InvalidArgument("HTTP request: bad header field " + Quote(field.name)));
    }
  }
  if (request.timeout.count() <= 0) {
    return Fail(InvalidArgument("HTTP request: the timeout must be positive"));
  }
  return {};
}

}  // namespace

struct Http2Client::Impl final : SessionOwner, std::enable_shared_from_this<Http2Client::Impl> {
  Impl(Loop& l, Options o, Url u) : loop(l), options(std::move(o)), url(std::move(u)) {}

  Loop& loop;
  const Options options;
  const Url url;
  TlsContextPtr tls;        // nullptr for http
  TlsContextPtr proxy_tls;  // nullptr but for https proxies

  // Of the loop's thread alone.
  std::deque<ExchangePtr> queue;
  SessionPtr current;                       // connecting, or in use
  std::unordered_set<SessionPtr> draining;  // finish what they have
  std::move_only_function<void()> give_up_connecting;
  TimerHandle connect_timer;
  TimerHandle idle_timer;
  bool connecting = false;
  bool closed = false;

  std::atomic<std::uint64_t> connects = 0;
  std::atomic<std::size_t> queued = 0;
  std::atomic<std::size_t> total = 0;  // queued or on the wire
  std::atomic<std::size_t> streams = 0;

  std::string Where() const { return url.Origin(); }

  void Enqueue(ExchangePtr exchange) {
    ++total;
    if (closed) return Finish(exchange, Fail(Error(ErrorCode::kCancelled, "the client is closed")));
    if (auto status = CheckRequest(exchange->request); !status) return Finish(exchange, status);
    if (queue.size() >= options.max_queued) {
      return Finish(exchange,
                    Fail(ResourceExhausted("more than " + std::to_string(options.max_queued) +
                                           " requests wait (max_queued)")));
    }
    idle_timer.Cancel();
    exchange->timer =
        loop.PostAfter(exchange->request.timeout, [this, weak = weak_from_this(), exchange] {
          if (const auto self = weak.lock()) OnTimeout(exchange);
        });
    queue.push_back(std::move(exchange));
    Pump();
  }

  // Hands out what can be handed out; connects where that is needed.
  void Pump() {
    if (current && current->ready()) {
      std::size_t free = current->FreeStreams();
      streams = free + current->open();
      while (free > 0 && !queue.empty()) {
        const ExchangePtr exchange = std::move(queue.front());
        queue.pop_front();
        current->Submit(exchange);
        --free;
      }
    } else if (!queue.empty() && !connecting && !closed) {
      Connect();
    }
    queued = queue.size();
  }

  void Connect() {
    connecting = true;
    const auto weak = weak_from_this();
    connect_timer = loop.PostAfter(options.connect_timeout, [this, weak] {
      if (const auto self = weak.lock()) {
        ConnectFailed(
            Unavailable("no connection within " + FormatDuration(options.connect_timeout)));
      }
    });
    auto done = [this, weak](Result<TransportPtr> transport) {
      const auto self = weak.lock();
      if (!self) return transport ? (*transport)->Close() : void();
      if (!transport) return ConnectFailed(std::move(transport.error()));
      OnConnected(std::move(*transport));
    };
    if (options.proxy) {
      give_up_connecting = ConnectThrough(loop, *options.proxy, proxy_tls, url.host,
                                          url.EffectivePort(), std::move(done));
    } else {
      give_up_connecting = ConnectTcp(loop, url.host, url.EffectivePort(), std::move(done));
    }
  }

  void OnConnected(TransportPtr transport) {
    give_up_connecting = nullptr;
    if (tls) {
      const std::string& host =
          options.tls.server_name.empty() ? url.host : options.tls.server_name;
      transport = WrapClientTls(loop, std::move(transport), tls, host);
    }
    current = std::make_shared<ClientSession>(loop, options, url.Authority(), tls != nullptr,
                                              std::move(transport), *this);
    current->Start();
  }

  void StopConnecting() {
    connecting = false;
    connect_timer.Cancel();
    if (auto give_up = std::exchange(give_up_connecting, nullptr)) give_up();
  }

  void ConnectFailed(Error why) {
    StopConnecting();
    if (auto session = std::exchange(current, nullptr)) Retire(session);
    const bool no_h2 = why.message().contains("no application protocol");
    const Error error = no_h2 ? Unimplemented("the server does not speak HTTP/2 (ALPN)") : why;
    for (const ExchangePtr& exchange : std::exchange(queue, {})) Finish(exchange, Fail(error));
    queued = 0;
  }

  // The session may be what is calling: it goes on a later turn.
  void Retire(SessionPtr session) {
    session->Close();
    loop.Post([session = std::move(session)] {});
  }

  // SessionOwner.
  void OnReady(ClientSession&) override {
    StopConnecting();
    ++connects;
    Pump();
    StartIdleTimer();
  }

  void OnFinished(ExchangePtr exchange, Status status) override {
    Finish(exchange, std::move(status));
    PostPump();
  }

  // Goes on when nghttp2 is not in the middle of something.
  void PostPump() {
    loop.Post([this, weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || closed) return;
      Pump();
      std::erase_if(draining, [](const SessionPtr& session) {
        if (session->open() > 0) return false;
        session->Close();
        return true;
      });
      StartIdleTimer();
    });
  }

  void OnRefused(ExchangePtr exchange) override {
    if (exchange->finished) return;
    if (++exchange->refusals > kMaxRefusals) {
      return Finish(exchange, Fail(Unavailable("the server refused the request " +
                                               std::to_string(exchange->refusals) + " times")));
    }
    exchange->response = {};
    exchange->header_bytes = 0;
    queue.push_front(std::move(exchange));
    PostPump();
  }

  void OnHead(const ExchangePtr& exchange) override {
    if (!exchange->streamed) return;
    exchange->timer.Cancel();
    exchange->last_data = Steady::now();
    WatchIdle(exchange);
    exchange->handler.on_headers(exchange->response.status, exchange->response.headers);
  }

  void OnDraining(ClientSession& session) override {
    if (current.get() != &session) return;
    // A server that drains every fresh connection must not make us reconnect for ever.
    if (!session.used() && connecting) {
      return ConnectFailed(Unavailable("the server is shutting down (GOAWAY)"));
    }
    if (connecting) StopConnecting();
    auto old = std::exchange(current, nullptr);
    if (old->open() > 0) {
      draining.insert(std::move(old));
    } else {
      Retire(std::move(old));
    }
    Pump();
  }

  void OnEnded(ClientSession& session, Error why) override {
    std::erase_if(draining, [&](const SessionPtr& other) { return other.get() == &session; });
    if (current.get() != &session) return;
    if (connecting) return ConnectFailed(std::move(why));
    current.reset();
    Pump();
  }

  void OnTimeout(const ExchangePtr& exchange) {
    std::string state = "no response";
    if (exchange->have_head) {
      state = "the body is not complete (" + std::to_string(exchange->received_bytes) +
              " bytes so far)";
    } else if (exchange->session.expired()) {
      state = connecting ? "still connecting" : "still waiting for a free stream";
    }
    Stop(exchange, Error(ErrorCode::kDeadlineExceeded,
                         state + " within " + FormatDuration(exchange->request.timeout)));
  }

  // The silence between two pieces of a streamed body.
  void WatchIdle(const ExchangePtr& exchange) {
    const Duration limit = exchange->request.idle_timeout;
    if (limit.count() <= 0 || exchange->finished) return;
    const auto silent = std::chrono::floor<Duration>(Steady::now() - exchange->last_data);
    if (silent >= limit && !exchange->paused) {
      return Stop(exchange, Error(ErrorCode::kDeadlineExceeded,
                                  "nothing received for " + FormatDuration(limit)));
    }
    const auto next = silent >= limit ? limit : limit - silent;
    exchange->timer = loop.PostAfter(next, [this, weak = weak_from_this(), exchange] {
      if (const auto self = weak.lock()) WatchIdle(exchange);
    });
  }

  void Stop(const ExchangePtr& exchange, Error why) {
    if (exchange->finished) return;
    if (auto session = exchange->session.lock()) {
      session->Drop(exchange);
    } else {
      std::erase(queue, exchange);
      queued = queue.size();
    }
    OnFinished(exchange, Fail(std::move(why)));
  }

  // Tells the caller, on a later turn: it may do anything then, also destroy the client.
  void Finish(const ExchangePtr& exchange, Status status) {
    if (std::exchange(exchange->finished, true)) return;
    --total;
    exchange->timer.Cancel();
    if (!status) {
      status.error().Wrap(exchange->Name() + " at " + Where());
    }
    loop.Post([exchange, status = std::move(status)]() mutable {
      if (exchange->streamed) {
        auto on_end = std::move(exchange->handler.on_end);
        on_end(std::move(status));
        exchange->handler = {};
      } else {
        auto done = std::move(exchange->done);
        if (status) {
          done(std::move(exchange->response));
        } else {
          done(Fail(std::move(status.error())));
        }
      }
    });
  }

  void StartIdleTimer() {
    if (!current || current->open() > 0 || !queue.empty() || options.idle_timeout.count() <= 0)
      return;
    idle_timer.Cancel();
    idle_timer = loop.PostAfter(options.idle_timeout, [this, weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || !current || current->open() > 0) return;
      Retire(std::exchange(current, nullptr));
    });
  }

  void Close() {
    if (std::exchange(closed, true)) return;
    StopConnecting();
    idle_timer.Cancel();
    const Error error(ErrorCode::kCancelled, "the client is closed");
    for (const ExchangePtr& exchange : std::exchange(queue, {})) Finish(exchange, Fail(error));
    std::unordered_set<SessionPtr> sessions = std::exchange(draining, {});
    if (current) sessions.insert(std::exchange(current, nullptr));
    for (const SessionPtr& session : sessions) {
      for (const ExchangePtr& exchange : session->TakeAll()) Finish(exchange, Fail(error));
      Retire(session);
    }
    queued = 0;
  }
};

struct ClientCall::State {
  std::weak_ptr<Http2Client::Impl> client;
  Loop* loop;
  ExchangePtr exchange;
};

namespace {

// Runs `fn(client, exchange)` on the loop while the client lives.
template <class State, class Fn>
void OnLoop(const std::shared_ptr<State>& state, Fn fn) {
  const auto client = state->client.lock();
  if (!client) return;
  state->loop->Post([state, fn] {
    if (const auto self = state->client.lock()) fn(*self, state->exchange);
  });
}

}  // namespace

void ClientCall::Cancel() {
  if (!state_) return;
  OnLoop(state_, [](auto& client, const ExchangePtr& exchange) {
    client.Stop(exchange, Error(ErrorCode::kCancelled, "cancelled"));
  });
}

void ClientCall::Pause() {
  if (state_) state_->exchange->paused = true;
}

void ClientCall::Resume() {
  if (!state_) return;
  OnLoop(state_, [](auto&, const ExchangePtr& exchange) {
    exchange->paused = false;
    exchange->last_data = Steady::now();
    if (auto session = exchange->session.lock()) session->Resume(exchange);
  });
}

Result<std::unique_ptr<Http2Client>> Http2Client::Create(Loop& loop, Options options) {
  Url url = TRY_WRAP(Url::Parse(options.origin), "HTTP/2 client");
  if (url.scheme != "https" && url.scheme != "http") {
    return Fail(InvalidArgument("HTTP/2 client: scheme " + Quote(url.scheme) +
                                " is neither https nor http"));
  }
  if ((!url.path.empty() && url.path != "/") || !url.query.empty() || !url.fragment.empty()) {
    return Fail(InvalidArgument("HTTP/2 client: an origin has no path, query or fragment"));
  }
  TlsContextPtr tls;
  if (url.scheme == "https") tls = TRY(MakeClientContext(options.tls));
  TlsContextPtr proxy_tls;
  if (options.proxy && options.proxy->url.scheme == "https") {
    proxy_tls = TRY_WRAP(MakeClientContext(options.proxy_tls, ClientProtocol::kHttp11),
                         "proxy " + options.proxy->ToString());
  }
  if (url.host.size() > 255) {
    return Fail(InvalidArgument("HTTP/2 client: a host name is at most 255 bytes long"));
  }
  auto impl = std::make_shared<Impl>(loop, std::move(options), std::move(url));
  impl->tls = std::move(tls);
  impl->proxy_tls = std::move(proxy_tls);
  return std::unique_ptr<Http2Client>(new Http2Client(std::move(impl)));
}

Http2Client::~Http2Client() {
  impl_->loop.Run([impl = impl_] { impl->Close(); });
  // Callbacks were posted before this: when it has run, they have returned.
  if (!impl_->loop.InLoopThread()) impl_->loop.Run([] {});
}

ClientCall Http2Client::Send(ClientRequest request, ResponseCallback done) {
  auto exchange = std::make_shared<ClientExchange>();
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  impl_->loop.Post([impl = impl_, exchange] { impl->Enqueue(exchange); });
  return ClientCall(std::make_shared<ClientCall::State>(impl_, &impl_->loop, exchange));
}

ClientCall Http2Client::Stream(ClientRequest request, StreamHandler handler) {
  auto exchange = std::make_shared<ClientExchange>();
  exchange->request = std::move(request);
  exchange->streamed = true;
  exchange->handler = std::move(handler);
  impl_->loop.Post([impl = impl_, exchange] { impl->Enqueue(exchange); });
  return ClientCall(std::make_shared<ClientCall::State>(impl_, &impl_->loop, exchange));
}

const std::string& Http2Client::origin() const { return impl_->options.origin; }
Loop& Http2Client::loop() const { return impl_->loop; }

Http2Client::Stats Http2Client::stats() const {
  Stats stats;
  stats.connects = impl_->connects;
  stats.queued = impl_->queued;
  stats.streams = impl_->streams;
  const std::size_t total = impl_->total;
  stats.open = total > stats.queued ? total - stats.queued : 0;
  return stats;
}

}  // namespace swell::net
