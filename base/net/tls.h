#pragma once
// TLS settings as plain values; OpenSSL stays inside base/net.

#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/core/secret.h"

namespace swell::net {

// A client's side. The default verifies the server against the system's trust store and
// the host name of the URL.
struct TlsConfig {
  std::string ca_pem;                 // one or more certificates; "" = the system's trust store
  bool also_system_trust = false;     // besides ca_pem
  std::string client_cert_pem;        // a certificate and its chain; with client_key, or neither
  Secret client_key;                  // PEM, not encrypted
  std::string server_name;            // verified and sent as SNI instead of the URL's host
  bool insecure_skip_verify = false;  // accepts any certificate: the caller must show it
};

// A server's side.
struct TlsServerConfig {
  std::string cert_pem;  // the certificate, then its chain
  Secret key;            // PEM, not encrypted
  // Certificates that may sign clients' certificates: a client that shows none, or one of
  // another signer, is refused in the handshake. "" = no client certificates.
  std::string client_ca_pem;
};

// Says what is wrong (which field, why) without any I/O: malformed PEM, key and
// certificate that do not belong together, half a pair.
Status CheckTlsConfig(const TlsConfig& config);
Status CheckTlsConfig(const TlsServerConfig& config);

// What a certificate says of itself; of the first one of `pem`.
struct CertificateInfo {
  std::string subject;  // "CN=admin,O=system:masters" (RFC 2253), in printable ASCII
  Timestamp not_before;
  Timestamp not_after;
};
Result<CertificateInfo> ReadCertificateInfo(const std::string& pem);

}  // namespace swell::net
