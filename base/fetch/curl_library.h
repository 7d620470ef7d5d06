#pragma once
// libcurl, loaded when something is fetched for the first time: it and the libraries that it
// brings along take longer to load than a small render takes, and most calls of `swell` fetch
// nothing. Internal to base/fetch; libcurl's headers stay in its two sources.

// Without the macros that check curl_easy_setopt's arguments: they want the function's own name.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/core/result.h"

namespace swell::fetch {

struct CurlLibrary {
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_perform) easy_perform;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
};

// The same for the whole process, never unloaded. kFailedPrecondition where it is not installed.
// Thread-safe.
Result<const CurlLibrary*> LoadCurl();

}  // namespace swell::fetch
