// Transport and Listener over Asio's TCP sockets.

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/net/loop_impl.h"
#include "base/net/transport.h"

namespace swell::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCodeAsio = boost::system::error_code;

std::string EndpointText(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const std::string port = std::to_string(endpoint.port());
  return endpoint.address().is_v6() ? "[" + address + "]:" + port : address + ":" + port;
}

class TcpTransport final : public Transport, public std::enable_shared_from_this<TcpTransport> {
 public:
  TcpTransport(Loop::Impl& loop, tcp::socket socket) : loop_(loop), socket_(std::move(socket)) {
    ErrorCodeAsio ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    const auto endpoint = socket_.remote_endpoint(ignored);
    if (!ignored) peer_ = EndpointText(endpoint);
  }

  void Start(TransportEvents events) override {
    events_ = std::move(events);
    Loop::Function open = [self = shared_from_this()] {
      if (self->closed_) return;
      self->events_.on_open();
      if (!self->closed_) self->WaitReadable();
    };
    loop_.Post(open);
  }

  void Write(std::string bytes) override {
    if (closed_ || closing_ || bytes.empty()) return;
    if (queued_.empty()) {
      queued_ = std::move(bytes);
    } else {
      queued_ += bytes;
    }
    if (sending_.empty()) SendQueued();
  }

  std::size_t pending() const override { return queued_.size() + sending_.size() - sent_; }
  std::chrono::steady_clock::time_point last_progress() const override { return progress_; }
  void PauseReading() override { paused_ = true; }

  void ResumeReading() override {
    paused_ = false;
    if (!waiting_ && !closed_ && started_reading_) WaitReadable();
  }

  void Close() override {
    if (closed_) return;
    closed_ = true;
    ErrorCodeAsio ignored;
    socket_.close(ignored);
    DropEvents();
  }

  void CloseAfterFlush() override {
    if (closed_ || closing_) return;
    closing_ = true;
    CloseIn(kMaxFlush);
    if (pending() == 0) ShutdownAndLinger();
  }

  std::string peer() const override { return peer_; }

 private:
  // The events may be what is running now: they go later.
  void DropEvents() {
    Loop::Function drop = [self = shared_from_this()] { self->events_ = {}; };
    loop_.Post(drop);
  }

  // Closing a socket with unread input resets it, and the reset may overtake the answer on
  // its way to the client. So: end our side, read and drop for a little while.
  void ShutdownAndLinger() {
    if (closed_ || lingering_) return;
    lingering_ = true;
    ErrorCodeAsio ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    paused_ = false;
    if (!waiting_) WaitReadable();
    CloseIn(kLinger);
  }

  void CloseIn(std::chrono::seconds delay) {
    auto timer = std::make_shared<asio::steady_timer>(loop_.io, delay);
    timer->async_wait([weak = weak_from_this(), timer](const ErrorCodeAsio&) {
      if (auto self = weak.lock()) self->Close();
    });
  }

  void WaitReadable() {
    waiting_ = started_reading_ = true;
    socket_.async_wait(tcp::socket::wait_read,
                       [self = shared_from_this()](const ErrorCodeAsio& error) {
                         self->waiting_ = false;
                         if (!self->closed_) self->OnReadable(error);
                       });
  }

  void OnReadable(ErrorCodeAsio error) {
    if (paused_) return;
    std::size_t size = 0;
    if (!error) size = socket_.read_some(asio::buffer(loop_.read_buffer), error);
    if (error == asio::error::would_block || error == asio::error::try_again) return WaitReadable();
    if (error == asio::error::eof) return OnEof();
    if (error) return Broken("read from", error);
    if (lingering_) {
      lingered_ += size;
      return lingered_ > kMaxLinger ? Close() : WaitReadable();
    }
    if (!closing_) events_.on_data(std::string_view(loop_.read_buffer.data(), size));
    if (!closed_ && !paused_ && !waiting_) WaitReadable();
  }

  // The other side has nothing more to say; it may still listen, so the owner decides.
  void OnEof() {
    if (closing_) return lingering_ ? Close() : void();
    auto on_close = std::exchange(events_.on_close, nullptr);
    if (on_close) on_close({});
  }

  void Broken(const char* doing, const ErrorCodeAsio& error) {
    auto on_close = std::exchange(events_.on_close, nullptr);
    const bool tell = !closing_ && on_close;
    Close();
    if (tell)
      on_close(Fail(Unavailable(std::string(doing) + " " + peer_ + ": " + error.message())));
  }

  void SendQueued() {
    sending_ = std::move(queued_);
    queued_.clear();
    sent_ = 0;
    progress_ = std::chrono::steady_clock::now();
    SendSome();
  }

  void SendSome() {
    socket_.async_write_some(
        asio::buffer(sending_.data() + sent_, sending_.size() - sent_),
        [self = shared_from_this()](const ErrorCodeAsio& error, std::size_t n) {
          if (!self->closed_) self->OnSent(error, n);
        });
  }

  void OnSent(const ErrorCodeAsio& error, std::size_t size) {
    if (error) return Broken("write to", error);
    sent_ += size;
    progress_ = std::chrono::steady_clock::now();
    if (sent_ < sending_.size()) return SendSome();
    sending_.clear();
    if (sending_.capacity() > kKeepCapacity) sending_.shrink_to_fit();
    sent_ = 0;
    if (!queued_.empty()) return SendQueued();
    if (closing_) return ShutdownAndLinger();
    if (events_.on_drain) events_.on_drain();
  }

