#include "base/net/http_server.h"

#include <vector>

#include "base/core/check.h"
#include "base/net/server_session.h"

namespace swell::net {

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  explicit Impl(Loop& loop) : context(std::make_shared<ServerContext>(loop)) {}

  std::shared_ptr<ServerContext> context;
  std::shared_ptr<Listener> listener;
  TimerHandle timer;
  bool watching = false;  // whether the timer is set; the loop's thread alone

  void OnAccept(TransportPtr transport) {
    auto& all = context->connections;
    if (all.size() >= context->options.max_connections) return transport->Close();
    if (context->tls) transport = WrapServerTls(context->loop, std::move(transport), context->tls);
    auto connection = std::make_shared<ServerConnection>(context, std::move(transport));
    all.emplace(connection.get(), connection);
    context->connection_count = all.size();
    connection->Start();
    WatchTimes();
  }

  std::vector<std::shared_ptr<ServerConnection>> Connections() const {
    std::vector<std::shared_ptr<ServerConnection>> out;
    for (const auto& [key, connection] : context->connections) out.push_back(connection);
    return out;
  }

  // One timer a server, and none while nobody is connected.
  void WatchTimes() {
    if (watching || context->connections.empty()) return;
    watching = true;
    const auto& options = context->options;
    const auto tick = std::clamp<Duration>(std::min(options.io_timeout, options.idle_timeout) / 4,
                                           std::chrono::milliseconds(10), std::chrono::seconds(1));
    timer = context->loop.PostAfter(tick, [weak = weak_from_this()] {
      auto self = weak.lock();
      if (!self) return;
      self->watching = false;
      const auto now = Steady::now();
      for (const auto& connection : self->Connections()) connection->CheckTimes(now);
      self->WatchTimes();
    });
  }

  void Stop() {
    if (std::exchange(context->stopped, true)) return;
    timer.Cancel();
    listener->Close();
    for (const auto& connection : Connections()) connection->Close();
    // The handler may hold what its owner destroys next.
    context->handler = nullptr;
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::Start(Loop& loop, Options options,
                                                      Handler handler) {
  SWELL_CHECK(handler != nullptr);
  auto impl = std::make_shared<Impl>(loop);
  if (options.tls) impl->context->tls = TRY(MakeServerContext(*options.tls));
  const std::string address = options.address;
  const std::uint16_t port = options.port;
  impl->context->options = std::move(options);
  impl->context->handler = std::move(handler);
  impl->listener = TRY(
      Listener::Listen(loop, address, port, [weak = std::weak_ptr(impl)](TransportPtr transport) {
        if (auto self = weak.lock()) self->OnAccept(std::move(transport));
      }));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { Stop(); }

std::uint16_t HttpServer::port() const { return impl_->listener->port(); }

std::string HttpServer::url() const {
  std::string host = impl_->context->options.address;
  if (host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.contains(':')) host = "[" + host + "]";
  return (impl_->context->tls ? "https://" : "http://") + host + ":" + std::to_string(port());
}

std::size_t HttpServer::connections() const { return impl_->context->connection_count; }

void HttpServer::Stop() {
  impl_->context->loop.Run([impl = impl_] { impl->Stop(); });
}

void HttpServer::CloseConnections() {
  impl_->context->loop.Run([impl = impl_] {
    for (const auto& connection : impl->Connections()) connection->Close();
  });
}

void HttpServer::Drain() {
  impl_->context->loop.Run([impl = impl_] {
    for (const auto& connection : impl->Connections()) connection->Drain();
  });
}

}  // namespace swell::net
