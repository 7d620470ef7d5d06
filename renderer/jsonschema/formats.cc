#include <arpa/inet.h>

#include <algorithm>

#include "base/core/strings.h"
#include "renderer/jsonschema/compiled.h"

namespace swell::jsonschema {
namespace {

bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int Number(std::string_view digits) {
  int n = 0;
  for (char c : digits) n = n * 10 + (c - '0');
  return n;
}

std::string Ipv4(std::string_view text) {
  const auto parts = Split(text, '.');
  if (parts.size() != 4) return "expected four decimals";
  for (std::string_view part : parts) {
    if (!IsDigits(part) || part.size() > 3 || Number(part) > 255) return "must be in 0 to 255";
    if (part.size() > 1 && part[0] == '0') return "leading zeros";
  }
  return "";
}

std::string Ipv6(std::string_view text) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1 ? "" : "invalid ipv6";
}

std::string Hostname(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return "must be 1 to 253 characters long";
  for (std::string_view label : Split(text, '.')) {
    if (label.empty() || label.size() > 63) return "label must be 1 to 63 characters long";
    if (label.front() == '-' || label.back() == '-') return "label starts or ends with hyphen";
    for (char c : label) {
      const bool ok =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
      if (!ok) return "invalid character in label";
    }
  }
  return "";
}

std::string Email(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return "missing @";
  if (at == 0 || at > 64) return "local part must be 1 to 64 characters long";
  return Hostname(text.substr(at + 1));
}

std::string Date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return "must be YYYY-MM-DD";
  const std::string_view year = text.substr(0, 4);
  const std::string_view month = text.substr(5, 2);
  const std::string_view day = text.substr(8, 2);
  if (!IsDigits(year) || !IsDigits(month) || !IsDigits(day)) return "must be YYYY-MM-DD";
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int y = Number(year);
  const int m = Number(month);
  if (m < 1 || m > 12) return "month out of range";
  const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  const int last = kDays[m - 1] + (m == 2 && leap ? 1 : 0);
  return Number(day) >= 1 && Number(day) <= last ? "" : "day out of range";
}

std::string Time(std::string_view text) {
  if (text.size() < 9 || text[2] != ':' || text[5] != ':') return "must be HH:MM:SS with a zone";
  for (std::size_t at : {0u, 3u, 6u}) {
    if (!IsDigits(text.substr(at, 2))) return "must be HH:MM:SS with a zone";
  }
  if (Number(text.substr(0, 2)) > 23 || Number(text.substr(3, 2)) > 59 ||
      Number(text.substr(6, 2)) > 60) {
    return "out of range";
  }
  std::string_view rest = text.substr(8);
  if (rest.starts_with('.')) {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos) return "bad fraction or no zone";
    rest.remove_prefix(end);
  }
  if (rest == "Z" || rest == "z") return "";
  const bool offset = rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':' &&
                      IsDigits(rest.substr(1, 2)) && IsDigits(rest.substr(4, 2));
  return offset ? "" : "bad zone";
}

std::string DateTime(std::string_view text) {
  if (text.size() < 12 || (text[10] != 'T' && text[10] != 't')) return "must be DATE'T'TIME";
  std::string date = Date(text.substr(0, 10));
  return date.empty() ? Time(text.substr(11)) : date;
}

std::string Uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return "relative url";
  for (char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == '<' || c == '>' || c == '"') {
      return "invalid character in url";
    }
  }
  return "";
}

std::string Regex(std::string_view text) {
  auto compiled = Pattern::Compile(text);
  return compiled ? "" : compiled.error().message();
}

}  // namespace

std::string FormatViolation(std::string_view format, std::string_view text) {
  if (format == "ipv4") return Ipv4(text);
  if (format == "ipv6") return Ipv6(text);
  if (format == "hostname") return Hostname(text);
  if (format == "email") return Email(text);
  if (format == "date") return Date(text);
  if (format == "time") return Time(text);
  if (format == "date-time") return DateTime(text);
  if (format == "uri") return Uri(text);
  if (format == "regex") return Regex(text);
  return "";
}

}  // namespace swell::jsonschema
