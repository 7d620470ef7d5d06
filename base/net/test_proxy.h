#pragma once
// For tests: a proxy (HTTP CONNECT or SOCKS 5, over TCP or TLS) that remembers what it was told.

#include <mutex>
#include <string>
#include <vector>

#include "base/net/tls_transport.h"
#include "base/net/transport.h"

namespace swell::net::testing {

class TestProxy {
 public:
  enum class Kind { kHttp, kSocks };
  struct Options {
    Kind kind = Kind::kHttp;
    std::optional<TlsServerConfig> tls;
    std::string answer;                      // instead of the way to the server; "" = the way
    std::string socks_user, socks_password;  // wanted, if not empty
  };
  TestProxy(Loop& loop, Options options) : loop_(loop), options_(std::move(options)) {
    if (options_.tls) context_ = *MakeServerContext(*options_.tls);
    loop_.Run([this] {
      listener_ = *Listener::Listen(
          loop_, "127.0.0.1", 0, [this](TransportPtr transport) { Accept(std::move(transport)); });
    });
  }
  ~TestProxy() {
    loop_.Run([this] {
      listener_->Close();
      listener_.reset();
      for (const auto& pair : pairs_) {
        pair->client->Close();
        if (pair->server) pair->server->Close();
      }
    });
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(listener_->port()); }
  // The heads of CONNECT requests, or "host:port" as SOCKS clients asked for it.
  std::vector<std::string> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  struct Pair {
    TransportPtr client;
    TransportPtr server;
    std::string received;
    int step = 0;
    bool open = false;
  };
  using PairPtr = std::shared_ptr<Pair>;

  void Accept(TransportPtr transport) {
    if (context_) transport = WrapServerTls(loop_, std::move(transport), context_);
    auto pair = std::make_shared<Pair>();
    pair->client = std::move(transport);
    pairs_.push_back(pair);
    pair->client->Start({.on_open = [] {},
                         .on_data = [this, pair](std::string_view data) { OnData(pair, data); },
                         .on_close =
                             [pair](Status) {
                               if (pair->server) pair->server->Close();
                             },
                         .on_drain = nullptr});
  }

  void OnData(const PairPtr& pair, std::string_view data) {
    if (pair->open) return pair->server->Write(std::string(data));
    pair->received += data;
    if (options_.kind == Kind::kHttp) {
      if (pair->received.contains("\r\n\r\n")) OnConnect(pair);
    } else {
      OnSocks(pair);
    }
  }

  void OnConnect(const PairPtr& pair) {
    Remember(pair->received);
    if (!options_.answer.empty()) return pair->client->Write(options_.answer);
    const std::string target = pair->received.substr(8, pair->received.find(' ', 8) - 8);
    const auto colon = target.rfind(':');
    std::string host = target.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    Open(pair, host, std::stoi(target.substr(colon + 1)),
         "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
  }

  void OnSocks(const PairPtr& pair) {
    std::string& in = pair->received;
    if (!options_.answer.empty()) return pair->client->Write(options_.answer);
    if (pair->step == 0 && in.size() >= 2 && in.size() >= 2U + static_cast<unsigned char>(in[1])) {
      in.erase(0, 2U + static_cast<unsigned char>(in[1]));
      pair->client->Write(std::string(options_.socks_user.empty() ? "\x05\x00" : "\x05\x02", 2));
      pair->step = options_.socks_user.empty() ? 2 : 1;
      return;
    }
    if (pair->step == 1) {
      const std::string want = std::string("\x01") + static_cast<char>(options_.socks_user.size()) +
                               options_.socks_user +
                               static_cast<char>(options_.socks_password.size()) +
                               options_.socks_password;
      if (in.size() < want.size()) return;
      pair->client->Write(std::string(in == want ? std::string("\x01\x00", 2) : "\x01\x01"));
      in.clear();
      pair->step = 2;
      return;
    }
    if (in.size() < 5) return;
    const auto port_at = [&](std::size_t i) {
      return static_cast<unsigned char>(in[i]) * 256 + static_cast<unsigned char>(in[i + 1]);
    };
    // A name, or an IPv4 address: the tests use no other.
    std::string host;
    std::size_t at = 4;
    if (in[3] == 3) {
      const auto size = static_cast<unsigned char>(in[4]);
      host = in.substr(5, size);
      at = 5U + size;
    } else {
      for (int i = 0; i < 4; ++i) {
        host += (i ? "." : "") + std::to_string(static_cast<unsigned char>(in[at++]));
      }
    }
    const int port = port_at(at);
    Remember(host + ":" + std::to_string(port));
    Open(pair, host == "server.test" ? "127.0.0.1" : host, port,
         std::string("\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10));
  }

  void Remember(std::string what) {
    std::lock_guard lock(mutex_);
    asked_.push_back(std::move(what));
  }

  void Open(const PairPtr& pair, const std::string& host, int port, std::string greeting) {
    ConnectTcp(
        loop_, host == "server.test" ? "127.0.0.1" : host, static_cast<std::uint16_t>(port),
        [pair, greeting](Result<TransportPtr> transport) {
          if (!transport) return pair->client->Close();
          pair->server = std::move(*transport);
          pair->server->Start(
              {.on_open =
                   [pair, greeting] {
                     pair->open = true;
                     pair->client->Write(greeting);
                   },
               .on_data = [pair](std::string_view data) { pair->client->Write(std::string(data)); },
               .on_close = [pair](Status) { pair->client->Close(); },
               .on_drain = nullptr});
        });
  }

  Loop& loop_;
  const Options options_;
  TlsContextPtr context_;
  std::shared_ptr<Listener> listener_;
  std::vector<PairPtr> pairs_;
  std::mutex mutex_;
  std::vector<std::string> asked_;  // guarded by mutex_
};

}  // namespace swell::net::testing
