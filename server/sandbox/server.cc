#include "server/sandbox/server.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>

#include "base/net/http_server.h"
#include "base/net/url.h"
#include "server/sandbox/faults.h"

namespace swell::sandbox {
namespace {

// What the network side shares with calls that may come late.
struct Host {
  net::Loop& loop;
  std::unique_ptr<Cluster> cluster;            // empties when the server goes; loop's thread alone
  std::set<net::ResponseWriterPtr> hanging{};  // answers that never come
};
using HostPtr = std::shared_ptr<Host>;

class HttpSink final : public WatchSink {
 public:
  explicit HttpSink(net::ResponseWriterPtr writer) : writer_(std::move(writer)) {}
  bool Write(std::string chunk) override { return writer_->Write(std::move(chunk)); }
  void End() override { writer_->End(); }
  void Abort() override { writer_->Abort(); }

 private:
  net::ResponseWriterPtr writer_;
};

Result<Request> Convert(net::HttpRequest http) {
  Request request;
  request.method = std::move(http.method);
  request.path = std::move(http.path);
  request.query = TRY(net::ParseQuery(http.query));
  for (const net::Header& header : http.headers) {
    request.headers.emplace_back(header.name, header.value);
  }
  request.body = std::move(http.body);
  return request;
}

net::Headers HeadersOf(const Response& response) {
  net::Headers headers;
  for (const auto& [name, value] : response.headers) headers.Add(name, value);
  headers.Add("audit-id", "swell-sandbox");
  return headers;
}

void Hang(const HostPtr& host, net::ResponseWriterPtr writer) {
  host->hanging.insert(writer);
  writer->OnClose([weak = std::weak_ptr(host), raw = writer.get()] {
    const HostPtr alive = weak.lock();
    if (alive == nullptr) return;
    std::erase_if(alive->hanging, [&](const auto& held) { return held.get() == raw; });
  });
}

void OpenWatch(const HostPtr& host, std::uint64_t id, const Response& response,
               net::ResponseWriterPtr writer) {
  writer->Begin(response.status, HeadersOf(response));
  // Posted: the client may go while the cluster is sending to it.
  writer->OnClose([weak = std::weak_ptr(host), id] {
    const HostPtr alive = weak.lock();
    if (alive == nullptr) return;
    alive->loop.Post([weak, id] {
      const HostPtr still = weak.lock();
      if (still != nullptr && still->cluster != nullptr) still->cluster->StopWatch(id);
    });
  });
  host->cluster->StartWatch(id, std::make_shared<HttpSink>(std::move(writer)));
}

std::optional<Duration> TakeSlowness(Response& response) {
  const auto mark = std::ranges::find(response.headers, kSlowHeader, [](const auto& header) {
    return std::string_view(header.first);
  });
  if (mark == response.headers.end()) return std::nullopt;
  const Duration pause(std::strtol(mark->second.c_str(), nullptr, 10));
  response.headers.erase(mark);
  return pause;
}

void DeliverSlowly(const HostPtr& host, Response response, Duration pause,
                   net::ResponseWriterPtr writer) {
  const std::size_t half = response.body.size() / 2;
  writer->Begin(response.status, HeadersOf(response));
  writer->Write(response.body.substr(0, half));
  host->loop.PostAfter(pause, [writer, rest = response.body.substr(half)] {
    writer->Write(rest);
    writer->End();
  });
}

void Deliver(const HostPtr& host, Response response, net::ResponseWriterPtr writer) {
  switch (response.delivery) {
    case Delivery::kAbort:
      writer->Abort();
      return;
    case Delivery::kHang:
      Hang(host, std::move(writer));
      return;
    case Delivery::kHalf:
      if (response.watch) host->cluster->StopWatch(response.watch->id);
      writer->Begin(response.status, HeadersOf(response));
      writer->Write(response.body.substr(0, response.body.size() / 2));
      // What was written leaves before the connection is cut.
      host->loop.PostAfter(std::chrono::milliseconds(50), [writer] { writer->Abort(); });
      return;
    case Delivery::kWhole:
      break;
  }
  if (response.watch) {
    OpenWatch(host, response.watch->id, response, std::move(writer));
    return;
  }
  if (const auto pause = TakeSlowness(response)) {
    DeliverSlowly(host, std::move(response), *pause, std::move(writer));
    return;
  }
  const net::Headers headers = HeadersOf(response);
  writer->Respond(response.status, headers, std::move(response.body));
}

void Serve(const HostPtr& host, net::HttpRequest http, net::ResponseWriterPtr writer) {
  auto request = Convert(std::move(http));
  if (!request) {
    writer->Respond(400, {{"content-type", "text/plain"}}, request.error().ToString() + "\n");
    return;
  }
  if (request->path == "/sandbox/faults" && request->method == "DELETE") host->hanging.clear();
  Response response = host->cluster->Handle(*request);
  if (response.delay.count() <= 0) {
    Deliver(host, std::move(response), std::move(writer));
    return;
  }
  const Duration delay = response.delay;
  host->loop.PostAfter(delay, [weak = std::weak_ptr(host), response = std::move(response),
                               writer = std::move(writer)]() mutable {
    const HostPtr alive = weak.lock();
    if (alive != nullptr && alive->cluster != nullptr) {
      Deliver(alive, std::move(response), std::move(writer));
    }
  });
}

}  // namespace

struct ClusterServer::Impl {
  net::Loop& loop;
  HostPtr host;
  std::unique_ptr<net::HttpServer> server;
};

ClusterServer::ClusterServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<ClusterServer>> ClusterServer::Start(net::Loop& loop, Scheduler& scheduler,
                                                            const Clock& clock, Interner& interner,
                                                            Options options) {
  auto impl = std::make_unique<Impl>(Impl{loop, std::make_shared<Host>(Host{loop, nullptr}), {}});
  const HostPtr host = impl->host;
  loop.Run([&] {
    host->cluster =
        std::make_unique<Cluster>(std::move(options.cluster), scheduler, clock, interner);
  });
  net::HttpServer::Options http;
  http.address = options.address;
  http.port = options.port;
  auto server = net::HttpServer::Start(
      loop, http, [host](net::HttpRequest request, net::ResponseWriterPtr writer) {
        if (host->cluster != nullptr) Serve(host, std::move(request), std::move(writer));
      });
  if (!server) {
    loop.Run([&] { host->cluster.reset(); });
    return Fail(std::move(server).error());
  }
  impl->server = std::move(*server);
  return std::unique_ptr<ClusterServer>(new ClusterServer(std::move(impl)));
}

ClusterServer::~ClusterServer() {
  impl_->server->Stop();
  impl_->loop.Run([&] {
    impl_->host->hanging.clear();
    impl_->host->cluster.reset();
  });
}

std::uint16_t ClusterServer::port() const { return impl_->server->port(); }
std::string ClusterServer::url() const { return impl_->server->url(); }

}  // namespace swell::sandbox
