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

}  // namespace swell::net
