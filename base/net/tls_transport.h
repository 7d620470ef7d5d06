#pragma once
// TLS over another transport, through memory buffers: no I/O in here. For base/net's own
// sources.

#include "base/net/tls.h"
#include "base/net/transport.h"

namespace swell::net {

// Certificates and settings, loaded once and shared by connections.
struct TlsContext;
using TlsContextPtr = std::shared_ptr<TlsContext>;

// Offers h2 alone, or http/1.1 alone (to proxies). kInvalidArgument names the field at fault.
enum class ClientProtocol { kHttp2, kHttp11 };
Result<TlsContextPtr> MakeClientContext(const TlsConfig& config,
                                        ClientProtocol protocol = ClientProtocol::kHttp2);
// Takes h2, else http/1.1.
Result<TlsContextPtr> MakeServerContext(const TlsServerConfig& config);

// `host` is verified and sent as SNI. A certificate that does not verify ends the stream
// with kUnauthenticated.
TransportPtr WrapClientTls(Loop& loop, TransportPtr inner, TlsContextPtr context,
                           const std::string& host);
TransportPtr WrapServerTls(Loop& loop, TransportPtr inner, TlsContextPtr context);

}  // namespace swell::net
