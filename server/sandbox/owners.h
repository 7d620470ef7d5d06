#pragma once
// Which objects belong to which owner (metadata.ownerReferences).

#include <compare>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/sandbox/store.h"

namespace swell::sandbox {

struct ObjectRef {
  const Resource* resource = nullptr;
  std::string ns, name;
  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
};

ObjectRef RefOf(const Resource& resource, const Stored& object);

// Follows the store's changes. Not thread-safe.
class OwnerIndex {
 public:
  void OnChange(const Change& change);
  // In order of kind, namespace and name.
  std::vector<ObjectRef> Dependents(std::string_view uid) const;

 private:
  std::map<std::string, std::set<ObjectRef>, std::less<>> by_owner_;
};

}  // namespace swell::sandbox
