#include "base/net/proxy_tunnel.h"

#include <arpa/inet.h>

#include "base/core/encoding.h"
#include "base/core/strings.h"

namespace swell::net {
namespace {

Error Unauthenticated(std::string message) {
  return Error(ErrorCode::kUnauthenticated, std::move(message));
}

// One side of the talk with a proxy, as text.
class Handshake {
 public:
  virtual ~Handshake() = default;
  // What is said first.
  virtual std::string Begin() = 0;
  // Takes what it can from the front of `in`; `out` is said next. True once the way is free: what
  // is left of `in` is the server's.
  virtual Result<bool> Take(std::string& in, std::string& out) = 0;
};

// RFC 9110, 9.3.6.
class ConnectHandshake final : public Handshake {
 public:
  ConnectHandshake(const Proxy& proxy, std::string target)
      : proxy_(proxy), target_(std::move(target)) {}

  std::string Begin() override {
    std::string out = "CONNECT " + target_ + " HTTP/1.1\r\nHost: " + target_ + "\r\n";
    if (!proxy_.user.empty()) {
      out += "Proxy-Authorization: Basic " +
             Base64Encode(proxy_.user + ":" + proxy_.password.Reveal()) + "\r\n";
    }
    return out + "\r\n";
  }

  Result<bool> Take(std::string& in, std::string& out) override {
    const auto end = in.find("\r\n\r\n");
    if (end == in.npos) {
      if (in.size() > kMaxHead) return Fail(Unavailable("its answer has no end"));
      return false;
    }
    const std::string line = in.substr(0, in.find("\r\n"));
    const bool http = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
    if (!http || line.size() < 12) return Fail(Unavailable("its answer is not HTTP"));
    const std::string status = line.substr(9, 3);
    in.erase(0, end + 4);
    if (status[0] == '1') return Take(in, out);  // an interim answer
    if (status[0] == '2') return true;
    std::string shown;
    for (const char c : line.substr(9, 100)) shown += c >= 0x20 && c < 0x7f ? c : '?';
    if (status == "407") {
      return Fail(Unauthenticated(proxy_.user.empty()
                                      ? "it wants credentials (" + shown + ")"
                                      : "it does not accept the credentials (" + shown + ")"));
    }
    return Fail(Unavailable("it refuses CONNECT (" + shown + ")"));
  }

 private:
  static constexpr std::size_t kMaxHead = 16 * 1024;
  const Proxy& proxy_;
  const std::string target_;
};

// RFC 1928 and 1929.
class SocksHandshake final : public Handshake {
 public:
  SocksHandshake(const Proxy& proxy, std::string host, std::uint16_t port)
      : proxy_(proxy), host_(std::move(host)), port_(port) {}

  std::string Begin() override {
    return proxy_.user.empty() ? std::string("\x05\x01\x00", 3)
                               : std::string("\x05\x02\x00\x02", 4);
  }

  Result<bool> Take(std::string& in, std::string& out) override {
    while (true) {
      const std::size_t needed = Needed(in);
      if (in.size() < needed) return false;
      if (step_ == Step::kMethod) {
        TRY(OnMethod(in, out));
      } else if (step_ == Step::kLogin) {
        if (in[1] != 0) return Fail(Unauthenticated("it does not accept the credentials"));
        SayTarget(out);
      } else {
        if (in[0] != 5) return Fail(Unavailable("its answer is not SOCKS 5"));
        if (in[1] != 0) return Fail(Unavailable("it cannot connect (" + Reason(in[1]) + ")"));
        in.erase(0, needed);
        return true;
      }
      in.erase(0, needed);
    }
  }

 private:
  enum class Step { kMethod, kLogin, kReply };

  std::size_t Needed(const std::string& in) const {
    if (step_ != Step::kReply) return 2;
    if (in.size() < 5 || in[1] != 0) return in.size() >= 2 && in[1] != 0 ? 2 : 5;
    switch (in[3]) {
      case 1:
        return 4 + 4 + 2;
      case 4:
        return 4 + 16 + 2;
      default:
        return 4 + 1 + static_cast<unsigned char>(in[4]) + 2U;
    }
  }

  Status OnMethod(const std::string& in, std::string& out) {
    if (in[0] != 5) return Fail(Unavailable("its answer is not SOCKS 5"));
    if (in[1] == 0) {
      SayTarget(out);
      return {};
    }
    if (in[1] != 2 || proxy_.user.empty()) {
      return Fail(Unauthenticated("it wants credentials, or a way to give them that is not known"));
    }
    const std::string& password = proxy_.password.Reveal();
    out += '\x01';
    out += static_cast<char>(proxy_.user.size());
    out += proxy_.user;
    out += static_cast<char>(password.size());
    out += password;
    step_ = Step::kLogin;
    return {};
  }

  void SayTarget(std::string& out) {
    step_ = Step::kReply;
    out.append("\x05\x01\x00", 3);
    char address[16];
    if (inet_pton(AF_INET, host_.c_str(), address) == 1) {
      out += '\x01';
      out.append(address, 4);
    } else if (inet_pton(AF_INET6, host_.c_str(), address) == 1) {
      out += '\x04';
      out.append(address, 16);
    } else {
      out += '\x03';
      out += static_cast<char>(host_.size());
      out += host_;
    }
    out += static_cast<char>(port_ >> 8);
    out += static_cast<char>(port_ & 0xff);
  }

