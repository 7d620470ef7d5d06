#pragma once
// KeptObject: an object's last live form before it was deleted, so that it can be brought back.

#include <cstdint>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/ledger_record.h"
#include "renderer/object/object.h"

namespace swell::heal {

struct KeptObject {
  std::string cluster;
  ObjectId id;
  std::string version;      // API version within the group
  std::string rollout;      // id of the one that deleted it
  std::int64_t number = 0;  // of that rollout
  Timestamp at;             // when that began
  std::string actor;
  std::string why;                 // "no longer declared", "its application was deleted"
  Value object;                    // as Restorable made it
  std::vector<std::string> notes;  // the same
};

// For as long, and so many of an application, the newest.
inline constexpr Duration kKeepFor = std::chrono::hours(24 * 30);
inline constexpr std::size_t kMaxKept = 5'000;

// Sorts by time. `index` tells apart the objects of one rollout.
LedgerRecord ToLedger(const std::string& application, const KeptObject& kept, std::size_t index);
Result<KeptObject> FromLedgerKept(const LedgerRecord& record);
// "<" than the key of everything that is kept at that time or later.
std::string KeptKeyAt(Timestamp at);

struct Restored {
  Value object;
  std::vector<std::string> notes;  // what comes back otherwise than it was
};
// A live object as it can be created again, as Velero restores it: without status and what the
// server or a controller fills in (uid, resourceVersion, generation, times, managedFields), without
// owner references (their uids are another's by then, and the garbage collector would take the
// object away at once) and without Swell's owner annotation. Finalizers stay, but those of a
// deletion in progress (foregroundDeletion, orphan). Further:
//
//   Service                 spec.clusterIP(s) go unless "None"; node ports and
//                           healthCheckNodePort go unless a field manager stated one
//   PersistentVolumeClaim   the marks of its binding go, and spec.volumeName unless a field manager
//                           stated it: it gets a new volume
//   Job                     the generated selector and its labels go
//   Pod                     spec.nodeName goes
//   Namespace               spec.finalizers go
//   annotations             deployment.kubernetes.io/revision goes
Restored Restorable(const Value& live);

}  // namespace swell::heal
