#include "base/net/client_session.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/core/strings.h"
#include "base/net/shared_moment.h"

namespace swell::net {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint32_t kStreamWindow = 256 * 1024;
constexpr std::int32_t kConnectionWindow = 16 * 1024 * 1024;
constexpr std::size_t kSendAhead = 256 * 1024;
constexpr std::size_t kMinToken = 32;
constexpr std::uint32_t kMaxStreams = 100'000;  // whatever a server allows

Error NoHttp2() {
  return Unimplemented("the server does not speak HTTP/2 (its first bytes are no HTTP/2)");
}

Error Aborted(std::string message) { return Error(ErrorCode::kAborted, std::move(message)); }

}  // namespace

struct ClientSession::Callbacks {
  static ClientSession& Self(void* user) { return *static_cast<ClientSession*>(user); }

  static int Header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user) {
    auto& self = Self(user);
    const auto exchange = self.Find(frame->hd.stream_id);
    if (!exchange || exchange->have_head) return 0;  // unknown, or trailers
    self.OnHeader(*exchange, View(name, name_size), View(value, value_size));
    return 0;
  }

  static int Frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = Self(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (const auto exchange = self.Find(frame->hd.stream_id)) self.OnHeadComplete(exchange);
        break;
      case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) self.have_settings_ = true;
        break;
      case NGHTTP2_GOAWAY:
        self.draining_ = true;
        break;
      default:
        break;
    }
    return 0;
  }

  static int Data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                  std::size_t size, void* user) {
    auto& self = Self(user);
    // A paused stream must not use up the connection's window: others go on.
    nghttp2_session_consume_connection(self.session_.get(), size);
    const auto exchange = self.Find(id);
    if (!exchange) return 0;
    if (exchange->paused) {
      exchange->unconsumed += size;
    } else {
      nghttp2_session_consume_stream(self.session_.get(), id, size);
    }
    self.OnBody(exchange, View(data, size));
    return 0;
  }

  static int Closed(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    Self(user).OnStreamClosed(id, error);
    return 0;
  }

  static ssize_t Upload(nghttp2_session*, std::int32_t id, std::uint8_t* buffer, std::size_t size,
                        std::uint32_t* flags, nghttp2_data_source*, void* user) {
    const auto exchange = Self(user).Find(id);
    if (!exchange) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::string& body = exchange->request.body;
    const std::size_t n = std::min(size, body.size() - exchange->uploaded);
    std::memcpy(buffer, body.data() + exchange->uploaded, n);
    exchange->uploaded += n;
    if (exchange->uploaded == body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }
};

ClientSession::ClientSession(Loop& loop, const Http2Client::Options& options, std::string authority,
                             bool over_tls, TransportPtr transport, SessionOwner& owner)
    : loop_(loop),
      options_(options),
      authority_(std::move(authority)),
      over_tls_(over_tls),
      transport_(std::move(transport)),
      owner_(&owner) {
  InitSession();
}

ClientSession::~ClientSession() { Close(); }

void ClientSession::InitSession() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  const Nghttp2Callbacks own_callbacks(callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::Header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::Frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::Data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::Closed);
  nghttp2_option* option = nullptr;
  nghttp2_option_new(&option);
  const Nghttp2Option own_option(option);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new2(&session, callbacks, this, option);
  session_.reset(session);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(options_.max_header_bytes)},
  };
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

void ClientSession::Start() {
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
            auto self = weak.lock();
            if (!self) return;
            const bool fresh = !self->have_settings_;
            self->End(why ? Unavailable(fresh ? "the server hung up before it spoke HTTP/2"
                                              : "the server closed the connection")
                          : why.error());
          },
      .on_drain =
          [weak] {
            if (auto self = weak.lock()) self->Flush();
          },
  });
}

void ClientSession::Close() {
  owner_ = nullptr;
  if (std::exchange(ended_, true)) return;
  alive_timer_.Cancel();
  transport_->Close();
}

