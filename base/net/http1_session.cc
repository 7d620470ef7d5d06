// HTTP/1.1 for the server: one request at a time, parsed by Boost.Beast.

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <ctime>

#include "base/core/strings.h"
#include "base/net/server_session.h"

namespace swell::net {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

// Pipelined bytes that are read ahead while a request is being answered.
constexpr std::size_t kReadAhead = 64 * 1024;

std::string DateNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

class Http1Session;

// The response to the session's request in progress.
class Http1Response final : public ResponseSink {
 public:
  Http1Response(Http1Session& session, ResponseStatePtr state)
      : session_(&session), state_(std::move(state)) {}
  void SendAll(int status, Headers headers, std::string body) override;
  void SendHead(int status, Headers headers) override;
  bool SendChunk(std::string chunk) override;
  void SendEnd() override;
  void Abort() override;

  void Detach() {
    session_ = nullptr;
    state_->MarkClosed();
  }
  bool begun() const { return begun_; }

 private:
  friend class Http1Session;
  Http1Session* session_;  // nullptr once the connection is gone
  ResponseStatePtr state_;
  bool begun_ = false;
  bool chunked_ = false;
  bool head_only_ = false;
};

class Http1Session final : public ServerSession {
 public:
  explicit Http1Session(ServerConnection& connection) : connection_(connection) {}

  void OnData(std::string_view data) override {
    in_ += data;
    if (response_) {
      if (in_.size() > kReadAhead) connection_.transport().PauseReading();
      return;
    }
    ParseRequests();
  }

  void OnDrain() override {}

  void OnEof() override {
    eof_ = true;
    // A client that only ended its side still gets a whole answer, but nobody knows whether
    // it listens to a stream.
    if (!response_ || response_->begun()) connection_.Close();
  }

  void OnGone() override {
    gone_ = true;
    if (auto response = std::move(response_)) response->Detach();
  }

  void Drain() override {
    keep_alive_ = false;
    draining_ = true;
    if (!busy()) connection_.CloseAfterFlush();
  }

  bool busy() const override { return response_ != nullptr || receiving_.has_value(); }
  std::optional<Steady::time_point> receiving_since() const override { return receiving_; }

 private:
  friend class Http1Response;

  void ParseRequests() {
    if (std::exchange(parsing_, true)) return;
    while (!response_ && !gone_ && !in_.empty()) {
      if (!ParseSome()) break;
    }
    parsing_ = false;
  }

  // False when more bytes are needed.
  bool ParseSome() {
    if (!parser_) NewParser();
    boost::system::error_code error;
    const std::size_t used = parser_->put(boost::asio::buffer(in_), error);
    in_.erase(0, used);
    if (error == http::error::need_more) error = {};
    if (error) return Refuse(error);
    if (parser_->is_header_done() && !parser_->is_done()) SendContinue();
    if (!parser_->is_done()) return false;
    Dispatch();
    return true;
  }

  void NewParser() {
    const auto& options = connection_.context().options;
    parser_ = std::make_unique<Parser>();
    parser_->eager(true);
    parser_->header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
    parser_->body_limit(options.max_body_bytes);
    receiving_ = Steady::now();
    continued_ = false;
  }

  void SendContinue() {
    if (continued_ || parser_->get().version() < 11) return;
    continued_ = true;
    if (ToLower(std::string(parser_->get()[http::field::expect])) == "100-continue") {
      connection_.transport().Write("HTTP/1.1 100 Continue\r\n\r\n");
    }
  }

  bool Refuse(const boost::system::error_code& error) {
    int status = 400;
    std::string why = "malformed request: " + error.message();
    const auto& options = connection_.context().options;
    if (error == http::error::header_limit) {
      status = 431;
      why = "the header is larger than " + std::to_string(options.max_header_bytes) + " bytes";
    } else if (error == http::error::body_limit) {
      status = 413;
      why = "the body is larger than " + std::to_string(options.max_body_bytes) + " bytes";
    }
    RefuseWith(status, why);
    return false;
  }

  void RefuseWith(int status, const std::string& why) {
    keep_alive_ = false;
    Http1Response response(*this, std::make_shared<ResponseState>());
    response.SendAll(status, {{"content-type", "text/plain; charset=utf-8"}}, why + "\n");
  }