  static constexpr std::chrono::seconds kMaxFlush{30};
  static constexpr std::chrono::seconds kLinger{2};
  static constexpr std::size_t kKeepCapacity = 64 * 1024;
  static constexpr std::size_t kMaxLinger = 1024 * 1024;

  Loop::Impl& loop_;
  tcp::socket socket_;
  TransportEvents events_;
  std::string peer_;
  std::string queued_;
  std::string sending_;
  std::size_t sent_ = 0;
  std::size_t lingered_ = 0;
  std::chrono::steady_clock::time_point progress_{};
  bool paused_ = false;
  bool waiting_ = false;
  bool started_reading_ = false;
  bool closing_ = false;
  bool lingering_ = false;
  bool closed_ = false;
};

class Connector final : public std::enable_shared_from_this<Connector> {
 public:
  using Done = std::move_only_function<void(Result<TransportPtr>)>;
  Connector(Loop::Impl& loop, std::string where, Done done)
      : loop_(loop),
        where_(std::move(where)),
        done_(std::move(done)),
        resolver_(loop.io),
        socket_(loop.io) {}

  void Start(const std::string& host, std::uint16_t port) {
    resolver_.async_resolve(host, std::to_string(port), tcp::resolver::numeric_service,
                            [self = shared_from_this()](const ErrorCodeAsio& error,
                                                        tcp::resolver::results_type endpoints) {
                              self->OnResolved(error, std::move(endpoints));
                            });
  }

  void GiveUp() {
    given_up_ = true;
    done_ = nullptr;
    resolver_.cancel();
    ErrorCodeAsio ignored;
    socket_.close(ignored);
  }

 private:
  void OnResolved(const ErrorCodeAsio& error, tcp::resolver::results_type endpoints) {
    if (given_up_) return;
    if (error) return Finish(Fail(Unavailable("resolve " + where_ + ": " + error.message())));
    asio::async_connect(
        socket_, std::move(endpoints),
        [self = shared_from_this()](const ErrorCodeAsio& connect_error, const tcp::endpoint&) {
          self->OnConnected(connect_error);
        });
  }

  void OnConnected(const ErrorCodeAsio& error) {
    if (given_up_) return;
    if (error) return Finish(Fail(Unavailable("connect to " + where_ + ": " + error.message())));
    Finish(TransportPtr(std::make_shared<TcpTransport>(loop_, std::move(socket_))));
  }

  void Finish(Result<TransportPtr> result) {
    auto done = std::move(done_);
    done(std::move(result));
  }

  Loop::Impl& loop_;
  std::string where_;
  Done done_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  bool given_up_ = false;
};

class TcpListener final : public Listener, public std::enable_shared_from_this<TcpListener> {
 public:
  TcpListener(Loop::Impl& loop, OnAccept on_accept)
      : loop_(loop), acceptor_(loop.io), retry_(loop.io), on_accept_(std::move(on_accept)) {}

  Status Open(const std::string& address, std::uint16_t port) {
    ErrorCodeAsio error;
    const auto ip = asio::ip::make_address(address, error);
    if (error) return Fail(InvalidArgument("listen: \"" + address + "\" is no IP address"));
    const tcp::endpoint endpoint(ip, port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
      return Fail(Unavailable("listen on " + EndpointText(endpoint) + ": " + error.message()));
    }
    port_ = acceptor_.local_endpoint(error).port();
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void Close() override {
    closed_ = true;
    ErrorCodeAsio ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  }

  void Accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](const ErrorCodeAsio& error, tcp::socket socket) {
          if (self->closed_) return;
          if (!error) {
            self->on_accept_(std::make_shared<TcpTransport>(self->loop_, std::move(socket)));
            if (!self->closed_) self->Accept();
            return;
          }
          // Out of descriptors, for example: a pause instead of a busy loop.
          self->retry_.expires_after(std::chrono::milliseconds(50));
          self->retry_.async_wait([self](const ErrorCodeAsio&) {
            if (!self->closed_) self->Accept();
          });
        });
  }

 private:
  Loop::Impl& loop_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  OnAccept on_accept_;
  std::uint16_t port_ = 0;
  bool closed_ = false;
};

}  // namespace

std::move_only_function<void()> ConnectTcp(
    Loop& loop, const std::string& host, std::uint16_t port,
    std::move_only_function<void(Result<TransportPtr>)> done) {
  const std::string where =
      (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" + std::to_string(port);
  auto connector = std::make_shared<Connector>(loop.impl(), where, std::move(done));
  connector->Start(host, port);
  return [connector] { connector->GiveUp(); };
}

Result<std::shared_ptr<Listener>> Listener::Listen(Loop& loop, const std::string& address,
                                                   std::uint16_t port, OnAccept on_accept) {
  auto listener = std::make_shared<TcpListener>(loop.impl(), std::move(on_accept));
  TRY(listener->Open(address, port));
  loop.Post([listener] { listener->Accept(); });
  return std::shared_ptr<Listener>(listener);
}

}  // namespace swell::net
