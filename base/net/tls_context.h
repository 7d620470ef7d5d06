#pragma once
// What TlsContext holds; brings in OpenSSL.

#include <openssl/ssl.h>

#include <memory>

#include "base/net/tls_transport.h"

namespace swell::net {

template <auto Free>
struct OpenSslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using OpenSslPtr = std::unique_ptr<T, OpenSslFree<Free>>;

struct TlsContext {
  OpenSslPtr<SSL_CTX, SSL_CTX_free> ctx;
  bool verify_peer = true;
};

// The first error of OpenSSL's queue in words; empties the queue.
std::string OpenSslError();

// "CN=admin,O=system:masters: valid from … until …", for messages.
CertificateInfo InfoOf(X509* certificate);
// The certificate that verification stopped at and what is wrong with it, in words.
std::string DescribeVerification(X509* certificate, int error, const std::string& wanted_host);

}  // namespace swell::net