void ClientSession::OnOpen() {
  if (ended_) return;
  if (over_tls_ && transport_->alpn() != "h2") {
    return End(
        Unimplemented("the server does not speak HTTP/2 (it did not agree on \"h2\" by ALPN)"));
  }
  last_received_ = Steady::now();
  Flush();
}

void ClientSession::OnData(std::string_view data) {
  if (ended_) return;
  const auto keep = shared_from_this();
  last_received_ = Steady::now();
  ping_sent_ = {};
  const bool was_ready = have_settings_, was_draining = draining_;
  in_nghttp2_ = true;
  const ssize_t used = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
  in_nghttp2_ = false;
  if (used < 0) {
    if (!have_settings_) {
      return End(NoHttp2());
    }
    return End(Aborted(std::string("broken HTTP/2 from the server: ") +
                       nghttp2_strerror(static_cast<int>(used))));
  }
  if (draining_ && !was_draining && owner_) owner_->OnDraining(*this);
  if (have_settings_ && !was_ready && owner_ && !ended_) {
    CheckAlive();
    owner_->OnReady(*this);
  }
  Flush();
}

void ClientSession::Flush() {
  if (ended_ || in_nghttp2_) return;
  in_nghttp2_ = true;
  const bool ok = SendFrames(session_.get(), *transport_, kSendAhead);
  in_nghttp2_ = false;
  if (!ok) return End(Aborted("HTTP/2 framing failed"));
  if (!nghttp2_session_want_read(session_.get()) && !nghttp2_session_want_write(session_.get())) {
    End(have_settings_ ? Unavailable("the HTTP/2 session ended") : NoHttp2());
  }
}

void ClientSession::ScheduleFlush() {
  if (ended_ || std::exchange(flush_posted_, true)) return;
  loop_.Post([weak = weak_from_this()] {
    auto self = weak.lock();
    if (!self) return;
    self->flush_posted_ = false;
    self->Flush();
  });
}

// A peer that vanished without a word (a frozen process, a lost machine) is noticed by the
// PING that it does not answer.
void ClientSession::CheckAlive() {
  if (ended_ || options_.ping_interval.count() <= 0) return;
  const auto now = Steady::now();
  const bool waiting = ping_sent_ != Steady::time_point{};
  if (waiting && now - ping_sent_ >= options_.ping_timeout) {
    return End(Aborted("the server does not answer: no reply to PING within " +
                       FormatDuration(options_.ping_timeout)));
  }
  if (!waiting && !exchanges_.empty() && now - last_received_ >= options_.ping_interval) {
    nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr);
    ping_sent_ = now;
    ScheduleFlush();
  }
  const auto next =
      ping_sent_ != Steady::time_point{}
          ? options_.ping_timeout - std::chrono::floor<Duration>(now - ping_sent_)
          : options_.ping_interval - std::chrono::floor<Duration>(now - last_received_);
  // At least a moment: an idle connection is looked at once an interval.
  const auto delay = next.count() > 0 ? next : options_.ping_interval;
  alive_timer_ = loop_.PostAfter(UntilSharedMoment(delay), [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->CheckAlive();
  });
}

void ClientSession::End(Error why) {
  if (std::exchange(ended_, true)) return;
  const auto keep = shared_from_this();
  alive_timer_.Cancel();
  transport_->Close();
  SessionOwner* owner = std::exchange(owner_, nullptr);
  if (!owner) return;
  for (auto& [id, exchange] : std::exchange(exchanges_, {})) {
    exchange->session.reset();
    owner->OnFinished(exchange, Fail(Aborted("connection lost: " + why.message())));
  }
  owner->OnEnded(*this, std::move(why));
}

std::size_t ClientSession::FreeStreams() const {
  const std::uint32_t allowed = std::min(
      nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
      kMaxStreams);
  return allowed > exchanges_.size() ? allowed - exchanges_.size() : 0;
}

