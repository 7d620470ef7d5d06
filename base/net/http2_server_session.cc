// HTTP/2 for the server, over nghttp2.

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "base/net/nghttp2_util.h"
#include "base/net/server_session.h"

namespace swell::net {
namespace {

class Http2Session;

class Http2Stream final : public ResponseSink {
 public:
  Http2Stream(Http2Session& session, std::int32_t id)
      : session_(&session), id_(id), state_(std::make_shared<ResponseState>()) {}
  void SendAll(int status, Headers headers, std::string body) override;
  void SendHead(int status, Headers headers) override;
  bool SendChunk(std::string chunk) override;
  void SendEnd() override;
  void Abort() override;

 private:
  friend class Http2Session;
  ssize_t ReadBody(std::uint8_t* buffer, std::size_t size, std::uint32_t* flags);
  void Reset();

  Http2Session* session_;  // nullptr once the stream is gone
  const std::int32_t id_;
  ResponseStatePtr state_;
  HttpRequest request_;
  std::string path_;
  std::size_t header_bytes_ = 0;
  Steady::time_point since_ = Steady::now();
  bool received_ = false;  // the request is complete
  int refuse_ = 0;         // the status to refuse it with

  std::string out_;  // of the response's body, from sent_ on
  std::size_t sent_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  bool head_only_ = false;
  bool aborted_ = false;
  bool waiting_ = false;  // nghttp2 has to be told when there is more
};

class Http2Session final : public ServerSession {
 public:
  explicit Http2Session(ServerConnection& connection) : connection_(connection) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    const Nghttp2Callbacks owned(callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnDataChunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClose);
    nghttp2_session* session = nullptr;
    nghttp2_session_server_new(&session, callbacks, this);
    session_.reset(session);
    const auto& options = connection.context().options;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 256 * 1024},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
         static_cast<std::uint32_t>(std::min<std::size_t>(options.max_header_bytes, 1u << 30))},
    };
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings));
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, 1024 * 1024);
    ScheduleFlush();
  }

  void OnData(std::string_view data) override {
    receiving_ = true;
    const ssize_t used = nghttp2_session_mem_recv(
        session_.get(), reinterpret_cast<const std::uint8_t*>(data.data()), data.size());
    receiving_ = false;
    if (used < 0) failed_ = true;
    // Handlers run outside of nghttp2's callbacks: they may answer in place.
    for (auto& stream : std::exchange(ready_, {})) {
      if (gone_) return;
      Dispatch(*stream);
    }
    Flush();
  }

  void OnDrain() override { Flush(); }
  void OnEof() override { connection_.Close(); }

  void OnGone() override {
    gone_ = true;
    for (auto& [id, stream] : std::exchange(streams_, {})) {
      stream->session_ = nullptr;
      stream->state_->MarkClosed();
    }
  }

  void Drain() override {
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                          nullptr, 0);
    draining_ = true;
    ScheduleFlush();
  }

  bool busy() const override { return !streams_.empty(); }

  std::optional<Steady::time_point> receiving_since() const override {
    std::optional<Steady::time_point> oldest;
    for (const auto& [id, stream] : streams_) {
      if (!stream->received_ && (!oldest || stream->since_ < *oldest)) oldest = stream->since_;
    }
    return oldest;
  }

 private:
  friend class Http2Stream;
  const HttpServer::Options& options() const { return connection_.context().options; }

  void ScheduleFlush() {
    if (gone_ || std::exchange(flush_posted_, true)) return;
    auto weak = connection_.weak_from_this();
    connection_.context().loop.Post([this, weak] {
      const auto alive = weak.lock();
      if (!alive || gone_) return;
      flush_posted_ = false;
      Flush();
    });
  }

  void Flush() {
    if (gone_ || receiving_) return;
    if (!SendFrames(session_.get(), connection_.transport(), kSendAhead)) failed_ = true;
    const bool over =
        !nghttp2_session_want_read(session_.get()) && !nghttp2_session_want_write(session_.get());
    if (failed_ || over || (draining_ && streams_.empty())) connection_.CloseAfterFlush();
  }

  void Dispatch(Http2Stream& stream) {
    HttpRequest request = std::move(stream.request_);
    if (stream.refuse_ == 0 && !SetTarget(request, stream.path_)) stream.refuse_ = 400;
    if (stream.refuse_ != 0) {
      const std::string why = stream.refuse_ == 413   ? "the body is too large\n"
                              : stream.refuse_ == 431 ? "the header is too large\n"
                                                      : "malformed request\n";
      return stream.SendAll(stream.refuse_, {{"content-type", "text/plain; charset=utf-8"}}, why);
    }
    const auto found = streams_.find(stream.id_);
    if (found == streams_.end()) return;
    request.version = 2;
    stream.head_only_ = request.method == "HEAD";
    connection_.Handle(std::move(request), found->second, stream.state_);
  }

  void Received(Http2Stream& stream) {
    if (std::exchange(stream.received_, true)) return;
    buffered_ -= stream.request_.body.size();
    ready_.push_back(streams_.at(stream.id_));
  }

  Http2Stream* Find(std::int32_t id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second.get();
  }

  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    const std::int32_t id = frame->hd.stream_id;
    self.streams_.emplace(id, std::make_shared<Http2Stream>(self, id));
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                      std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                      std::uint8_t, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    Http2Stream* stream = self.Find(frame->hd.stream_id);
    // Trailers of a request tell nothing that handlers want.
    if (!stream || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    stream->header_bytes_ += name_size + value_size + 32;
    if (stream->header_bytes_ > self.options().max_header_bytes) {
      stream->refuse_ = 431;
      return 0;
    }
    const std::string_view key = View(name, name_size);
    std::string text(View(value, value_size));
    if (key == ":method") {
      stream->request_.method = std::move(text);
    } else if (key == ":path") {
      stream->path_ = std::move(text);
    } else if (key == ":authority") {
      stream->request_.headers.Set("host", std::move(text));
    } else if (!key.starts_with(':')) {
      stream->request_.headers.Add(std::string(key), std::move(text));
    }
    return 0;
  }

  static int OnDataChunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                         std::size_t size, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    Http2Stream* stream = self.Find(id);
    if (!stream || stream->received_ || stream->refuse_ != 0) return 0;
    std::string& body = stream->request_.body;
    // One request's limit, and a few of them for all that a connection has in the making.
    if (body.size() + size > self.options().max_body_bytes ||
        self.buffered_ + size > 4 * self.options().max_body_bytes) {
      stream->refuse_ = 413;
      self.buffered_ -= body.size();
      std::string().swap(body);
      self.Received(*stream);
      return 0;
    }
    body += View(data, size);
    self.buffered_ += size;
    return 0;
  }

  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    const bool body = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (!body) return 0;
    Http2Stream* stream = self.Find(frame->hd.stream_id);
    if (stream && ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 || stream->refuse_ != 0)) {
      self.Received(*stream);
    }
    return 0;
  }

  static int OnStreamClose(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    auto& self = *static_cast<Http2Session*>(user);
    const auto found = self.streams_.find(id);
    if (found == self.streams_.end()) return 0;
    auto stream = found->second;
    self.streams_.erase(found);
    if (!stream->received_) self.buffered_ -= stream->request_.body.size();
    stream->session_ = nullptr;
    // on_close runs user code, which must not run inside of nghttp2.
    if (!stream->ended_ || stream->sent_ < stream->out_.size()) {
      self.connection_.context().loop.Post([state = stream->state_] { state->MarkClosed(); });
    }
    return 0;
  }

  static ssize_t ReadBody(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source* source, void*) {
    return static_cast<Http2Stream*>(source->ptr)->ReadBody(buffer, size, flags);
  }

  void SubmitResponse(Http2Stream& stream, int status, const Headers& headers, bool with_body,
                      const std::string& content_length) {
    const std::string status_text = std::to_string(status);
    const Headers clean = CleanHeaders(headers);
    Nghttp2Headers fields;
    fields.Add(":status", status_text);
    for (const Header& field : clean) fields.Add(field.name, field.value);
    if (!content_length.empty()) fields.Add("content-length", content_length);
    nghttp2_data_provider provider{.source = {.ptr = &stream}, .read_callback = ReadBody};
    nghttp2_submit_response(session_.get(), stream.id_, fields.data(), fields.size(),
                            with_body ? &provider : nullptr);
    ScheduleFlush();
  }

  ServerConnection& connection_;
  Nghttp2Session session_;
  // Holds each stream for as long as nghttp2 may ask for its body.
  std::map<std::int32_t, std::shared_ptr<Http2Stream>> streams_;
  std::vector<std::shared_ptr<Http2Stream>> ready_;
  std::size_t buffered_ = 0;  // bytes of requests that are not complete yet
  bool receiving_ = false;
  bool flush_posted_ = false;
  bool draining_ = false;
  bool failed_ = false;
  bool gone_ = false;
};

