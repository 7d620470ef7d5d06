#include "base/net/proxy.h"

#include <arpa/inet.h>

#include <array>
#include <cstdlib>

#include "base/core/strings.h"

namespace swell::net {
namespace {

// An IPv4 or IPv6 address as 16 bytes, IPv4 mapped.
using Address = std::array<unsigned char, 16>;

std::optional<Address> ParseAddress(const std::string& text) {
  Address out{};
  if (inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
  out = {};
  out[10] = out[11] = 0xff;
  if (inet_pton(AF_INET, text.c_str(), out.data() + 12) == 1) return out;
  return std::nullopt;
}

bool IsIpv4(const Address& address) {
  for (int i = 0; i < 10; ++i) {
    if (address[static_cast<std::size_t>(i)] != 0) return false;
  }
  return address[10] == 0xff && address[11] == 0xff;
}

bool IsLoopback(const Address& address) {
  if (IsIpv4(address)) return address[12] == 127;
  Address loopback{};
  loopback[15] = 1;
  return address == loopback;
}

// "10.0.0.0/8".
bool InBlock(const Address& address, std::string_view block) {
  const auto slash = block.find('/');
  if (slash == block.npos) return false;
  const auto base = ParseAddress(std::string(block.substr(0, slash)));
  if (!base || IsIpv4(*base) != IsIpv4(address)) return false;
  const std::string bits_text(block.substr(slash + 1));
  if (bits_text.empty() || bits_text.size() > 3 ||
      bits_text.find_first_not_of("0123456789") != std::string::npos) {
    return false;
  }
  std::size_t bits = static_cast<std::size_t>(std::atoi(bits_text.c_str()));
  if (IsIpv4(*base)) bits += 96;
  if (bits > 128) return false;
  for (std::size_t i = 0; i < 16 && bits > 0; ++i, bits -= std::min<std::size_t>(8, bits)) {
    const auto mask = static_cast<unsigned char>(bits >= 8 ? 0xff : 0xff << (8 - bits));
    if ((address[i] & mask) != ((*base)[i] & mask)) return false;
  }
  return true;
}

struct HostPort {
  std::string host;
  std::string port;  // "" = any
};

// "host", "host:port", "[::1]:port", "::1".
HostPort SplitHostPort(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool bracketed = text.starts_with('[');
  const bool has_port =
      colon != text.npos && (bracketed ? text[colon - 1] == ']' : text.find(':') == colon);
  std::string_view host = has_port ? text.substr(0, colon) : text;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {std::string(host), has_port ? std::string(text.substr(colon + 1)) : ""};
}

bool Matches(std::string_view entry, const std::string& host, const std::string& port,
             const std::optional<Address>& ip) {
  if (entry == "*") return true;
  if (ip && InBlock(*ip, entry)) return true;
  HostPort rule = SplitHostPort(entry);
  if (rule.host.empty() || (!rule.port.empty() && rule.port != port)) return false;
  if (const auto address = ParseAddress(rule.host)) return ip && *ip == *address;
  std::string_view name = rule.host;
  if (name.starts_with("*.")) name.remove_prefix(1);
  if (name.starts_with('.')) return host.ends_with(name);
  return host == name || host.ends_with("." + std::string(name));
}

bool Bypasses(const std::string& no_proxy, const Url& server) {
  const auto ip = ParseAddress(server.host);
  if (server.host == "localhost" || (ip && IsLoopback(*ip))) return true;
  const std::string list = ToLower(no_proxy);
  for (const std::string_view entry : Split(list, ',')) {
    const std::string_view trimmed = Trim(entry);
    if (!trimmed.empty() &&
        Matches(trimmed, server.host, std::to_string(server.EffectivePort()), ip)) {
      return true;
    }
  }
  return false;
}

std::string Variable(const char* upper, const char* lower) {
  for (const char* name : {upper, lower}) {
    const char* value = std::getenv(name);
    if (value && *value) return value;
  }
  return "";
}

}  // namespace

Result<Proxy> Proxy::Parse(std::string_view text) {
  std::string with_scheme(text);
  if (!text.contains("://")) with_scheme = "http://" + with_scheme;
  Proxy out;
  const auto authority = with_scheme.find("://") + 3;
  const auto end = std::min(with_scheme.find_first_of("/?#", authority), with_scheme.size());
  const auto at = with_scheme.substr(0, end).rfind('@');
  if (at != std::string::npos && at >= authority) {
    const std::string login = with_scheme.substr(authority, at - authority);
    with_scheme.erase(authority, at + 1 - authority);
    const auto colon = login.find(':');
    auto user = Unescape(login.substr(0, colon));
    auto password = Unescape(colon == login.npos ? "" : login.substr(colon + 1));
    if (!user || !password || user->empty()) {
      return Fail(
          InvalidArgument("the proxy's credentials are not user:password, percent-encoded"));
    }
    out.user = std::move(*user);
    out.password = Secret(std::move(*password));
  }
  out.url = TRY_WRAP(Url::Parse(with_scheme), "proxy");
  const std::string& scheme = out.url.scheme;
  if (scheme != "http" && scheme != "https" && scheme != "socks5" && scheme != "socks5h") {
    return Fail(InvalidArgument("proxy: scheme " + Quote(scheme) +
                                " is none of http, https, socks5 and socks5h"));
  }
  if ((!out.url.path.empty() && out.url.path != "/") || !out.url.query.empty()) {
    return Fail(InvalidArgument("proxy: a URL without path and query is needed"));
  }
  // RFC 1929: lengths are one byte.
  if (scheme.starts_with("socks") &&
      (out.user.size() > 255 || out.password.Reveal().size() > 255)) {
    return Fail(InvalidArgument("proxy: SOCKS credentials are at most 255 bytes long"));
  }
  return out;
}

std::uint16_t Proxy::port() const {
  if (url.port != 0) return url.port;
  return url.scheme.starts_with("socks") ? std::uint16_t{1080} : url.EffectivePort();
}

std::string Proxy::ToString() const {
  Url shown = url;
  shown.path.clear();
  return shown.ToString();
}

Secret Proxy::WithCredentials() const {
  std::string out = ToString();
  if (user.empty()) return Secret(std::move(out));
  std::string login = EscapeComponent(user);
  if (!password.empty()) login += ":" + EscapeComponent(password.Reveal());
  return Secret(out.insert(out.find("://") + 3, login + "@"));
}

ProxyEnvironment ProxyEnvironment::OfProcess() {
  return {.https_proxy = Variable("HTTPS_PROXY", "https_proxy"),
          .http_proxy = Variable("HTTP_PROXY", "http_proxy"),
          .no_proxy = Variable("NO_PROXY", "no_proxy")};
}

Result<std::optional<Proxy>> ProxyEnvironment::For(const Url& server) const {
  const bool tls = server.scheme == "https";
  const std::string& proxy = tls ? https_proxy : http_proxy;
  if (proxy.empty() || Bypasses(no_proxy, server)) return std::optional<Proxy>();
  return std::optional<Proxy>(
      TRY_WRAP(Proxy::Parse(proxy),
               tls ? "environment variable HTTPS_PROXY" : "environment variable HTTP_PROXY"));
}

}  // namespace swell::net