void ClientSession::Submit(const ExchangePtr& exchange) {
  const ClientRequest& request = exchange->request;
  std::vector<std::string> names;  // what the fields refer to
  names.reserve(request.headers.size());
  const std::string length = std::to_string(request.body.size());
  const std::string_view host = request.headers.Get("host");
  Nghttp2Headers fields;
  fields.Add(":method", request.method);
  fields.Add(":scheme", over_tls_ ? "https" : "http");
  fields.Add(":authority", host.empty() ? std::string_view(authority_) : host);
  fields.Add(":path", request.target);
  if (!request.headers.Has("user-agent")) fields.Add("user-agent", options_.user_agent);
  if (!request.headers.Has("accept-encoding")) fields.Add("accept-encoding", "gzip");
  const bool has_body = !request.body.empty();
  if (has_body || request.method != "GET") fields.Add("content-length", length);
  for (const Header& field : request.headers) {
    const std::string& name = names.emplace_back(ToLower(field.name));
    if (name == "host" || name == "content-length" || name == "connection") continue;
    // A short password could be guessed from how well it compresses; a token could not, and is
    // a kilobyte with every request otherwise (RFC 7541, 7.1.3).
    if (name == "authorization" && field.value.size() < kMinToken) {
      fields.AddSensitive(name, field.value);
    } else {
      fields.Add(name, field.value);
    }
  }
  nghttp2_data_provider provider{.source = {.ptr = nullptr}, .read_callback = Callbacks::Upload};
  const std::int32_t id =
      nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(),
                             has_body ? &provider : nullptr, nullptr);
  used_ = true;
  exchange->session = weak_from_this();
  exchange->stream_id = id;
  exchange->uploaded = 0;
  if (id < 0) {
    // The connection's stream numbers are used up: as good as drained.
    draining_ = true;
    exchange->session.reset();
    loop_.Post([weak = weak_from_this(), exchange] {
      auto self = weak.lock();
      if (!self || !self->owner_) return;
      self->owner_->OnDraining(*self);
      self->owner_->OnRefused(exchange);
    });
    return;
  }
  exchanges_.emplace(id, exchange);
  ScheduleFlush();
}

void ClientSession::Drop(const ExchangePtr& exchange) {
  exchange->session.reset();
  if (exchanges_.erase(exchange->stream_id) == 0 || ended_) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, exchange->stream_id, NGHTTP2_CANCEL);
  ScheduleFlush();
}

std::vector<ExchangePtr> ClientSession::TakeAll() {
  std::vector<ExchangePtr> out;
  for (auto& [id, exchange] : std::exchange(exchanges_, {})) {
    exchange->session.reset();
    out.push_back(std::move(exchange));
  }
  return out;
}

void ClientSession::Resume(const ExchangePtr& exchange) {
  if (ended_) return;
  const std::size_t size = std::exchange(exchange->unconsumed, 0);
  nghttp2_session_consume_stream(session_.get(), exchange->stream_id, size);
  ScheduleFlush();
}

ExchangePtr ClientSession::Find(std::int32_t id) const {
  const auto found = exchanges_.find(id);
  return found == exchanges_.end() ? nullptr : found->second;
}

void ClientSession::FinishExchange(const ExchangePtr& exchange, Status status) {
  exchange->session.reset();
  exchanges_.erase(exchange->stream_id);
  if (owner_) owner_->OnFinished(exchange, std::move(status));
}

void ClientSession::OnHeader(ClientExchange& exchange, std::string_view name,
                             std::string_view value) {
  exchange.header_bytes += name.size() + value.size() + 32;
  if (exchange.header_bytes > options_.max_header_bytes) return;  // OnHeadComplete refuses
  if (name == ":status") {
    exchange.response.status = 0;
    std::from_chars(value.data(), value.data() + value.size(), exchange.response.status);
  } else if (!name.starts_with(':')) {
    exchange.response.headers.Add(std::string(name), std::string(value));
  }
}

