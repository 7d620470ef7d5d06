#pragma once
// InSync: which of an application's objects need not be read from a cluster, since the watch
// says that they are what they were when they were compared and nothing differed.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "reconciler/live/reader.h"
#include "reconciler/live/synced_set.h"
#include "reconciler/live/watched.h"
#include "reconciler/plan/planner.h"
#include "server/control/manifest_shelf.h"

namespace swell::control {

// Over everything that an application declares, and its tolerations.
live::Fingerprint SpecFingerprint(const Application& application);

// One plan's look at one cluster. Used by one thread at a time.
class InSync {
 public:
  // Null: of a plan that compares nothing; none is recorded.
  InSync(live::SyncedSet& synced, std::shared_ptr<live::Watched> watched,
         const live::Fingerprint& spec, PreparedPtr desired, PreparedPtr last_applied);

  // Has them watched from now on.
  void Watch(const std::string& application, const std::vector<live::Wanted>& objects,
             const kube::ApiResources& resources);
  // Takes out of `objects` what is known to be in sync. A desired object that is known to be
  // absent stays: absence is looked at, not believed.
  void Skip(std::vector<live::Wanted>& objects);
  const std::set<ObjectId>& skipped() const { return skipped_; }
  // Remembers what was read and needs nothing.
  void Learn(const plan::Planned& planned, const live::Objects& objects);

 private:
  // Of the comparison of an object that is desired; nothing for others.
  std::optional<live::Fingerprint> Comparison(const ObjectId& id,
                                              const live::Fingerprint& live) const;

  live::SyncedSet& synced_;
  std::shared_ptr<live::Watched> watched_;
  live::Fingerprint spec_;
  PreparedPtr desired_;
  PreparedPtr last_applied_;
  std::set<ObjectId> skipped_;
};

}  // namespace swell::control
