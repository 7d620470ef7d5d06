#pragma once
// For tests: an HTTP/2 server without manners. It speaks frames: whatever a test tells it to
// send, also what no library would. Every request gets its turn with the test's function.

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/net/tls_transport.h"
#include "base/net/transport.h"

namespace swell::net::testing {

// One client's connection. Of the server's loop.
class RawH2Connection : public std::enable_shared_from_this<RawH2Connection> {
 public:
  using OnRequest = std::function<void(RawH2Connection&, std::uint32_t stream)>;
  enum Type : std::uint8_t {
    kData = 0,
    kHeaders = 1,
    kRstStream = 3,
    kSettings = 4,
    kPing = 6,
    kGoaway = 7,
    kContinuation = 9,
  };
  static constexpr std::uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4;

  RawH2Connection(TransportPtr transport, OnRequest on_request, std::uint32_t max_streams)
      : transport_(std::move(transport)),
        on_request_(std::move(on_request)),
        max_streams_(max_streams) {}

  void Start() {
    auto self = shared_from_this();
    transport_->Start({.on_open = [self] { self->SayHello(); },
                       .on_data = [self](std::string_view data) { self->OnData(data); },
                       .on_close = [self](Status) { self->transport_->Close(); },
                       .on_drain = nullptr});
  }

  void Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
             std::string_view payload) {
    std::string out;
    for (int shift = 16; shift >= 0; shift -= 8) {
      out += static_cast<char>(payload.size() >> shift & 0xff);
    }
    out += static_cast<char>(type);
    out += static_cast<char>(flags);
    Raw(out + Number(stream) + std::string(payload));
  }
  // `fields` without indexing and Huffman code; names in lower case.
  void Headers(std::uint32_t stream, const std::vector<std::pair<std::string, std::string>>& fields,
               std::uint8_t flags = kEndHeaders) {
    Frame(kHeaders, flags, stream, Hpack(fields));
  }
  static std::string Hpack(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string block;
    for (const auto& [name, value] : fields) {
      block += '\0';
      block += Length(name.size()) + name + Length(value.size()) + value;
    }
    return block;
  }
  void Data(std::uint32_t stream, std::string_view data, bool end = false) {
    // Frames hold 16 KiB.
    while (data.size() > 16'384) {
      Frame(kData, 0, stream, data.substr(0, 16'384));
      data.remove_prefix(16'384);
    }
    Frame(kData, end ? kEndStream : 0, stream, data);
  }
  void Answer(std::uint32_t stream, int status, std::string_view body,
              std::vector<std::pair<std::string, std::string>> fields = {}) {
    fields.insert(fields.begin(), {":status", std::to_string(status)});
    Headers(stream, fields);
    Data(stream, body, true);
  }
  void Reset(std::uint32_t stream, std::uint32_t code) {
    Frame(kRstStream, 0, stream, Number(code));
  }
  void Goaway(std::uint32_t last_stream, std::uint32_t code = 0) {
    Frame(kGoaway, 0, 0, Number(last_stream) + Number(code));
  }
  void Raw(std::string bytes) { transport_->Write(std::move(bytes)); }
  void Close() { transport_->Close(); }
  void CloseAfterFlush() { transport_->CloseAfterFlush(); }
  // Reads on, but answers nothing any more, not even PING: a frozen process.
  void Freeze() { frozen_ = true; }

 private:
  static std::string Number(std::uint32_t n) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xff);
    return out;
  }
  // HPACK's integer with a prefix of seven bits.
  static std::string Length(std::size_t n) {
    if (n < 127) return std::string(1, static_cast<char>(n));
    std::string out(1, '\x7f');
    for (n -= 127; n >= 128; n /= 128) out += static_cast<char>(n % 128 + 128);
    return out + static_cast<char>(n);
  }

  void SayHello() { Frame(kSettings, 0, 0, std::string("\x00\x03", 2) + Number(max_streams_)); }

  void OnData(std::string_view data) {
    if (frozen_) return;
    received_ += data;
    constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    if (!greeted_) {
      if (received_.size() < kPreface.size()) return;
      received_.erase(0, kPreface.size());
      greeted_ = true;
    }
    const auto byte = [&](std::size_t i) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(received_[i]));
    };
    while (received_.size() >= 9 && !frozen_) {
      const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
      if (received_.size() < 9 + size) return;
      const auto type = static_cast<std::uint8_t>(byte(3));
      const auto flags = static_cast<std::uint8_t>(byte(4));
      const std::uint32_t stream = byte(5) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
      const std::string payload = received_.substr(9, size);
      received_.erase(0, 9 + size);
      if (type == kSettings && (flags & kAck) == 0) Frame(kSettings, kAck, 0, "");
      if (type == kPing && (flags & kAck) == 0) Frame(kPing, kAck, 0, payload);
      // A request is complete at its END_STREAM.
      if ((type == kHeaders || type == kData) && (flags & kEndStream) != 0) {
        on_request_(*this, stream);
      }
    }
  }

  TransportPtr transport_;
  const OnRequest on_request_;
  const std::uint32_t max_streams_;
  std::string received_;
  bool greeted_ = false;
  bool frozen_ = false;
};

class RawH2Server {
 public:
  // `tls`: nothing = prior knowledge.
  RawH2Server(Loop& loop, RawH2Connection::OnRequest on_request, TlsContextPtr tls = nullptr,
              std::uint32_t max_streams = 100)
      : loop_(loop) {
    loop_.Run([&] {
      listener_ = *Listener::Listen(
          loop_, "127.0.0.1", 0, [this, on_request, tls, max_streams](TransportPtr transport) {
            ++connections_;
            if (tls) transport = WrapServerTls(loop_, std::move(transport), tls);
            auto connection =
                std::make_shared<RawH2Connection>(std::move(transport), on_request, max_streams);
            open_.push_back(connection);
            connection->Start();
          });
    });
  }
  ~RawH2Server() {
    loop_.Run([this] {
      listener_->Close();
      listener_.reset();
      for (const auto& connection : open_) connection->Close();
    });
  }
  std::uint16_t port() const { return listener_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  int connections() const { return connections_; }

 private:
  Loop& loop_;
  std::shared_ptr<Listener> listener_;
  std::vector<std::shared_ptr<RawH2Connection>> open_;
  std::atomic<int> connections_ = 0;
};

}  // namespace swell::net::testing
