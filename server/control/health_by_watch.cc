#include "server/control/health_by_watch.h"

#include <memory>
#include <unordered_set>
#include <utility>

namespace swell::control {

ObjectsPtr HealthByWatch::ToRead(const live::Watched& watched, const ObjectsPtr& desired,
                                 const std::vector<ObjectId>& written) {
  auto [known, added] = ids_.try_emplace(desired);
  std::vector<live::Fingerprint>& ids = known->second;
  if (added) {
    for (const Object& object : *desired) ids.push_back(live::FingerprintOf(object.id()));
  }
  const std::vector<bool> healthy = watched.AreHealthy(ids);
  std::unordered_set<live::Fingerprint> asked;
  for (const ObjectId& id : written) asked.insert(live::FingerprintOf(id));
  std::vector<Object> out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (healthy[i] && !asked.contains(ids[i])) continue;
    out.push_back((*desired)[i]);
  }
  return std::make_shared<const std::vector<Object>>(std::move(out));
}

}  // namespace swell::control
