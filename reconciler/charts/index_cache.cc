#include "reconciler/charts/index_cache.h"

#include "base/core/strings.h"
#include "base/net/url.h"

namespace swell::charts {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxIndexes = 64;

}  // namespace

Result<std::string> ResolveInRepository(const std::string& repository,
                                        const std::string& reference) {
  if (reference.find("://") != std::string::npos) return reference;
  net::Url base = TRY_WRAP(net::Url::Parse(repository), "chart repository");
  if (!base.path.ends_with('/')) base.path += '/';
  net::Url out = TRY_WRAP(base.Resolve(reference), "the URL " + Quote(reference));
  out.query = base.query;
  return out.ToString();
}

std::shared_ptr<IndexCache::Entry> IndexCache::Find(const Digest& key) {
  const std::lock_guard lock(mutex_);
  // More repositories than this are rare; they then cost a transfer each.
  if (entries_.size() >= kMaxIndexes && !entries_.contains(key)) entries_.clear();
  auto& entry = entries_[key];
  if (!entry) entry = std::make_shared<Entry>();
  return entry;
}

Result<std::shared_ptr<const Index>> IndexCache::Get(const std::string& repository,
                                                     const Access& access, Deadline deadline) {
  // What one may read another must not see.
  const Digest key =
      Hasher().Add(repository).Add(access.username).Add(access.password.Reveal()).Finish();
  const std::shared_ptr<Entry> entry = Find(key);
  const std::unique_lock lock(entry->mutex, deadline.at());
  if (!lock) {
    return Fail(Error(ErrorCode::kDeadlineExceeded,
                      "its index, which another chart asked for, did not come in time")
                    .Wrap("chart repository " + repository));
  }
  if (steady_clock::now() - entry->checked >= limits_.reuse || (entry->last && !entry->index)) {
    entry->last = Refresh(*entry, repository, access, deadline);
    entry->checked = steady_clock::now();
  }
  if (!entry->last) return Fail(Error(entry->last.error()).Wrap("chart repository " + repository));
  return entry->index;
}

Status IndexCache::Refresh(Entry& entry, const std::string& repository, const Access& access,
                           Deadline deadline) {
  fetch::HttpRequest request;
  request.url = TRY(ResolveInRepository(repository, "index.yaml"));
  request.authorization = BasicAuthorization(access);
  request.ca_file = access.ca_file;
  request.encoding = fetch::Encoding::kGzip;
  request.max_bytes = limits_.max_bytes;
  request.budget = "max_index_bytes";
  if (entry.index) {
    if (!entry.etag.empty()) request.headers.Add("If-None-Match", entry.etag);
    if (!entry.last_modified.empty()) {
      request.headers.Add("If-Modified-Since", entry.last_modified);
    }
  }
  const std::string url = fetch::ShowUrl(request.url);
  const fetch::HttpResponse response = TRY(http_.Get(std::move(request), deadline));
  if (response.status == 304 && entry.index) return {};
  if (response.status == 401 || response.status == 403) {
    return Fail(Rejected(response, url, access));
  }
  if (response.status == 404) return Fail(NotFound(url + " is not there"));
  if (response.status != 200) {
    return Fail(Unavailable(url + " answers " + std::to_string(response.status)));
  }
  entry.index = std::make_shared<const Index>(TRY(ParseIndex(response.body, url)));
  entry.etag = response.headers.Get("etag");
  entry.last_modified = response.headers.Get("last-modified");
  return {};
}

}  // namespace swell::charts
