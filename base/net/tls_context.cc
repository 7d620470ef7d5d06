#include "base/net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <vector>

namespace swell::net {
namespace {

using X509Ptr = OpenSslPtr<X509, X509_free>;
using BioPtr = OpenSslPtr<BIO, BIO_free>;
using KeyPtr = OpenSslPtr<EVP_PKEY, EVP_PKEY_free>;

BioPtr ReadBio(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Encrypted keys are refused: without this OpenSSL would ask on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

Error Bad(const char* field, const std::string& why) {
  return InvalidArgument(std::string("TLS: ") + field + ": " + why);
}

Result<std::vector<X509Ptr>> ReadCertificates(const std::string& pem, const char* field) {
  constexpr std::size_t kMaxBytes = 4 * 1024 * 1024;
  if (pem.size() > kMaxBytes) return Fail(Bad(field, "more than 4 MiB of certificates"));
  const BioPtr bio = ReadBio(pem);
  std::vector<X509Ptr> out;
  while (X509* cert = PEM_read_bio_X509_AUX(bio.get(), nullptr, NoPassword, nullptr)) {
    out.emplace_back(cert);
  }
  const unsigned long error = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const std::string why = OpenSslError();
  if (!at_end && !out.empty()) return Fail(Bad(field, "a certificate is malformed: " + why));
  if (out.empty()) return Fail(Bad(field, "no PEM certificate in it"));
  return out;
}

Result<KeyPtr> ReadKey(const Secret& pem, const char* field) {
  const BioPtr bio = ReadBio(pem.Reveal());
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (!key) return Fail(Bad(field, "no PEM private key in it (or it is encrypted)"));
  return key;
}

Status UsePair(SSL_CTX* ctx, const std::string& cert_pem, const Secret& key_pem,
               const char* cert_field, const char* key_field) {
  const auto chain = TRY(ReadCertificates(cert_pem, cert_field));
  const auto key = TRY(ReadKey(key_pem, key_field));
  if (SSL_CTX_use_certificate(ctx, chain[0].get()) != 1) {
    return Fail(Bad(cert_field, OpenSslError()));
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(ctx, chain[i].get()) != 1) {
      return Fail(Bad(cert_field, OpenSslError()));
    }
  }
  if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
    ERR_clear_error();
    return Fail(Bad(key_field, std::string("does not belong to ") + cert_field));
  }
  return {};
}

Status TrustOnly(SSL_CTX* ctx, const std::string& pem, const char* field) {
  X509_STORE* store = SSL_CTX_get_cert_store(ctx);
  for (const X509Ptr& cert : TRY(ReadCertificates(pem, field))) {
    if (X509_STORE_add_cert(store, cert.get()) != 1) return Fail(Bad(field, OpenSslError()));
    // A server's CA bundle may hold an intermediate alone: trusted as it stands.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  }
  return {};
}

Result<TlsContextPtr> NewContext(const SSL_METHOD* method) {
  auto context = std::make_shared<TlsContext>();
  context->ctx.reset(SSL_CTX_new(method));
  if (!context->ctx) return Fail(Internal("TLS: " + OpenSslError()));
  SSL_CTX_set_min_proto_version(context->ctx.get(), TLS1_2_VERSION);
  // Idle connections keep no 34 KB of buffers (facts: libraries 2.3).
  SSL_CTX_set_mode(context->ctx.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context->ctx.get(), SSL_OP_NO_RENEGOTIATION);
  return context;
}

int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
               unsigned in_size, void*) {
  static constexpr unsigned char kServed[] = "\x02h2\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kServed, sizeof kServed - 1, in, in_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string OpenSslError() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) return "unknown TLS error";
  const char* reason = ERR_reason_error_string(error);
  return reason ? reason : "TLS error " + std::to_string(error);
}

Result<TlsContextPtr> MakeClientContext(const TlsConfig& config, ClientProtocol protocol) {
  auto context = TRY(NewContext(TLS_client_method()));
  SSL_CTX* ctx = context->ctx.get();
  context->verify_peer = !config.insecure_skip_verify;
  SSL_CTX_set_verify(ctx, context->verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  const std::string_view offered = protocol == ClientProtocol::kHttp2 ? "\x02h2" : "\x08http/1.1";
  SSL_CTX_set_alpn_protos(ctx, reinterpret_cast<const unsigned char*>(offered.data()),
                          static_cast<unsigned>(offered.size()));
  if (!config.ca_pem.empty()) TRY(TrustOnly(ctx, config.ca_pem, "ca_pem"));
  if ((config.ca_pem.empty() || config.also_system_trust) &&
      SSL_CTX_set_default_verify_paths(ctx) != 1) {
    return Fail(Unavailable("TLS: cannot load the system's trust store: " + OpenSslError()));
  }
  if (config.client_cert_pem.empty() != config.client_key.empty()) {
    return Fail(Bad(config.client_key.empty() ? "client_key" : "client_cert_pem",
                    "missing: certificate and key go together"));
  }
  if (!config.client_cert_pem.empty()) {
    TRY(UsePair(ctx, config.client_cert_pem, config.client_key, "client_cert_pem", "client_key"));
  }
  return context;
}

Result<TlsContextPtr> MakeServerContext(const TlsServerConfig& config) {
  auto context = TRY(NewContext(TLS_server_method()));
  SSL_CTX* ctx = context->ctx.get();
  TRY(UsePair(ctx, config.cert_pem, config.key, "cert_pem", "key"));
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(ctx, SelectAlpn, nullptr);
  context->verify_peer = !config.client_ca_pem.empty();
  if (context->verify_peer) {
    TRY(TrustOnly(ctx, config.client_ca_pem, "client_ca_pem"));
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    static constexpr unsigned char kId[] = "swell";
    SSL_CTX_set_session_id_context(ctx, kId, sizeof kId - 1);
  }
  return context;
}

CertificateInfo InfoOf(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  // RFC 2253 without its UTF-8: what is not ASCII is escaped.
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  const auto time = [](const ASN1_TIME* asn1) {
    std::tm tm{};
    ASN1_TIME_to_tm(asn1, &tm);
    return Timestamp(std::chrono::seconds(timegm(&tm)));
  };
  return {.subject = std::string(data, std::min<std::size_t>(static_cast<std::size_t>(size), 300)),
          .not_before = time(X509_get0_notBefore(certificate)),
          .not_after = time(X509_get0_notAfter(certificate))};
}

namespace {

// "DNS:api.example.com, IP:10.0.0.1".
std::string NamesOf(X509* certificate) {
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  if (!names) return "no name at all";
  const BioPtr bio(BIO_new(BIO_s_mem()));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    if (i > 0) BIO_puts(bio.get(), ", ");
    GENERAL_NAME_print(bio.get(), sk_GENERAL_NAME_value(names, i));
  }
  GENERAL_NAMES_free(names);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  std::string out;
  for (const char c : std::string_view(data, static_cast<std::size_t>(size)).substr(0, 500)) {
    out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return out;
}

}  // namespace

std::string DescribeVerification(X509* certificate, int error, const std::string& wanted_host) {
  std::string out = X509_verify_cert_error_string(error);
  if (!certificate) return out;
  const CertificateInfo info = InfoOf(certificate);
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return out + " (" + info.subject + ": until " + FormatTimestamp(info.not_after) +
             "; here it is " +
             FormatTimestamp(std::chrono::floor<std::chrono::seconds>(SystemClock().Now())) + ")";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return out + " (" + info.subject + ": from " + FormatTimestamp(info.not_before) +
             "; here it is " +
             FormatTimestamp(std::chrono::floor<std::chrono::seconds>(SystemClock().Now())) + ")";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return out + " (it is for " + NamesOf(certificate) + ", not for " + wanted_host + ")";
    default:
      return out + " (" + info.subject + ")";
  }
}

Result<CertificateInfo> ReadCertificateInfo(const std::string& pem) {
  const auto certificates = TRY(ReadCertificates(pem, "certificate"));
  return InfoOf(certificates[0].get());
}

Status CheckTlsConfig(const TlsConfig& config) {
  TRY(MakeClientContext(config));
  return {};
}

Status CheckTlsConfig(const TlsServerConfig& config) {
  TRY(MakeServerContext(config));
  return {};
}

}  // namespace swell::net
