#pragma once
// Which resource a URL means: /api/v1/…, /apis/GROUP/VERSION/….

#include <string>
#include <string_view>

#include "server/sandbox/resource.h"

namespace swell::sandbox {

struct Route {
  enum class Kind {
    kUnknown,       // 404 page not found
    kApiVersions,   // /api
    kApiGroups,     // /apis
    kGroup,         // /apis/GROUP
    kResourceList,  // /api/v1, /apis/GROUP/VERSION
    kResource,
  };
  Kind kind = Kind::kUnknown;
  std::string group, version;
  const Resource* resource = nullptr;
  std::string ns, name, subresource;  // "" where the URL has none
  bool all_namespaces = false;        // a namespaced kind without a namespace
};

// A kind that is not served gives kUnknown, as the real server answers.
Route ParseRoute(std::string_view path, const Registry& registry);

}  // namespace swell::sandbox
