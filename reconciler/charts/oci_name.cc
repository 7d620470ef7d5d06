#include "reconciler/charts/oci_name.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/net/url.h"

namespace swell::charts {
namespace {

bool IsLowerAlnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// The distribution specification: [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool IsComponent(std::string_view text) {
  if (text.empty() || !IsLowerAlnum(text.front()) || !IsLowerAlnum(text.back())) return false;
  std::size_t at = 0;
  while (at < text.size()) {
    if (IsLowerAlnum(text[at])) {
      ++at;
      continue;
    }
    const std::size_t end =
        std::min(text.find_first_of("abcdefghijklmnopqrstuvwxyz0123456789", at), text.size());
    const std::string_view separator = text.substr(at, end - at);
    const bool dashes = separator.find_first_not_of('-') == std::string_view::npos;
    if (!dashes && separator != "." && separator != "_" && separator != "__") return false;
    at = end;
  }
  return true;
}

}  // namespace

Result<OciName> OciName::Parse(std::string_view url, std::string_view chart) {
  const auto bad = [&](const std::string& why) {
    return Fail(InvalidArgument("registry URL " + Quote(url) + ": " + why));
  };
  if (!url.starts_with("oci://")) return bad("it must begin with oci://");
  const net::Url parsed = TRY_WRAP(net::Url::Parse(url), "registry URL " + Quote(url));
  if (!parsed.query.empty() || !parsed.fragment.empty()) return bad("it has a query or fragment");
  OciName out;
  out.registry = parsed.Authority();
  std::string_view path = parsed.path;
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  out.repository = path;
  if (!chart.empty()) {
    if (!out.repository.empty()) out.repository += "/";
    out.repository += chart;
  }
  if (out.repository.empty()) return bad("it names no chart");
  for (const std::string_view component : Split(out.repository, '/')) {
    if (IsComponent(component)) continue;
    if (component.find_first_of(":@") != std::string_view::npos) {
      return bad("a tag or digest belongs in the revision");
    }
    return bad(Quote(component) + " cannot be part of a repository's name");
  }
  return out;
}

std::string_view OciName::chart() const {
  const std::string_view all = repository;
  return all.substr(all.rfind('/') + 1);
}

std::string TagOf(std::string_view version) { return ReplaceAll(version, "+", "_"); }

std::string VersionOf(std::string_view tag) { return ReplaceAll(tag, "_", "+"); }

bool IsTag(std::string_view text) {
  const auto word = [](char c) { return IsLowerAlnum(c) || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= 128 && word(text[0]) &&
         std::ranges::all_of(text, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

}  // namespace swell::charts