  void Dispatch() {
    auto message = parser_->release();
    parser_.reset();
    receiving_.reset();
    keep_alive_ = message.keep_alive() && !draining_;
    http11_ = message.version() >= 11;
    HttpRequest request;
    request.version = 1;
    request.method = std::string(message.method_string());
    for (const auto& field : message) {
      request.headers.Add(ToLower(std::string_view(field.name_string())),
                          std::string(field.value()));
    }
    request.body = std::move(message.body());
    if (!SetTarget(request, std::string_view(message.target()))) {
      return RefuseWith(400, "malformed request target");
    }
    auto state = std::make_shared<ResponseState>();
    response_ = std::make_shared<Http1Response>(*this, state);
    response_->head_only_ = request.method == "HEAD";
    auto response = response_;
    connection_.Handle(std::move(request), std::move(response), std::move(state));
  }

  void WriteHead(int status, const Headers& headers, std::string_view framing) {
    std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
    head += StatusText(status);
    head += "\r\n";
    for (const Header& field : CleanHeaders(headers)) {
      head += field.name + ": " + field.value + "\r\n";
    }
    if (!headers.Has("date")) head += "date: " + DateNow() + "\r\n";
    head += framing;
    if (!keep_alive_) {
      head += "connection: close\r\n";
    } else if (!http11_) {
      head += "connection: keep-alive\r\n";
    }
    head += "\r\n";
    connection_.transport().Write(std::move(head));
  }

  // The response is complete: on to the next request.
  void Finish() {
    response_.reset();
    if (!keep_alive_ || eof_) return connection_.CloseAfterFlush();
    connection_.transport().ResumeReading();
    ParseRequests();
  }

  ServerConnection& connection_;
  std::string in_;
  std::unique_ptr<Parser> parser_;
  std::shared_ptr<Http1Response> response_;
  std::optional<Steady::time_point> receiving_;
  bool keep_alive_ = true;
  bool http11_ = true;
  bool continued_ = false;
  bool parsing_ = false;
  bool draining_ = false;
  bool eof_ = false;
  bool gone_ = false;
};

void Http1Response::SendAll(int status, Headers headers, std::string body) {
  if (!session_) return;
  begun_ = true;
  std::string framing;
  if (HasBody(status)) framing = "content-length: " + std::to_string(body.size()) + "\r\n";
  session_->WriteHead(status, headers, framing);
  if (HasBody(status) && !head_only_) session_->connection_.transport().Write(std::move(body));
  std::exchange(session_, nullptr)->Finish();
}

void Http1Response::SendHead(int status, Headers headers) {
  if (!session_) return;
  begun_ = true;
  chunked_ = session_->http11_ && HasBody(status);
  if (!chunked_) session_->keep_alive_ = false;  // the end of the connection ends the body
  if (!HasBody(status)) head_only_ = true;
  session_->WriteHead(status, headers, chunked_ ? "transfer-encoding: chunked\r\n" : "");
  if (session_->eof_) session_->connection_.CloseAfterFlush();
}

bool Http1Response::SendChunk(std::string chunk) {
  if (!session_) return false;
  if (head_only_) return true;
  Transport& transport = session_->connection_.transport();
  if (transport.pending() + chunk.size() >
      session_->connection_.context().options.max_pending_bytes) {
    session_->connection_.Close();  // also frees what is pending
    return false;
  }
  if (chunked_) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    transport.Write(size + std::move(chunk) + "\r\n");
  } else {
    transport.Write(std::move(chunk));
  }
  return true;
}

void Http1Response::SendEnd() {
  if (!session_) return;
  if (chunked_ && !head_only_) session_->connection_.transport().Write("0\r\n\r\n");
  std::exchange(session_, nullptr)->Finish();
}

void Http1Response::Abort() {
  if (!session_) return;
  // What was written so far goes out, but no proper end.
  session_->connection_.CloseAfterFlush();
}

}  // namespace

std::unique_ptr<ServerSession> NewHttp1Session(ServerConnection& connection) {
  return std::make_unique<Http1Session>(connection);
}

}  // namespace swell::net
