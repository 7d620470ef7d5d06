#include "renderer/kustomize/git_url.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/core/strings.h"

namespace swell::kustomize {
namespace {

constexpr std::string_view kFileScheme = "file://";
constexpr std::string_view kSshScheme = "ssh://";
constexpr std::string_view kHttpsScheme = "https://";
constexpr std::string_view kHttpScheme = "http://";

Error NoUrl(std::string message) { return InvalidArgument(std::move(message)); }

bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Cuts the prefix off, whatever its case.
bool TrimPrefix(std::string_view& text, std::string_view prefix) {
  if (ToLower(text.substr(0, prefix.size())) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// As Go's url.QueryUnescape; nullopt for a broken escape.
std::optional<std::string> QueryUnescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

struct Query {
  std::string ref, version, timeout, submodules;
};

// As Go's url.ParseQuery and Values.Get: the first of each; nullopt where anything is malformed.
std::optional<Query> ParseQuery(std::string_view text) {
  Query out;
  const std::pair<std::string_view, std::string*> known[] = {{"ref", &out.ref},
                                                             {"version", &out.version},
                                                             {"timeout", &out.timeout},
                                                             {"submodules", &out.submodules}};
  std::string seen;  // one character a known key
  for (const std::string_view pair : Split(text, '&')) {
    if (pair.contains(';')) return std::nullopt;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto key = QueryUnescape(pair.substr(0, equals));
    auto value = QueryUnescape(pair.substr(std::min(equals + 1, pair.size())));
    if (!key || !value) return std::nullopt;
    for (const auto& [name, to] : known) {
      if (*key != name || seen.contains(name[0])) continue;
      seen += name[0];
      *to = std::move(*value);
      break;
    }
  }
  return out;
}

std::optional<bool> ParseBool(std::string_view text) {
  constexpr std::string_view kTrue[] = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::string_view kFalse[] = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != std::end(kTrue)) return true;
  if (std::ranges::find(kFalse, text) != std::end(kFalse)) return false;
  return std::nullopt;
}

void ReadQuery(std::string_view text, GitUrl& url) {
  const std::optional<Query> query = ParseQuery(text);
  if (!query) return;
  url.ref = query->ref.empty() ? query->version : query->ref;
  int seconds = 0;
  const char* end = query->timeout.data() + query->timeout.size();
  const auto [stop, error] = std::from_chars(query->timeout.data(), end, seconds);
  if (error == std::errc{} && stop == end && seconds > 0) {
    url.timeout = std::chrono::seconds(seconds);
  } else if (const auto duration = ParseDuration(query->timeout);
             duration && *duration > Duration::zero()) {
    url.timeout = *duration;
  }
  url.submodules = ParseBool(query->submodules).value_or(url.submodules);
}

std::string_view TakeScheme(std::string_view& text) {
  for (std::string_view scheme : {kSshScheme, kHttpsScheme, kHttpScheme, kFileScheme}) {
    if (TrimPrefix(text, scheme)) return scheme;
  }
  return "";
}

// "git@", "org-12345@"; "" where there is none.
std::string_view TakeUser(std::string_view& text) {
  if (text.empty() || !IsAlpha(text[0])) return "";
  std::size_t end = 1;
  while (end < text.size() && (IsAlpha(text[end]) || IsDigit(text[end]) || text[end] == '-')) ++end;
  if (end == text.size() || text[end] != '@') return "";
  const std::string_view user = text.substr(0, end + 1);
  text.remove_prefix(end + 1);
  return user;
}

// Where the host ends; npos: nowhere. With scp's style a colon may stand there.
std::size_t HostEnd(std::string_view text, bool scp) {
  const std::size_t slash = text.find('/');
  if (!scp) return slash;
  const std::size_t colon = text.find(':');
  const bool before = colon != text.npos && colon > 0 && colon < slash;
  return slash == text.npos || before ? colon : slash;
}

// Cuts the host off `text`.
Result<std::string> TakeHost(std::string_view& text) {
  TrimPrefix(text, "git::");
  const std::string_view scheme = TakeScheme(text);
  std::string_view after_user = text;
  const std::string_view user = TakeUser(after_user);
  if (scheme == kFileScheme) return std::string(scheme);  // what looks like a user is a path
  text = after_user;
  const std::string start = ToLower(text.substr(0, 11));
  const bool github = start == "github.com/" || start == "github.com:";
  const bool scp = scheme.empty() && (!user.empty() || github);
  if (scheme.empty() && !scp) return Fail(NoUrl("failed to parse scheme"));
  const std::size_t end = HostEnd(text, scp);
  std::string host(text.substr(0, end == text.npos ? end : end + 1));
  text.remove_prefix(host.size());
  if (github) {
    const bool ssh = scheme == kSshScheme || !user.empty();
    return ssh ? std::string(user) + "github.com:" : std::string("https://github.com/");
  }
  if (host.empty()) return Fail(NoUrl("failed to parse host segment"));
  return std::string(scheme) + std::string(user) + host;
}

bool SplitAtMarker(std::string_view path, GitUrl& url) {
  constexpr std::string_view kRoot = "_git/", kSuffix = ".git";
  if (const std::size_t at = path.find(kRoot); at != path.npos) {
    const std::size_t end = std::min(path.find('/', at + kRoot.size()), path.size());
    url.repo_path = path.substr(0, end);
    url.folder = path.substr(std::min(end + 1, path.size()));
    return true;
  }
  if (const std::size_t at = path.find("//"); at != path.npos) {
    url.repo_path = path.substr(0, at);
    url.folder = path.substr(at + 2);
    return true;
  }
  if (const std::size_t at = path.find(kSuffix); at != path.npos) {
    url.repo_path = path.substr(0, at + kSuffix.size());
    url.folder = path.substr(at + kSuffix.size());
    return true;
  }
  return false;
}

// GitHub's form: two segments are the repository.
bool SplitAfterTwo(std::string_view path, GitUrl& url) {
  const std::size_t first = path.find('/');
  if (first == path.npos) return false;
  const std::size_t second = std::min(path.find('/', first + 1), path.size());
  url.repo_path = path.substr(0, second);
  url.folder = path.substr(std::min(second + 1, path.size()));
  return true;
}

// Whether the path goes up more often than down at any point.
bool LeavesRepository(std::string_view folder) {
  int depth = 0;
  for (const std::string_view part : Split(folder, '/')) {
    if (part == "..") {
      if (--depth < 0) return true;
    } else if (!part.empty() && part != ".") {
      ++depth;
    }
  }
  return false;
}

// The host may be written in any case, and so may the scheme.
std::string WithLowerHost(std::string url) {
  const std::size_t scheme = url.find("://");
  const std::size_t from = scheme == url.npos ? 0 : scheme + 3;
  const std::size_t end =
      scheme == url.npos ? url.find_first_of(":/") : std::min(url.find('/', from), url.size());
  if (end == url.npos) return url;
  std::size_t host = url.rfind('@', end);
  host = host == url.npos || host < from ? from : host + 1;
  const std::string lower = ToLower(std::string_view(url).substr(host, end - host));
  url.replace(host, end - host, lower);
  if (scheme != url.npos) url.replace(0, scheme, ToLower(std::string_view(url).substr(0, scheme)));
  return url;
}

}  // namespace

Result<GitUrl> ParseGitUrl(std::string_view text) {
  GitUrl url;
  url.raw = text;
  if (text.starts_with('/')) return Fail(NoUrl("uri looks like abs path: " + url.raw));
  const std::size_t mark = std::min(text.find('?'), text.size());
  ReadQuery(text.substr(std::min(mark + 1, text.size())), url);
  std::string_view rest = text.substr(0, mark);
  url.host = TRY(TakeHost(rest));
  url.marked = SplitAtMarker(rest, url);
  bool split = url.marked;
  if (!split && url.host.starts_with(kFileScheme)) {
    url.repo_path = rest;
    split = true;
  }
  if (!split) split = SplitAfterTwo(rest, url);
  if (!split || url.repo_path.empty()) return Fail(NoUrl("failed to parse repo path segment"));
  if (LeavesRepository(url.folder)) {
    return Fail(NoUrl("url path exits repo: " + std::string(rest)));
  }
  if (url.folder.starts_with('/')) url.folder.erase(0, 1);
  return url;
}

RemoteName NameOf(const GitUrl& url) {
  std::string clone = WithLowerHost(url.CloneSpec());
  if (clone.starts_with(kHttpsScheme) || clone.starts_with(kHttpScheme)) {
    const std::size_t from = clone.find("://") + 3;
    // A name alone; what holds a password is not ours to take apart.
    std::string_view rest = std::string_view(clone).substr(from);
    const std::size_t user = TakeUser(rest).size();
    clone.erase(from, user);
  }
  return {.kind = RemoteName::Kind::kGit, .url = std::move(clone), .ref = url.ref};
}

bool IsHttpUrl(std::string_view text) {
  std::string_view rest = text;
  if (!TrimPrefix(rest, kHttpsScheme) && !TrimPrefix(rest, kHttpScheme)) return false;
  const bool control =
      std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  const std::string_view path = text.substr(0, text.find('?'));
  return !control && QueryUnescape(path).has_value();
}

RemoteName FileName(std::string_view url) {
  return {.kind = RemoteName::Kind::kFile, .url = WithLowerHost(std::string(url)), .ref = ""};
}

bool EndsAsFile(std::string_view url) {
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
}

}  // namespace swell::kustomize
