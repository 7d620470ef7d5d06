#pragma once
// URLs: parsing, formatting, percent-encoding, query strings (RFC 3986).

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/result.h"

namespace swell::net {

struct Url {
  std::string scheme;      // lower case
  std::string host;        // lower case; IPv6 without brackets
  std::uint16_t port = 0;  // 0: the scheme's own
  std::string path;        // as written (still escaped); "" or begins with "/"
  std::string query;       // as written, without "?"
  std::string fragment;    // as written, without "#"

  // An absolute URL with a host. kInvalidArgument otherwise, and for user:password@ parts
  // (credentials have their own fields), control characters, spaces and bad ports. Messages
  // never repeat the URL's user part or query.
  static Result<Url> Parse(std::string_view text);

  // The port, or 443 for https, 80 for http, else 0.
  std::uint16_t EffectivePort() const;
  // "https://host:port", the port only where it is not the scheme's own.
  std::string Origin() const;
  // "host" or "host:port" as a Host header wants it; IPv6 in brackets.
  std::string Authority() const;
  std::string ToString() const;

  // What `reference` means on a page at this URL (RFC 3986, section 5.2): an absolute URL, or a
  // path, "//host/…", "?query" or "#fragment" relative to it. Errors as Parse.
  Result<Url> Resolve(std::string_view reference) const;

  friend bool operator==(const Url&, const Url&) = default;
};

// Escapes everything but unreserved characters: for one segment or one query value.
std::string EscapeComponent(std::string_view text);
// Undoes %XX. With kQuery, "+" is a space. kInvalidArgument on a broken escape.
enum class EscapeKind { kPath, kQuery };
Result<std::string> Unescape(std::string_view text, EscapeKind kind = EscapeKind::kPath);

using Query = std::vector<std::pair<std::string, std::string>>;
// "a=1&b=x%20y", in the order given; "" for none.
std::string EncodeQuery(const Query& query);
// Tolerates empty pairs and missing "=". kInvalidArgument on a broken escape.
Result<Query> ParseQuery(std::string_view query);
// The first value of `key`, or "".
std::string_view QueryValue(const Query& query, std::string_view key);

}  // namespace swell::net
