#pragma once
// InSync: which of an application's objects need not be read from a cluster, since the watch
// says that they are what they were when they were compared and nothing differed; and what tells
// that two clusters hold the same, so that they are compared once.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reconciler/live/reader.h"
#include "reconciler/live/watched.h"
#include "reconciler/plan/planner.h"
#include "server/control/manifest_shelf.h"

namespace swell::control {

// Over everything that an application declares, and its tolerations.
live::Fingerprint SpecFingerprint(const Application& application);

// One plan's look at one cluster. Used by one thread at a time.
class InSync {
 public:
  // `desired` null: of a plan that compares nothing; none is recorded. `wanted`: what is desired
  // and what is owned.
  InSync(std::shared_ptr<live::Watched> watched, const live::Fingerprint& spec,
         live::WantedSetPtr wanted, PreparedPtr desired, PreparedPtr last_applied);

  // Has them watched from now on.
  void Watch(const std::string& application, const kube::ApiResources& resources);
  // What has to be read. Where `skip`, that is not what is known to be in sync. A desired object
  // that is known to be absent is read: absence is looked at, not believed.
  std::vector<live::Wanted> ToRead(bool skip);
  // Takes the fingerprints of what was read.
  void Look(const live::Objects& objects);
  // Alike of two clusters where what is wanted, what was skipped and what was read are, whatever
  // the uids.
  live::Fingerprint Key() const;
  // What ToRead left out.
  std::set<ObjectId> skipped() const;
  // Remembers what was read and needs nothing.
  void Learn(const plan::Planned& planned);

 private:
  // Of the comparison of an object that is desired; nothing for others.
  std::optional<live::Fingerprint> Comparison(const live::Fingerprint& id,
                                              const live::Fingerprint& live) const;

  std::shared_ptr<live::Watched> watched_;
  live::Fingerprint spec_;
  live::WantedSetPtr wanted_;
  PreparedPtr desired_;
  PreparedPtr last_applied_;
  std::vector<bool> skip_;                                    // of wanted_
  std::map<ObjectId, std::optional<live::LivePrints>> read_;  // without a value: absent
};

}  // namespace swell::control
