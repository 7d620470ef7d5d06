#pragma once
// Files over https that kustomizations name: fetched, bounded, kept by their SHA-256.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "base/fetch/client.h"
#include "base/runtime/deadline.h"
#include "reconciler/charts/cache.h"
#include "reconciler/domain/source.h"

namespace swell::remotes {

struct FileLimits {
  Duration timeout = std::chrono::seconds(30);  // of one file, redirects and repetitions included
  std::uint64_t max_file_bytes = 32u << 20;     // as of a file in a repository
  std::uint64_t max_cache_bytes = 1ull << 30;
};

// Thread-safe. Makes no I/O before the first fetch.
class HttpFiles {
 public:
  explicit HttpFiles(std::string cache_folder, const FileLimits& limits = {});

  // Credentials and trust by URL prefix, from now on.
  void SetRepositories(std::vector<Repository> repositories);

  // The file as a Source with one ref, "": its commit is the SHA-256 of its content, and its tree
  // holds it as kRemoteFile. Redirects are followed; credentials go to the URL's own host alone.
  // Must not outlive this.
  std::unique_ptr<Source> Open(const std::string& url);

  // Ends what is being fetched: kUnavailable, and so is everything later.
  void Stop() { http_.Stop(); }

 private:
  friend class HttpFileSource;
  // What is known of the last answer, so that asking again costs an empty one.
  struct Last {
    std::string etag;
    std::string last_modified;
    Digest content;
  };
  Status Fetch(const std::string& url, Last& last);

  const FileLimits limits_;
  fetch::HttpClient http_;
  charts::DiskCache cache_;
  std::mutex mutex_;
  std::vector<Repository> repositories_;  // guarded by mutex_
};

// Whether the text is HTML: hosts of repositories answer a repository's URL with a page for people.
bool IsWebPage(std::string_view text);

}  // namespace swell::remotes
