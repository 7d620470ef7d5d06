#pragma once
// One HTTP exchange through libcurl. Internal to base/fetch.

#include <atomic>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/fetch/client.h"

namespace swell::fetch {

struct CurlLibrary;

// 169.254.0.0/16, also where it is written as IPv6, and fe80::/10.
bool IsLinkLocal(std::string_view address);

// libcurl handles, each with the connections that it has kept. Thread-safe.
class CurlPool {
 public:
  CurlPool(Duration connect_timeout, LinkLocal link_local)
      : connect_timeout_(connect_timeout), link_local_(link_local) {}
  ~CurlPool();
  CurlPool(const CurlPool&) = delete;
  CurlPool& operator=(const CurlPool&) = delete;

  // One request and its response, redirects not followed. Errors as HttpClient::Get; faults that
  // may pass are kUnavailable.
  Result<HttpResponse> Exchange(const HttpRequest& request, Deadline deadline);

  // Every exchange ends soon, as kUnavailable.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

 private:
  void* Take(const CurlLibrary& library);
  void PutBack(const CurlLibrary& library, void* handle);

  const Duration connect_timeout_;
  const LinkLocal link_local_;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::vector<void*> idle_;  // CURL*; guarded by mutex_
};

}  // namespace swell::fetch
