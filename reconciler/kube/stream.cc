// A body that is handed on as it arrives.

#include "base/value/json.h"
#include "reconciler/kube/client_impl.h"

namespace swell::kube {
namespace {

// What is kept of an error's body.
constexpr std::size_t kMaxErrorBody = 64 * 1024;

}  // namespace

// Of the loop's thread but for Cancel, Pause and Resume.
struct StreamCall final : Call::State, std::enable_shared_from_this<StreamCall> {
  StreamCall(const std::shared_ptr<Client::Impl>& c, Request r, StreamHandler h)
      : client(c), loop(c->loop_ref), request(std::move(r)), handler(std::move(h)) {}

  void Cancel() override {
    loop.Post([self = shared_from_this()] { self->End(CancelledError()); });
  }
  void Pause() override {
    loop.Post([self = shared_from_this()] {
      self->paused = true;
      self->http_call.Pause();
    });
  }
  void Resume() override {
    loop.Post([self = shared_from_this()] {
      self->paused = false;
      self->http_call.Resume();
    });
  }

  void Connect() {
    const auto c = client.lock();
    if (!c || ended) return;
    c->credentials->Get([self = shared_from_this(), c](Result<CredentialPtr> credential) {
      if (self->ended) return;
      if (!credential) return self->End(ApiError{.error = std::move(credential.error())});
      auto connection = c->HttpForWatch(*credential);
      if (!connection) return self->End(ApiError{.error = std::move(connection.error())});
      self->credential = *credential;
      self->Open(c, *connection);
    });
  }

  void Open(const std::shared_ptr<Client::Impl>& c, const WatchConnectionPtr& connection) {
    net::ClientRequest wire = c->MakeRequest(request, credential);
    wire.timeout = request.timeout;
    status = 0;
    error_body.clear();
    ++c->requests;
    ++connection->watches;
    const auto self = shared_from_this();
    http_call = connection->http->Stream(
        std::move(wire), {.on_headers =
                              [self](int code, const net::Headers& h) {
                                self->status = code;
                                self->headers = h;
                              },
                          .on_data = [self](std::string_view data) { self->OnData(data); },
                          .on_end =
                              [self, connection](Status why) {
                                --connection->watches;
                                self->OnStreamEnd(std::move(why));
                              }});
    if (paused) http_call.Pause();
  }

  void OnData(std::string_view data) {
    if (ended) return;
    if (status == 200) return handler.on_data(data);
    error_body.append(data.substr(0, kMaxErrorBody - std::min(kMaxErrorBody, error_body.size())));
  }

  void OnStreamEnd(Status why) {
    const auto c = client.lock();
    if (!c || ended) return;
    if (!why) return End(ApiError{.error = Error(why.error().code(), why.error().message())});
    if (status == 200) return End(std::nullopt);
    if (status == 401 && !std::exchange(refreshed, true) && c->credentials->Reject(credential)) {
      return Connect();
    }
    const net::ClientResponse answer{.status = status, .headers = headers, .body = error_body};
    End(ErrorOfAnswer(answer, request.sensitive ? Content::kSecret : Content::kPlain));
  }

  void End(std::optional<ApiError> error) {
    if (std::exchange(ended, true)) return;
    http_call.Cancel();
    if (const auto c = client.lock()) {
      if (error) error = c->Describe(std::move(*error), request);
      c->streams.erase(shared_from_this());
    }
    // The handler may be what is running: it is let go on a later turn.
    loop.Post([self = shared_from_this(), error = std::move(error)]() mutable {
      auto on_end = std::move(self->handler.on_end);
      on_end(std::move(error));
      self->handler = {};
    });
  }

  const std::weak_ptr<Client::Impl> client;
  const net::Loop::Ref loop;
  Request request;
  StreamHandler handler;
  CredentialPtr credential;
  net::ClientCall http_call;
  int status = 0;
  net::Headers headers;
  std::string error_body;
  bool refreshed = false;
  bool paused = false;
  bool ended = false;
};

Call StartStream(const std::shared_ptr<Client::Impl>& client, Request request,
                 StreamHandler handler) {
  if (request.timeout.count() <= 0) request.timeout = client->options.default_timeout;
  auto stream = std::make_shared<StreamCall>(client, std::move(request), std::move(handler));
  client->loop_ref.Post([client, stream] {
    client->streams.insert(stream);
    if (client->closed) return stream->End(ClosedError());
    stream->Connect();
  });
  return Call(stream);
}

void CloseStream(const StreamCallPtr& stream) { stream->End(ClosedError()); }

}  // namespace swell::kube
