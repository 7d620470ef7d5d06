// urlParse and urlJoin: Go's net/url.

#include <optional>

#include "base/core/strings.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

struct Url {
  std::string scheme;
  std::string userinfo;  // as String() prints it
  bool has_user = false;
  std::string host;
  std::string path;  // decoded
  std::string query;
  std::string opaque;
  std::string fragment;
};

int HexDigit(char c) {
  const std::size_t at = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
  return at == std::string_view::npos || (c < '0') ? -1 : static_cast<int>(at);
}

Result<std::string> Unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) {
      return Fail(InvalidArgument("invalid URL escape " + Quote(text.substr(i, 3))));
    }
    out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return out;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

std::string Escape(std::string_view text, std::string_view allowed) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c) || allowed.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

constexpr std::string_view kPathAllowed = "$&+,/:;=@";
constexpr std::string_view kFragmentAllowed = "$&+,/:;=?@!()*";
constexpr std::string_view kUserAllowed = "$&+,;=";

bool IsSchemeChar(char c, bool first) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  return !first && ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.');
}

Result<std::string_view> TakeScheme(std::string_view text, std::string& scheme) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') {
      if (i == 0) return Fail(InvalidArgument("missing protocol scheme"));
      scheme = ToLower(text.substr(0, i));
      return text.substr(i + 1);
    }
    if (!IsSchemeChar(text[i], i == 0)) break;
  }
  return text;
}

Status ParseUser(std::string_view user, Url& url) {
  const std::size_t colon = user.find(':');
  url.has_user = true;
  url.userinfo = Escape(TRY(Unescape(user.substr(0, colon))), kUserAllowed);
  if (colon != std::string_view::npos) {
    url.userinfo += ":" + Escape(TRY(Unescape(user.substr(colon + 1))), kUserAllowed);
  }
  return {};
}

Status CheckPort(std::string_view port) {
  if (port.empty()) return {};
  bool valid = port[0] == ':';
  for (const char c : port.substr(1)) valid = valid && c >= '0' && c <= '9';
  if (valid) return {};
  return Fail(InvalidArgument("invalid port " + Quote(port) + " after host"));
}

Status ParseHost(std::string_view host, Url& url) {
  if (host.starts_with('[')) {
    const std::size_t close = host.rfind(']');
    if (close == std::string_view::npos) return Fail(InvalidArgument("missing ']' in host"));
    TRY(CheckPort(host.substr(close + 1)));
  } else if (const std::size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    TRY(CheckPort(host.substr(colon)));
  }
  for (const char c : host) {
    const bool bad = static_cast<unsigned char>(c) < 0x80 && !IsUnreserved(c) &&
                     std::string_view("!$&'()*+,;=:[]<>\"%").find(c) == std::string_view::npos;
    if (bad) {
      return Fail(
          InvalidArgument("invalid character " + Quote(std::string_view(&c, 1)) + " in host name"));
    }
  }
  url.host = TRY(Unescape(host));
  return {};
}

Status ParseAuthority(std::string_view& rest, Url& url) {
  rest.remove_prefix(2);
  std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    TRY(ParseUser(authority.substr(0, at), url));
    authority.remove_prefix(at + 1);
  }
  return ParseHost(authority, url);
}

Result<Url> ParseParts(std::string_view text) {
  Url url;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return Fail(InvalidArgument("net/url: invalid control character in URL"));
    }
  }
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    url.fragment = TRY(Unescape(text.substr(hash + 1)));
    text = text.substr(0, hash);
  }
  std::string_view rest = TRY(TakeScheme(text, url.scheme));
  if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (!rest.starts_with('/')) {
    if (!url.scheme.empty()) {
      url.opaque = rest;
      return url;
    }
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment.find(':') != std::string_view::npos) {
      return Fail(InvalidArgument("first path segment in URL cannot contain colon"));
    }
  }
  if (rest.starts_with("//") && (!url.scheme.empty() || !rest.starts_with("///"))) {
    TRY(ParseAuthority(rest, url));
  }
  url.path = TRY(Unescape(rest));
  return url;
}

std::string Hostname(std::string_view host) {
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  return std::string(host.substr(0, host.rfind(':')));
}

Result<Any> UrlParse(Context&, Args args) {
  auto parsed = ParseParts(args[0].as_string());
  if (!parsed) {
    return Fail(InvalidArgument("unable to parse url: parse " + Quote(args[0].as_string()) + ": " +
                                parsed.error().message()));
  }
  Any out = Any::NewMap();
  const auto set = [&](std::string_view key, const std::string& value) {
    out.as_map()->Set(key, Any::String(value));
  };
  set("scheme", parsed->scheme);
  set("host", parsed->host);
  set("hostname", Hostname(parsed->host));
  set("path", parsed->path);
  set("query", parsed->query);
  set("opaque", parsed->opaque);
  set("fragment", parsed->fragment);
  set("userinfo", parsed->userinfo);
  return out;
}

Result<std::string> Part(const Any& map, std::string_view key) {
  const Any* value = map.as_map() == nullptr ? nullptr : map.as_map()->Find(key);
  if (value == nullptr) return std::string();
  if (value->is_string()) return value->str();
  return Fail(InvalidArgument("unable to parse " + std::string(key) +
                              " key, must be of type string, but " +
                              std::string(value->type_name()) + " found"));
}

Result<Any> UrlJoin(Context&, Args args) {
  const std::string scheme = TRY(Part(args[0], "scheme"));
  const std::string host = TRY(Part(args[0], "host"));
  const std::string path = TRY(Part(args[0], "path"));
  const std::string query = TRY(Part(args[0], "query"));
  const std::string opaque = TRY(Part(args[0], "opaque"));
  const std::string fragment = TRY(Part(args[0], "fragment"));
  const std::string userinfo = TRY(Part(args[0], "userinfo"));
  Url user;
  if (!userinfo.empty()) TRY(ParseUser(userinfo, user));
  std::string out = scheme.empty() ? "" : scheme + ":";
  if (!opaque.empty()) {
    out += opaque;
  } else {
    if (!scheme.empty() || !host.empty() || user.has_user) {
      if (!host.empty() || !path.empty() || user.has_user) out += "//";
      if (user.has_user) out += user.userinfo + "@";
      out += Escape(host, "!$&'()*+,;=:[]<>\"");
    }
    const std::string escaped = Escape(path, kPathAllowed);
    if (!escaped.empty() && escaped[0] != '/' && !host.empty()) out += '/';
    if (out.empty() && escaped.substr(0, escaped.find('/')).find(':') != std::string::npos) {
      out += "./";
    }
    out += escaped;
  }
  if (!query.empty()) out += "?" + query;
  if (!fragment.empty()) out += "#" + Escape(fragment, kFragmentAllowed);
  return Any::String(std::move(out));
}

}  // namespace

void RegisterUrls(FunctionMap& functions) {
  functions.Add("urlParse", {types::kString}, &UrlParse);
  functions.Add("urlJoin", {types::kAnyMap}, &UrlJoin);
}

}  // namespace swell::funcs
