#include "base/fetch/curl_library.h"

#include <dlfcn.h>

#include <string>

namespace swell::fetch {
namespace {

constexpr char kName[] = "libcurl.so.4";

// Looks up one function after the other; remembers the first that is not there.
class Symbols {
 public:
  explicit Symbols(void* library) : library_(library) {}

  template <class Function>
  void Find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library_, name));
    if (function == nullptr && missing.empty()) missing = name;
  }

  std::string missing;

 private:
  void* library_;
};

Result<CurlLibrary> Load() {
  void* library = ::dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Fail(FailedPrecondition(std::string("fetching needs ") + kName + ": " + ::dlerror() +
                                   "; install Debian's package libcurl4"));
  }
  CurlLibrary out{};
  Symbols symbols(library);
  symbols.Find("curl_easy_init", out.easy_init);
  symbols.Find("curl_easy_reset", out.easy_reset);
  symbols.Find("curl_easy_cleanup", out.easy_cleanup);
  symbols.Find("curl_easy_setopt", out.easy_setopt);
  symbols.Find("curl_easy_perform", out.easy_perform);
  symbols.Find("curl_easy_getinfo", out.easy_getinfo);
  symbols.Find("curl_easy_strerror", out.easy_strerror);
  symbols.Find("curl_slist_append", out.slist_append);
  symbols.Find("curl_slist_free_all", out.slist_free_all);
  decltype(&curl_global_init) global_init = nullptr;
  symbols.Find("curl_global_init", global_init);
  if (!symbols.missing.empty()) {
    return Fail(FailedPrecondition(std::string(kName) + " has no " + symbols.missing));
  }
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Fail(FailedPrecondition(std::string(kName) + " cannot be initialised"));
  }
  return out;
}

}  // namespace

Result<const CurlLibrary*> LoadCurl() {
  static const Result<CurlLibrary> loaded = Load();
  if (!loaded) return Fail(loaded.error());
  return &*loaded;
}

}  // namespace swell::fetch
