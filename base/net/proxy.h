#pragma once
// Proxies: which one leads to a server, and who we are there.

#include <optional>
#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/core/secret.h"
#include "base/net/url.h"

namespace swell::net {

struct Proxy {
  Url url;           // scheme http, https, socks5 or socks5h (names are always resolved there)
  std::string user;  // "" = none
  Secret password;

  // "http://user:password@proxy:3128", the credentials percent-encoded. A text without a scheme
  // is an http proxy's host and port. Errors never repeat the text.
  static Result<Proxy> Parse(std::string_view text);
  std::uint16_t port() const;    // the scheme's own where the URL has none
  std::string ToString() const;  // without the credentials
  Secret WithCredentials() const;
  friend bool operator==(const Proxy&, const Proxy&) = default;
};

// HTTPS_PROXY, HTTP_PROXY and NO_PROXY (or their lower-case names), with the rules of Go's
// httpproxy, which kubectl follows: NO_PROXY is "*" or a list, by commas, of host names (which
// match subdomains too; with a leading dot subdomains alone), IP addresses and CIDR blocks, each
// perhaps with a port; localhost and loopback addresses never go through a proxy.
struct ProxyEnvironment {
  std::string https_proxy;
  std::string http_proxy;
  std::string no_proxy;

  static ProxyEnvironment OfProcess();
  // What leads to `server` (http or https); nothing where it is reached directly.
  // kInvalidArgument names the variable at fault.
  Result<std::optional<Proxy>> For(const Url& server) const;
};

}  // namespace swell::net
