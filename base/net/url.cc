#include "base/net/url.h"

#include <algorithm>
#include <charconv>

#include "base/core/encoding.h"
#include "base/core/strings.h"

namespace swell::net {
namespace {

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool IsSchemeChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

bool IsHostChar(char c) { return IsUnreserved(c) || std::string_view("!$&'()*+,;=%").contains(c); }

bool IsIpv6Char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.' || c == '%' ||
         IsUnreserved(c);
}

Result<std::uint16_t> ParsePort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65535) {
    return Fail(InvalidArgument("URL: port " + Quote(text) + " is not between 1 and 65535"));
  }
  return static_cast<std::uint16_t>(port);
}

Status ParseAuthority(std::string_view authority, Url& url) {
  if (authority.contains('@')) {
    return Fail(
        InvalidArgument("URL holds credentials before '@': give them in their own fields instead"));
  }
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) {
      return Fail(InvalidArgument("URL: '[' of an IPv6 address is not closed"));
    }
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!host.contains(':')) {
      return Fail(InvalidArgument("URL: " + Quote(host) + " in brackets is no IPv6 address"));
    }
    if (!port.empty() && !port.starts_with(':')) {
      return Fail(InvalidArgument("URL: unexpected text after ']'"));
    }
  } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty()) return Fail(InvalidArgument("URL has no host"));
  url.host = ToLower(host);
  const bool ipv6 = host.contains(':');
  if (!std::ranges::all_of(url.host, ipv6 ? IsIpv6Char : IsHostChar)) {
    return Fail(InvalidArgument("URL: " + Quote(host) + " is no host name"));
  }
  if (port.size() > 1) url.port = TRY(ParsePort(port.substr(1)));
  return {};
}

// "a/./b" and "a/x/../b" as "a/b"; what would climb above the root stays there.
std::string RemoveDotSegments(std::string_view path) {
  std::vector<std::string_view> kept;
  const auto parts = Split(path.substr(1), '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const bool up = parts[i] == "..";
    if (!up && parts[i] != ".") {
      kept.push_back(parts[i]);
      continue;
    }
    if (up && !kept.empty()) kept.pop_back();
    if (last) kept.emplace_back();  // "a/.." names a folder
  }
  std::string out;
  for (const std::string_view part : kept) out.append("/").append(part);
  return out.empty() ? "/" : out;
}

bool HasScheme(std::string_view reference) {
  const auto colon = reference.find(':');
  return colon != 0 && colon != std::string_view::npos &&
         std::ranges::all_of(ToLower(reference.substr(0, colon)), IsSchemeChar);
}

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) {
      return Fail(InvalidArgument("URL holds a space or a control character"));
    }
  }
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos || scheme_end == 0) {
    return Fail(InvalidArgument("URL has no scheme: it must look like https://host/path"));
  }
  Url url;
  url.scheme = ToLower(text.substr(0, scheme_end));
  if (!std::ranges::all_of(url.scheme, IsSchemeChar)) {
    return Fail(InvalidArgument("URL: " + Quote(url.scheme) + " is no scheme"));
  }
  std::string_view rest = text.substr(scheme_end + 3);
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  TRY(ParseAuthority(rest.substr(0, authority_end), url));
  rest.remove_prefix(authority_end);
  if (const auto hash = rest.find('#'); hash != std::string_view::npos) {
    url.fragment = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  url.path = rest;
  return url;
}

Result<Url> Url::Resolve(std::string_view reference) const {
  if (reference.starts_with("//")) return Parse(scheme + ":" + std::string(reference));
  if (HasScheme(reference)) return Parse(reference);
  const std::size_t path_end = std::min(reference.find_first_of("?#"), reference.size());
  std::string to(reference.substr(0, path_end));
  std::string rest(reference.substr(path_end));
  if (to.empty()) {
    to = path;
    if (!rest.starts_with('?') && !query.empty()) rest = "?" + query + rest;
  } else {
    if (!to.starts_with('/')) to = path.substr(0, path.rfind('/') + 1) + to;
    to = RemoveDotSegments(to.starts_with('/') ? to : "/" + to);
  }
  return Parse(Origin() + to + rest);
}

std::uint16_t Url::EffectivePort() const {
  if (port != 0) return port;
  if (scheme == "https") return 443;
  if (scheme == "http") return 80;
  return 0;
}

std::string Url::Authority() const {
  std::string out = host.contains(':') ? "[" + host + "]" : host;
  const bool standard = (scheme == "https" && port == 443) || (scheme == "http" && port == 80);
  if (port != 0 && !standard) out += ":" + std::to_string(port);
  return out;
}

std::string Url::Origin() const { return scheme + "://" + Authority(); }

std::string Url::ToString() const {
  std::string out = Origin() + path;
  if (!query.empty()) out += "?" + query;
  if (!fragment.empty()) out += "#" + fragment;
  return out;
}

std::string EscapeComponent(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

Result<std::string> Unescape(std::string_view text, EscapeKind kind) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && kind == EscapeKind::kQuery) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const auto byte = HexDecode(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) {
        return Fail(InvalidArgument("broken percent escape at byte " + std::to_string(i)));
      }
      out += *byte;
      i += 2;
    }
  }
  return out;
}

std::string EncodeQuery(const Query& query) {
  std::string out;
  for (const auto& [key, value] : query) {
    if (!out.empty()) out += '&';
    out += EscapeComponent(key) + "=" + EscapeComponent(value);
  }
  return out;
}

Result<Query> ParseQuery(std::string_view query) {
  Query out;
  for (const std::string_view pair : Split(query, '&')) {
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view();
    std::string key = TRY(Unescape(pair.substr(0, equals), EscapeKind::kQuery));
    out.emplace_back(std::move(key), TRY(Unescape(value, EscapeKind::kQuery)));
  }
  return out;
}

std::string_view QueryValue(const Query& query, std::string_view key) {
  for (const auto& [name, value] : query) {
    if (name == key) return value;
  }
  return {};
}

}  // namespace swell::net
