#include "base/net/server_session.h"
#include "base/net/url.h"

namespace swell::net {
namespace {

constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerContext> context, TransportPtr transport)
    : context_(std::move(context)), transport_(std::move(transport)) {}

ServerConnection::~ServerConnection() = default;

void ServerConnection::Start() {
  auto weak = weak_from_this();
  transport_->Start({
      .on_open =
          [weak] {
            if (auto self = weak.lock()) self->OnOpen();
          },
      .on_data =
          [weak](std::string_view data) {
            if (auto self = weak.lock()) self->OnData(data);
          },
      .on_close =
          [weak](Status why) {
            if (auto self = weak.lock()) self->OnEof(std::move(why));
          },
      .on_drain =
          [weak] {
            auto self = weak.lock();
            if (self && self->session_) self->session_->OnDrain();
          },
  });
}

void ServerConnection::OnOpen() {
  open_ = true;
  last_active_ = Steady::now();
  if (transport_->alpn() == "h2") session_ = NewHttp2Session(*this);
}

void ServerConnection::OnData(std::string_view data) {
  last_active_ = Steady::now();
  if (session_) return session_->OnData(data);
  first_bytes_ += data;
  Detect();
}

void ServerConnection::Detect() {
  const std::string_view seen = first_bytes_;
  if (seen.size() < kHttp2Preface.size() && kHttp2Preface.starts_with(seen)) return;
  session_ = seen.starts_with(kHttp2Preface) ? NewHttp2Session(*this) : NewHttp1Session(*this);
  const std::string bytes = std::move(first_bytes_);
  session_->OnData(bytes);
}

void ServerConnection::OnEof(Status why) {
  if (!why || !session_ || !session_->busy()) return Close();
  session_->OnEof();
}

void ServerConnection::Handle(HttpRequest request, std::shared_ptr<ResponseSink> sink,
                              ResponseStatePtr state) {
  request.peer = transport_->peer();
  request.tls_peer_subject = transport_->peer_subject();
  auto writer = MakeWriter(context_->loop, std::move(sink), std::move(state),
                           context_->options.max_pending_bytes);
  context_->handler(std::move(request), std::move(writer));
}

void ServerConnection::Close() {
  if (gone_) return;
  transport_->Close();
  Gone();
}

void ServerConnection::CloseAfterFlush() {
  if (gone_) return;
  transport_->CloseAfterFlush();
  Gone();
}

void ServerConnection::Gone() {
  gone_ = true;
  if (session_) session_->OnGone();
  // Perhaps called from within the session: destroyed on a later turn.
  context_->loop.Post([self = shared_from_this()] {});
  context_->connections.erase(this);
  context_->connection_count = context_->connections.size();
}

void ServerConnection::Drain() {
  if (gone_) return;
  if (session_) {
    session_->Drain();
  } else {
    Close();
  }
}

void ServerConnection::CheckTimes(Steady::time_point now) {
  const auto& options = context_->options;
  const bool stalled =
      transport_->pending() > 0 && now - transport_->last_progress() > options.io_timeout;
  if (!open_ || !session_) {
    if (now - last_active_ > options.io_timeout) Close();
    return;
  }
  const auto receiving = session_->receiving_since();
  if (stalled || (receiving && now - *receiving > options.io_timeout)) return Close();
  if (session_->busy()) {
    last_active_ = now;
  } else if (now - last_active_ > options.idle_timeout) {
    CloseAfterFlush();
  }
}

bool SetTarget(HttpRequest& request, std::string_view target) {
  request.target = target;
  // An absolute form ("GET http://host/path") is allowed towards any server.
  if (const auto scheme = target.find("://"); !target.starts_with('/') && scheme != target.npos) {
    const auto path = target.find_first_of("/?", scheme + 3);
    target = path == target.npos ? std::string_view("/") : target.substr(path);
  }
  if (const auto hash = target.find('#'); hash != target.npos) target = target.substr(0, hash);
  const auto mark = target.find('?');
  if (mark != target.npos) request.query = target.substr(mark + 1);
  auto path = Unescape(target.substr(0, mark));
  if (!path || path->contains('\0')) return false;
  request.path = std::move(*path);
  if (!request.path.starts_with('/')) request.path.insert(0, 1, '/');
  return true;
}

}  // namespace swell::net
