#pragma once
// A TCP stream to a server by way of a proxy: HTTP CONNECT (over TCP or TLS) or SOCKS 5. For
// base/net's own sources.

#include "base/net/proxy.h"
#include "base/net/tls_transport.h"

namespace swell::net {

// As ConnectTcp. `tls` is what is said to an https proxy. The transport is open once the proxy
// has reached the server; a proxy that refuses closes it with kUnavailable, or
// kUnauthenticated if it wants other credentials.
std::move_only_function<void()> ConnectThrough(
    Loop& loop, const Proxy& proxy, TlsContextPtr tls, const std::string& host, std::uint16_t port,
    std::move_only_function<void(Result<TransportPtr>)> done);

}  // namespace swell::net
