#pragma once
// Comparisons: what one plan's clusters want, own and hold, compared; clusters for which that is
// the same are compared once.

#include <map>
#include <memory>
#include <mutex>
#include <tuple>
#include <vector>

#include "reconciler/domain/inventory.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/plan/planner.h"
#include "server/control/in_sync.h"
#include "server/control/manifest_shelf.h"
#include "server/control/planning.h"

namespace swell::control {

// What is desired and what is owned. `prepared` is what `desired` is of, or null.
live::WantedSetPtr WantedBy(const PreparedPtr& prepared, const std::vector<Object>& desired,
                            const Inventory& inventory);

// Thread-safe.
class Comparisons {
 public:
  // Both must outlive it.
  Comparisons(const Ledger& ledger, const PlanRequest& request);

  // One cluster of the plan, read. All that it refers to must live until the comparisons end: what
  // is the same is told by its address.
  struct Subject {
    const PlanTarget& target;
    const PlannedCluster& cluster;  // its manifest, desired objects, live objects and types
    const PreparedPtr& desired;     // null where the plan deletes
    const PreparedPtr& last_applied;
    const live::WantedSetPtr& wanted;
    const InSync& in_sync;
  };
  // What is to be done on the cluster; the name of the cluster is left to the caller.
  plan::Planned Make(const Subject& subject);

 private:
  using Alike = std::tuple<const Prepared*, const Prepared*, const schema::CustomTypes*, bool,
                           live::Fingerprint>;
  plan::Planned Compare(const Subject& subject) const;

  const Ledger& ledger_;
  const PlanRequest& request_;
  const bool by_cluster_;  // there are tolerations, which may be of one cluster
  std::mutex mutex_;       // guards what follows
  std::map<Alike, std::shared_ptr<const plan::Planned>> made_;
};

}  // namespace swell::control
