#include "reconciler/live/wanted_set.h"

#include <algorithm>
#include <utility>

namespace swell::live {

WantedSet::WantedSet(std::vector<Wanted> wanted) : objects(std::move(wanted)) {
  std::ranges::sort(objects, {}, &Wanted::id);
  Hasher hasher;
  for (const Wanted& object : objects) {
    ids.push_back(FingerprintOf(object.id));
    hasher.Add(object.id.group).Add(object.id.kind).Add(object.id.ns).Add(object.id.name);
    hasher.Add(object.version);
  }
  all = Shorten(hasher.Finish());
}

}  // namespace swell::live
