#include "reconciler/remotes/http_files.h"

#include <optional>
#include <utility>

#include "reconciler/charts/access.h"
#include "renderer/ambient/remotes.h"
#include "renderer/source/trees.h"

namespace swell::remotes {

class HttpFileSource final : public Source {
 public:
  HttpFileSource(HttpFiles& files, std::string url) : files_(files), url_(std::move(url)) {}

  std::vector<Result<Revision>> Resolve(const std::vector<std::string>& refs) override {
    const Status fetched = files_.Fetch(url_, last_);
    std::vector<Result<Revision>> out;
    for (const std::string& ref : refs) {
      if (!fetched) {
        out.push_back(Fail(fetched.error()));
        continue;
      }
      Revision revision;
      revision.repository = url_;
      revision.ref = ref;
      revision.commit = last_.content.Hex();
      out.push_back(std::move(revision));
    }
    return out;
  }

  Result<FileTreePtr> Tree(const std::string& commit) override {
    const Digest digest = TRY(Digest::Parse(commit));
    const std::string shown = fetch::ShowUrl(url_);
    if (!files_.cache_.HasArchive(digest)) {
      return Fail(Unavailable(shown + ": its content " + digest.Short() +
                              " is not in the cache any more; it is fetched again at the next "
                              "poll"));
    }
    const OverlayFile file{
        .content_id = "sha256:" + digest.Hex(),
        .size = 0,
        .read = [&cache = files_.cache_, digest] { return cache.Archive(digest); }};
    return OverlayTree(MakeMemoryTree({}, shown), {{kRemoteFile, file}});
  }

 private:
  HttpFiles& files_;
  const std::string url_;
  HttpFiles::Last last_;
};

HttpFiles::HttpFiles(std::string cache_folder, const FileLimits& limits)
    : limits_(limits), cache_(std::move(cache_folder), limits.max_cache_bytes) {}

void HttpFiles::SetRepositories(std::vector<Repository> repositories) {
  const std::lock_guard lock(mutex_);
  repositories_ = std::move(repositories);
}

std::unique_ptr<Source> HttpFiles::Open(const std::string& url) {
  return std::make_unique<HttpFileSource>(*this, url);
}

bool IsWebPage(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return start != text.npos && text[start] == '<';
}

Status HttpFiles::Fetch(const std::string& url, Last& last) {
  std::optional<Repository> found;
  {
    const std::lock_guard lock(mutex_);
    if (const Repository* repository = CredentialsFor(repositories_, url)) found = *repository;
  }
  const charts::Access access = TRY(charts::AccessOf(found ? &*found : nullptr));
  fetch::HttpRequest request;
  request.url = url;
  request.authorization = charts::BasicAuthorization(access);
  request.ca_file = access.ca_file;
  request.encoding = fetch::Encoding::kGzip;
  request.max_bytes = limits_.max_file_bytes;
  request.budget = "max_file_bytes";
  const bool known = !last.content.empty() && cache_.HasArchive(last.content);
  if (known && !last.etag.empty()) request.headers.Add("If-None-Match", last.etag);
  if (known && !last.last_modified.empty()) {
    request.headers.Add("If-Modified-Since", last.last_modified);
  }
  const fetch::HttpResponse response =
      TRY(http_.Get(std::move(request), Deadline::After(limits_.timeout)));
  if (response.status == 304 && known) return {};
  const std::string shown = fetch::ShowUrl(url);
  if (response.status == 401 || response.status == 403) {
    return Fail(charts::Rejected(response, shown, access));
  }
  if (response.status == 404 || response.status == 410) {
    return Fail(NotFound(shown + " answers " + std::to_string(response.status)));
  }
  if (response.status < 200 || response.status > 299) {
    return Fail(Unavailable(shown + " answers " + std::to_string(response.status)));
  }
  const Digest content = Digest::Of(response.body);
  TRY(cache_.PutArchive(content, response.body));
  last = {std::string(response.headers.Get("etag")),
          std::string(response.headers.Get("last-modified")), content};
  return {};
}

}  // namespace swell::remotes
