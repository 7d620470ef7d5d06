#pragma once
// Why an unhealthy object is so, in the words of the cluster: from the pods, ReplicaSets and
// Warning events that were read for it. Pure; thread-safe.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"

namespace swell::health {

// No explanation is longer, in bytes; what is cut ends with "...".
inline constexpr std::size_t kMaxExplanation = 500;

// Whether an unhealthy object of this kind is explained by pods that its spec.selector names.
bool HasPods(const Value& object);
// Whether its pods belong to ReplicaSets, of which only the newest counts.
bool HasReplicaSets(const Value& object);

// The ReplicaSet of the Deployment's present template: of those that it owns the one of the
// highest revision. nullptr where there is none.
const Value* NewestReplicaSet(const Value& deployment, std::span<const Value> replica_sets);

// The pods of the workload's present revision: what pods of an older one do explains nothing,
// well or not. `replica_set` is that of a Deployment, else null. All of the workload's own where
// the revision cannot be told.
std::vector<Value> PodsOfNewest(const Value& workload, const Value* replica_set,
                                std::span<const Value> pods);

// The pod that says most about why pods do not run.
struct Trouble {
  int weight = 0;    // how telling; 0: no pod says anything
  std::string text;  // "pod web-abc: container web: ImagePullBackOff: Back-off pulling image …"
  std::string uid;   // of the pod
};
Trouble WorstPod(std::span<const Value> pods);
// WorstPod's text, cut to kMaxExplanation.
std::string ExplainPods(std::span<const Value> pods);

// A pod that has been waiting though none of its containers says why: its events do. The one that
// waits longest; nullptr where every pod is ready or done.
const Value* WaitingPod(std::span<const Value> pods);

// Why the ReplicaSet makes no pods ("ReplicaSet web-5d4: FailedCreate: … exceeded quota …"), from
// its condition ReplicaFailure; "" where it does.
std::string ExplainReplicaSet(const Value& replica_set);

// The newest Warning event on each of the objects with these uids, first the first object's:
// "event FailedMount on Pod web-1 (10+ times since 2026-11-27T16:01:07Z): MountVolume.SetUp
// failed …". At most two, of different reasons; not those whose reason `said` has told already.
// Counts are rounded so that the text changes seldom.
std::string ExplainEvents(std::span<const Value> events, std::span<const std::string> uids,
                          std::string_view said);

// Joins what is not empty with "; " and cuts it.
std::string JoinExplanations(std::span<const std::string> parts);

}  // namespace swell::health
