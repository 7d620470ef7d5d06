#pragma once
// HealthByWatch: which objects' health has to be read from a cluster, since its watches do not tell
// that they are Healthy.

#include <map>
#include <vector>

#include "reconciler/live/watched.h"
#include "server/control/manifest_shelf.h"

namespace swell::control {

// Used by one thread. Remembers the fingerprints of what it was asked about, which clusters share.
class HealthByWatch {
 public:
  // Of `desired`, what is not known to be Healthy now, and what is `written`, known or not.
  ObjectsPtr ToRead(const live::Watched& watched, const ObjectsPtr& desired,
                    const std::vector<ObjectId>& written);

 private:
  std::map<ObjectsPtr, std::vector<live::Fingerprint>> ids_;  // in the order of the objects
};

}  // namespace swell::control