void Http2Stream::SendAll(int status, Headers headers, std::string body) {
  if (!session_ || begun_) return;
  begun_ = ended_ = true;
  out_ = std::move(body);
  const bool has_body = status != 204 && status != 304;
  const std::string length = has_body ? std::to_string(out_.size()) : "";
  if (!has_body || head_only_) out_.clear();
  session_->SubmitResponse(*this, status, headers, !out_.empty(), length);
}

void Http2Stream::SendHead(int status, Headers headers) {
  if (!session_ || begun_) return;
  begun_ = true;
  ended_ = head_only_;
  session_->SubmitResponse(*this, status, headers, !head_only_, "");
}

bool Http2Stream::SendChunk(std::string chunk) {
  if (!session_ || !begun_) return false;
  if (head_only_) return true;
  if (sent_ > kSendAhead || sent_ == out_.size()) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  if (out_.size() + chunk.size() > session_->options().max_pending_bytes) {
    Reset();
    return false;
  }
  out_ += chunk;
  if (std::exchange(waiting_, false)) {
    nghttp2_session_resume_data(session_->session_.get(), id_);
    session_->ScheduleFlush();
  }
  return true;
}

void Http2Stream::SendEnd() {
  if (!session_ || !begun_) return;
  ended_ = true;
  if (std::exchange(waiting_, false)) nghttp2_session_resume_data(session_->session_.get(), id_);
  session_->ScheduleFlush();
}

void Http2Stream::Abort() {
  if (!session_) return;
  if (begun_ && !ended_ && sent_ < out_.size()) {  // what was written goes out first
    aborted_ = true;
    return;
  }
  Reset();
}

void Http2Stream::Reset() {
  nghttp2_submit_rst_stream(session_->session_.get(), NGHTTP2_FLAG_NONE, id_,
                            NGHTTP2_INTERNAL_ERROR);
  session_->ScheduleFlush();
}

ssize_t Http2Stream::ReadBody(std::uint8_t* buffer, std::size_t size, std::uint32_t* flags) {
  if (aborted_ && sent_ == out_.size()) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // resets
  const std::size_t n = std::min(size, out_.size() - sent_);
  std::memcpy(buffer, out_.data() + sent_, n);
  sent_ += n;
  if (sent_ == out_.size()) {
    if (ended_) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (n == 0) {
      waiting_ = true;
      return NGHTTP2_ERR_DEFERRED;
    }
  }
  return static_cast<ssize_t>(n);
}

}  // namespace

std::unique_ptr<ServerSession> NewHttp2Session(ServerConnection& connection) {
  return std::make_unique<Http2Session>(connection);
}

}  // namespace swell::net