  static std::string Reason(char code) {
    static constexpr const char* kReasons[] = {"",
                                               "general failure",
                                               "not allowed by its rules",
                                               "network unreachable",
                                               "host unreachable",
                                               "connection refused",
                                               "TTL expired",
                                               "command not supported",
                                               "address type not supported"};
    const auto i = static_cast<unsigned char>(code);
    return i < std::size(kReasons) ? kReasons[i] : "code " + std::to_string(i);
  }

  const Proxy& proxy_;
  const std::string host_;
  const std::uint16_t port_;
  Step step_ = Step::kMethod;
};

// Opens when the handshake is over; from then on it passes everything through.
class TunnelTransport final : public Transport,
                              public std::enable_shared_from_this<TunnelTransport> {
 public:
  TunnelTransport(Loop& loop, TransportPtr inner, const Proxy& proxy, const std::string& host,
                  std::uint16_t port)
      : loop_(loop),
        inner_(std::move(inner)),
        proxy_(proxy),
        target_((host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port)) {
    if (proxy.url.scheme.starts_with("socks")) {
      handshake_ = std::make_unique<SocksHandshake>(proxy_, host, port);
    } else {
      handshake_ = std::make_unique<ConnectHandshake>(proxy_, target_);
    }
  }

  void Start(TransportEvents events) override {
    events_ = std::move(events);
    const auto weak = weak_from_this();
    inner_->Start({
        .on_open =
            [weak] {
              if (auto self = weak.lock()) self->inner_->Write(self->handshake_->Begin());
            },
        .on_data =
            [weak](std::string_view data) {
              if (auto self = weak.lock()) self->OnData(data);
            },
        .on_close =
            [weak](Status why) {
              if (auto self = weak.lock()) self->OnInnerClose(std::move(why));
            },
        .on_drain =
            [weak] {
              auto self = weak.lock();
              if (self && !self->handshake_ && self->events_.on_drain) self->events_.on_drain();
            },
    });
  }

  void Write(std::string bytes) override { inner_->Write(std::move(bytes)); }
  std::size_t pending() const override { return inner_->pending(); }
  std::chrono::steady_clock::time_point last_progress() const override {
    return inner_->last_progress();
  }
  void PauseReading() override { inner_->PauseReading(); }
  void ResumeReading() override { inner_->ResumeReading(); }
  void Close() override {
    if (std::exchange(closed_, true)) return;
    inner_->Close();
    DropEvents();
  }
  void CloseAfterFlush() override {
    if (std::exchange(closed_, true)) return;
    inner_->CloseAfterFlush();
    DropEvents();
  }
  std::string peer() const override { return target_ + " through proxy " + proxy_.ToString(); }

 private:
  void OnData(std::string_view data) {
    if (closed_) return;
    if (!handshake_) return events_.on_data(data);
    received_ += data;
    std::string answer;
    const auto done = handshake_->Take(received_, answer);
    if (!done) return Refused(done.error());
    if (!answer.empty()) inner_->Write(std::move(answer));
    if (!*done) return;
    handshake_.reset();
    events_.on_open();
    const std::string rest = std::move(received_);
    if (!closed_ && !rest.empty()) events_.on_data(rest);
  }

  void OnInnerClose(Status why) {
    if (closed_) return;
    if (handshake_) {
      return Refused(why ? Unavailable("it hung up") : std::move(why.error()));
    }
    if (auto on_close = std::exchange(events_.on_close, nullptr)) on_close(std::move(why));
  }

  void Refused(Error why) {
    closed_ = true;
    inner_->Close();
    auto on_close = std::exchange(events_.on_close, nullptr);
    if (on_close) {
      on_close(Fail(Error(why.code(), "proxy " + proxy_.ToString() + " on the way to " + target_ +
                                          ": " + why.message())));
    }
    DropEvents();
  }

  // The events may be what is running: they go later.
  void DropEvents() {
    loop_.Post([self = shared_from_this()] { self->events_ = {}; });
  }

  Loop& loop_;
  TransportPtr inner_;
  const Proxy proxy_;
  const std::string target_;
  std::unique_ptr<Handshake> handshake_;  // until it is over
  TransportEvents events_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace

std::move_only_function<void()> ConnectThrough(
    Loop& loop, const Proxy& proxy, TlsContextPtr tls, const std::string& host, std::uint16_t port,
    std::move_only_function<void(Result<TransportPtr>)> done) {
  return ConnectTcp(
      loop, proxy.url.host, proxy.port(),
      [&loop, proxy, tls = std::move(tls), host, port,
       done = std::move(done)](Result<TransportPtr> transport) mutable {
        if (!transport) {
          return done(Fail(Error(transport.error().code(), "proxy " + proxy.ToString() + ": " +
                                                               transport.error().message())));
        }
        TransportPtr inner = std::move(*transport);
        if (proxy.url.scheme == "https") {
          inner = WrapClientTls(loop, std::move(inner), std::move(tls), proxy.url.host);
        }
        done(TransportPtr(
            std::make_shared<TunnelTransport>(loop, std::move(inner), proxy, host, port)));
      });
}

}  // namespace swell::net
