#include "base/net/tls_transport.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/net/tls_context.h"

namespace swell::net {
namespace {

bool IsIpAddress(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

class TlsTransport final : public Transport, public std::enable_shared_from_this<TlsTransport> {
 public:
  TlsTransport(Loop& loop, TransportPtr inner, TlsContextPtr context)
      : loop_(loop),
        inner_(std::move(inner)),
        context_(std::move(context)),
        ssl_(SSL_new(context_->ctx.get())),
        in_(BIO_new(BIO_s_mem())),
        out_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(ssl_.get(), in_, out_);
  }

  void UseAsClient(const std::string& host) {
    host_ = host;
    SSL_set_connect_state(ssl_.get());
    SSL_set_app_data(ssl_.get(), this);
    if (context_->verify_peer) SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, OnVerified);
    X509_VERIFY_PARAM* param = SSL_get0_param(ssl_.get());
    if (IsIpAddress(host)) {
      X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str());
    } else {
      SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
      X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size());
    }
  }
  void UseAsServer() { SSL_set_accept_state(ssl_.get()); }

  void Start(TransportEvents events) override {
    events_ = std::move(events);
    auto weak = weak_from_this();
    inner_->Start({
        .on_open =
            [weak] {
              if (auto self = weak.lock()) self->Pump();
            },
        .on_data =
            [weak](std::string_view data) {
              if (auto self = weak.lock()) self->OnCipher(data);
            },
        .on_close =
            [weak](Status why) {
              if (auto self = weak.lock()) self->OnInnerClose(std::move(why));
            },
        .on_drain =
            [weak] {
              auto self = weak.lock();
              if (self && self->open_ && self->events_.on_drain) self->events_.on_drain();
            },
    });
  }

  void Write(std::string bytes) override {
    if (closed_ || bytes.empty()) return;
    ERR_clear_error();
    std::size_t written = 0;
    // Into memory: takes everything, or the session is broken, which reading then tells.
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1) ERR_clear_error();
    SendCipher();
  }

  std::size_t pending() const override { return inner_->pending(); }
  std::chrono::steady_clock::time_point last_progress() const override {
    return inner_->last_progress();
  }
  void PauseReading() override {
    paused_ = true;
    inner_->PauseReading();
  }
  void ResumeReading() override {
    if (!std::exchange(paused_, false)) return;
    inner_->ResumeReading();
    loop_.Post([self = shared_from_this()] { self->Pump(); });
  }

  void Close() override {
    if (std::exchange(closed_, true)) return;
    inner_->Close();
    loop_.Post([self = shared_from_this()] { self->events_ = {}; });
  }

  void CloseAfterFlush() override {
    if (std::exchange(closed_, true)) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    SendCipher();
    inner_->CloseAfterFlush();
    loop_.Post([self = shared_from_this()] { self->events_ = {}; });
  }

  std::string peer() const override { return inner_->peer(); }

  std::string alpn() const override {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return std::string(reinterpret_cast<const char*>(name), size);
  }

  std::string peer_subject() const override {
    X509* cert = SSL_get0_peer_certificate(ssl_.get());
    if (!cert || !context_->verify_peer) return {};
    const OpenSslPtr<BIO, BIO_free> bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), X509_get_subject_name(cert), 0, XN_FLAG_RFC2253);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  }

 private:
  void SendCipher() {
    char* data = nullptr;
    const long size = BIO_get_mem_data(out_, &data);
    if (size <= 0) return;
    inner_->Write(std::string(data, static_cast<std::size_t>(size)));
    (void)BIO_reset(out_);
  }

  void OnCipher(std::string_view data) {
    if (closed_) return;
    BIO_write(in_, data.data(), static_cast<int>(data.size()));
    Pump();
  }

  // As far as the bytes at hand go: the handshake, then application data.
  void Pump() {
    if (closed_) return;
    if (!open_ && !Handshake()) return;
    while (!closed_ && !paused_) {
      char buffer[16 * 1024];
      std::size_t size = 0;
      ERR_clear_error();
      if (SSL_read_ex(ssl_.get(), buffer, sizeof buffer, &size) != 1) {
        OnNoData();
        return;
      }
      events_.on_data(std::string_view(buffer, size));
    }
  }

  bool Handshake() {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    const int error = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), done);
    SendCipher();  // also an alert that says what is wrong
    if (error == SSL_ERROR_WANT_READ) return false;
    if (error != SSL_ERROR_NONE) {
      End(Fail(HandshakeError()));
      return false;
    }
    open_ = true;
    events_.on_open();
    return !closed_;
  }

  Error HandshakeError() {
    const long verified = SSL_get_verify_result(ssl_.get());
    const std::string where = "TLS handshake with " + peer() + ": ";
    if (!SSL_is_server(ssl_.get()) && context_->verify_peer && verified != X509_V_OK) {
      ERR_clear_error();
      return Error(
          ErrorCode::kUnauthenticated,
          where + "the certificate is not trusted: " +
              (verification_.empty() ? X509_verify_cert_error_string(verified) : verification_));
    }
    return Unavailable(where + OpenSslError());
  }

  // Keeps what is wrong while the certificate is at hand; decides nothing.
  static int OnVerified(int good, X509_STORE_CTX* store) {
    if (good == 1) return good;
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* self = static_cast<TlsTransport*>(SSL_get_app_data(ssl));
    self->verification_ = DescribeVerification(X509_STORE_CTX_get_current_cert(store),
                                               X509_STORE_CTX_get_error(store), self->host_);
    return good;
  }

  void OnNoData() {
    const int error = SSL_get_error(ssl_.get(), 0);
    SendCipher();
    if (error == SSL_ERROR_WANT_READ) return;
    if (error == SSL_ERROR_ZERO_RETURN) return TellClosed({});
    const std::string why = OpenSslError();
    End(Fail(Unavailable("TLS with " + peer() + ": " + why)));
  }

  void OnInnerClose(Status why) {
    if (closed_) return;
    if (!open_ && why) {
      return End(Fail(Unavailable("TLS handshake with " + peer() + ": the other side hung up")));
    }
    if (!why) return End(std::move(why));
    TellClosed({});
  }

  void TellClosed(Status why) {
    auto on_close = std::exchange(events_.on_close, nullptr);
    if (on_close) on_close(std::move(why));
  }

  // A broken stream: gone once the alert, if there is one, is out.
  void End(Status why) {
    if (std::exchange(closed_, true)) return;
    inner_->CloseAfterFlush();
    TellClosed(std::move(why));
    loop_.Post([self = shared_from_this()] { self->events_ = {}; });
  }

  Loop& loop_;
  TransportPtr inner_;
  TlsContextPtr context_;
  OpenSslPtr<SSL, SSL_free> ssl_;
  BIO* in_;   // owned by ssl_
  BIO* out_;  // owned by ssl_
  TransportEvents events_;
  std::string host_;          // that a client wants
  std::string verification_;  // what is wrong with the server's certificate
  bool open_ = false;
  bool paused_ = false;
  bool closed_ = false;
};

}  // namespace

TransportPtr WrapClientTls(Loop& loop, TransportPtr inner, TlsContextPtr context,
                           const std::string& host) {
  auto tls = std::make_shared<TlsTransport>(loop, std::move(inner), std::move(context));
  tls->UseAsClient(host);
  return tls;
}

TransportPtr WrapServerTls(Loop& loop, TransportPtr inner, TlsContextPtr context) {
  auto tls = std::make_shared<TlsTransport>(loop, std::move(inner), std::move(context));
  tls->UseAsServer();
  return tls;
}

}  // namespace swell::net
