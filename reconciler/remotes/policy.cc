#include "reconciler/remotes/policy.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"
#include "base/text/glob.h"
#include "reconciler/domain/source.h"

namespace swell::remotes {
namespace {

// "https", "github.com", "/org/repo": what a URL says, not decoded.
struct Parts {
  std::string scheme;
  std::string authority;
  std::string path;
};

Result<Parts> SplitUrl(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme != url.npos) {
    const std::size_t from = scheme + 3;
    const std::size_t end = std::min(url.find_first_of("/?#", from), url.size());
    return Parts{url.substr(0, scheme), url.substr(from, end - from),
                 url.substr(end, std::min(url.find_first_of("?#", end), url.size()) - end)};
  }
  // scp's form: git@host:path, or what kustomize takes for it: git@host/path
  const std::size_t end = url.find_first_of(":/");
  if (end == url.npos) return Fail(InvalidArgument("it has no path"));
  std::string path = url.substr(end + 1);
  if (!path.starts_with('/')) path.insert(0, "/");
  return Parts{"ssh", url.substr(0, end), std::move(path)};
}

bool IsHostChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool IsUserChar(char c) { return IsHostChar(c) || (c >= 'A' && c <= 'Z'); }

Status CheckAuthority(const Parts& parts) {
  std::string_view host = parts.authority;
  if (const std::size_t at = host.rfind('@'); at != host.npos) {
    if (parts.scheme != "ssh" || !std::ranges::all_of(host.substr(0, at), IsUserChar)) {
      return Fail(InvalidArgument("credentials do not belong in the URL: declare a Repository"));
    }
    host.remove_prefix(at + 1);
  }
  if (const std::size_t colon = host.rfind(':'); colon != host.npos) {
    const std::string_view port = host.substr(colon + 1);
    const bool digits = !port.empty() && port.find_first_not_of("0123456789") == port.npos;
    if (!digits) return Fail(InvalidArgument("its port is no number"));
    host = host.substr(0, colon);
  }
  if (host.empty() || !std::ranges::all_of(host, IsHostChar)) {
    return Fail(InvalidArgument("its host is no host name"));
  }
  return {};
}

// Servers and clients decode and shorten paths, and a policy must see what they see.
Status CheckPath(std::string_view path, RemoteName::Kind kind) {
  for (const char c : path) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '\\') {
      return Fail(InvalidArgument("its path holds a space, a control character or a backslash"));
    }
  }
  const std::string lower = ToLower(path);
  const std::string slashes = ReplaceAll(ReplaceAll(lower, "%2f", "/"), "%5c", "/");
  const std::string decoded = ReplaceAll(slashes, "%2e", ".");
  for (const std::string_view part : Split(decoded, '/')) {
    if (part == "." || part == "..") return Fail(InvalidArgument("its path holds . or .."));
  }
  // GitLab names files of its API with escaped slashes; in a repository's URL there are none.
  if (slashes != lower && kind == RemoteName::Kind::kGit) {
    return Fail(InvalidArgument("its path holds an escaped slash"));
  }
  return {};
}

}  // namespace

Policy PolicyFor(const std::vector<Repository>& repositories, const std::string& url) {
  Policy out{.url = url, .resource = {}, .globs = {}};
  if (const Repository* repository = CredentialsFor(repositories, url)) {
    out.resource = repository->name;
    out.globs = repository->allowed_remotes;
  }
  return out;
}

Result<std::string> PolicyUrl(const RemoteName& remote) {
  const std::string shown = "remote '" + remote.ToString() + "'";
  Parts parts = TRY_WRAP(SplitUrl(remote.url), shown);
  const bool file = remote.kind == RemoteName::Kind::kFile;
  const bool http = parts.scheme == "https" || parts.scheme == "http";
  const bool chart = remote.kind == RemoteName::Kind::kChart;
  const bool other = file ? false : chart ? parts.scheme == "oci" : parts.scheme == "ssh";
  if (!http && !other) {
    return Fail(
        Error(ErrorCode::kPermissionDenied,
              shown + ": " + parts.scheme +
                  ":// is never fetched for a kustomization; use https://, ssh:// or, for charts, "
                  "oci://"));
  }
  TRY_WRAP(CheckAuthority(parts), shown);
  TRY_WRAP(CheckPath(parts.path, remote.kind), shown);
  std::string_view path = parts.path;
  while (!file && path.ends_with('/')) path.remove_suffix(1);
  if (remote.kind == RemoteName::Kind::kGit && path.ends_with(".git")) path.remove_suffix(4);
  std::string url = parts.scheme + "://" + parts.authority + std::string(path);
  if (!remote.chart.empty()) {
    TRY_WRAP(CheckPath(remote.chart, remote.kind), shown);
    url += "/" + remote.chart;
  }
  return url;
}

bool IsAllowed(const RemoteName& remote, const Policy& policy) {
  const auto url = PolicyUrl(remote);
  return url && std::ranges::any_of(policy.globs, [&](const std::string& glob) {
           const auto matched = GlobMatch(glob, *url);
           return matched && *matched;
         });
}

Status CheckAllowed(const RemoteName& remote, const WantedRemote& wanted, const Policy& policy) {
  const std::string what = (wanted.named_by.empty() ? "" : wanted.named_by + ": ") + "'" +
                           wanted.written + "' is remote";
  const std::string url = TRY_WRAP(PolicyUrl(remote), what);
  if (IsAllowed(remote, policy)) return {};
  const std::string how = policy.resource.empty()
                              ? ", and no Repository resource allows it: declare one with url " +
                                    policy.url + " and " + Quote(url) +
                                    " in spec.kustomize.allowedRemotes"
                              : ", and Repository " + policy.resource + " does not allow it: add " +
                                    Quote(url) + " to its spec.kustomize.allowedRemotes";
  return Fail(Error(ErrorCode::kPermissionDenied, what + how));
}

}  // namespace swell::remotes
