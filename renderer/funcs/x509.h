#pragma once
// Keys and certificates over OpenSSL, as sprig makes them with Go's crypto/x509.

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell::funcs {

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// With the exponent 65537; at least 512 bits.
Result<PrivateKey> GenerateRsaKey(int bits);
Result<PrivateKey> GenerateEcP256Key();
Result<PrivateKey> GenerateEd25519Key();
// PKCS #1 for RSA, SEC 1 for EC, PKCS #8 for the rest.
Result<std::string> KeyToPem(EVP_PKEY& key);
// Errors are sprig's: "no PEM data in input".
Result<PrivateKey> KeyFromPem(std::string_view pem);

struct CertificateRequest {
  std::string common_name;
  std::vector<std::string> ips;
  std::vector<std::string> dns_names;
  std::int64_t not_before = 0;  // seconds since the epoch
  std::int64_t days_valid = 0;
  std::string serial;  // bytes, big-endian
  bool is_ca = false;
};

// Errors are sprig's: "error parsing ip: x".
Status CheckIps(const std::vector<std::string>& ips);
// The certificate in PEM, for `key`. An empty `ca_pem` makes it self-signed (`ca_key` is then
// `key` itself).
Result<std::string> MakeCertificate(const CertificateRequest& request, EVP_PKEY& key,
                                    std::string_view ca_pem, EVP_PKEY& ca_key);
// Whether the PEM text holds a certificate. Errors are sprig's.
Status CheckCertificate(std::string_view pem);

}  // namespace swell::funcs