void ClientSession::OnHeadComplete(const ExchangePtr& exchange) {
  if (exchange->have_head) return;
  const auto refuse = [&](Error error) {
    Drop(exchange);
    FinishExchange(exchange, Fail(std::move(error)));
  };
  if (exchange->header_bytes > options_.max_header_bytes) {
    return refuse(ResourceExhausted("the response's header is larger than " +
                                    std::to_string(options_.max_header_bytes) +
                                    " bytes (max_header_bytes)"));
  }
  if (exchange->response.status < 200) {  // 100 Continue and its like: the answer follows
    exchange->response.headers = {};
    return;
  }
  exchange->have_head = true;
  const std::string encoding = ToLower(exchange->response.headers.Get("content-encoding"));
  if (encoding == "gzip") {
    exchange->gzip = std::make_unique<GzipDecoder>();
    exchange->response.headers.Remove("content-encoding");
    exchange->response.headers.Remove("content-length");
  } else if (!encoding.empty() && encoding != "identity") {
    return refuse(Error(ErrorCode::kDataLoss, "the response has content-encoding " +
                                                  Quote(encoding) + ", which was not asked for"));
  }
  if (owner_) owner_->OnHead(exchange);
}

void ClientSession::OnBody(const ExchangePtr& exchange, std::string_view data) {
  exchange->received_bytes += data.size();
  exchange->last_data = Steady::now();
  auto status = Deliver(*exchange, data);
  if (status || exchange->finished) return;
  Drop(exchange);
  FinishExchange(exchange, std::move(status));
}

Status ClientSession::Deliver(ClientExchange& exchange, std::string_view data) {
  ClientRequest& request = exchange.request;
  if (!exchange.streamed) {
    std::string& body = exchange.response.body;
    if (exchange.gzip) return exchange.gzip->Decode(data, body, request.max_response_bytes);
    if (body.size() + data.size() > request.max_response_bytes) {
      return Fail(ResourceExhausted("the response is larger than " +
                                    std::to_string(request.max_response_bytes) +
                                    " bytes (max_response_bytes)"));
    }
    body += data;
    return {};
  }
  if (!exchange.gzip) {
    exchange.handler.on_data(data);
    return {};
  }
  std::string plain;
  constexpr std::size_t kMostOfOneFrame = 32 * 1024 * 1024;  // 16 KiB inflate to at most 16 MiB
  TRY(exchange.gzip->Decode(data, plain, kMostOfOneFrame));
  if (!plain.empty()) exchange.handler.on_data(plain);
  return {};
}

void ClientSession::OnStreamClosed(std::int32_t id, std::uint32_t error) {
  const auto exchange = Find(id);
  if (!exchange) return;
  if (error == NGHTTP2_REFUSED_STREAM && !exchange->have_head) {
    exchange->session.reset();
    exchanges_.erase(id);
    if (owner_) owner_->OnRefused(exchange);
    return;
  }
  if (error == NGHTTP2_NO_ERROR && exchange->have_head) {
    if (exchange->gzip && exchange->received_bytes > 0 && !exchange->gzip->finished()) {
      return FinishExchange(exchange,
                            Fail(Error(ErrorCode::kDataLoss, "the gzip body ends early")));
    }
    return FinishExchange(exchange, {});
  }
  if (error == NGHTTP2_PROTOCOL_ERROR) {
    return FinishExchange(
        exchange,
        Fail(Error(ErrorCode::kDataLoss,
                   "the response is malformed (broken header, or a length that does not match)")));
  }
  std::string why =
      std::string("the server reset the stream (") + nghttp2_http2_strerror(error) + ")";
  if (exchange->have_head) why += " after " + std::to_string(exchange->received_bytes) + " bytes";
  FinishExchange(exchange, Fail(Aborted(std::move(why))));
}

}  // namespace swell::net
