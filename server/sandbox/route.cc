#include "server/sandbox/route.h"

#include <vector>

#include "base/core/strings.h"

namespace swell::sandbox {
namespace {

// What follows the group version: [namespaces/NS/]PLURAL[/NAME[/SUBRESOURCE]].
void ParseResource(const std::vector<std::string_view>& parts, std::size_t at,
                   const Registry& registry, Route& route) {
  const auto part = [&](std::size_t i) {
    return i < parts.size() ? std::string(parts[i]) : std::string();
  };
  // A Namespace's own subresources look like resources inside it.
  const bool own = route.group.empty() &&
                   (part(at + 2).empty() || part(at + 2) == "status" || part(at + 2) == "finalize");
  if (part(at) == "namespaces" && !(own && at + 3 >= parts.size())) {
    route.ns = part(at + 1);
    at += 2;
  }
  if (parts.size() > at + 3) return;
  route.resource = registry.Find(route.group, route.version, part(at));
  if (route.resource == nullptr) return;
  if (!route.resource->namespaced && !route.ns.empty()) return;
  route.name = part(at + 1);
  route.subresource = part(at + 2);
  route.all_namespaces = route.resource->namespaced && route.ns.empty();
  if (route.all_namespaces && !route.name.empty()) return;
  route.kind = Route::Kind::kResource;
}

}  // namespace

Route ParseRoute(std::string_view path, const Registry& registry) {
  Route route;
  std::vector<std::string_view> parts;
  for (std::string_view part : Split(path, '/')) {
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.empty()) return route;
  std::size_t at = 2;
  if (parts[0] == "api") {
    if (parts.size() == 1) {
      route.kind = Route::Kind::kApiVersions;
      return route;
    }
    route.version = parts[1];
  } else if (parts[0] == "apis") {
    if (parts.size() == 1) {
      route.kind = Route::Kind::kApiGroups;
      return route;
    }
    route.group = parts[1];
    if (parts.size() == 2) {
      for (const auto& [group, versions] : registry.Groups()) {
        if (group == route.group) route.kind = Route::Kind::kGroup;
      }
      return route;
    }
    route.version = parts[2];
    at = 3;
  } else {
    return route;
  }
  if (!registry.HasGroupVersion(route.group, route.version)) return route;
  if (parts.size() == at) {
    route.kind = Route::Kind::kResourceList;
    return route;
  }
  ParseResource(parts, at, registry, route);
  return route;
}

}  // namespace swell::sandbox
