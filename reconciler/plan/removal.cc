#include "reconciler/plan/removal.h"

#include <algorithm>

#include "base/core/strings.h"
#include "reconciler/plan/managers.h"
#include "reconciler/plan/stages.h"

namespace swell::plan {
namespace {

bool IsNamespace(const ObjectId& id) { return id.group.empty() && id.kind == "Namespace"; }

// Deleting a namespace deletes what lives in it.
std::string WhyNamespaceKept(const Inputs& inputs, const std::string& ns, Removal removal) {
  const bool inhabited =
      removal == Removal::kPrune &&
      std::ranges::any_of(*inputs.desired, [&](const Object& object) { return object.ns() == ns; });
  if (inhabited) return "objects that are still declared live in it";
  const std::string user = inputs.namespace_user ? inputs.namespace_user(ns) : "";
  if (!user.empty()) return "objects of application " + Quote(user) + " live in it";
  for (const InventoryEntry& entry : inputs.inventory) {
    if (entry.id.ns != ns) continue;
    if (FateOf(inputs, entry, removal, {}).kind == Fate::Kind::kKeep) {
      return entry.id.ToString() + " stays in it";
    }
  }
  return "";
}

std::string WhyNotOurs(const Inputs& inputs, const InventoryEntry& entry, const Value& live) {
  const Application& app = *inputs.application;
  const std::string_view owner = live["metadata"]["annotations"][kOwnerAnnotation].as_string();
  if (owner.empty() && IsNamespace(entry.id) && entry.id.name == app.destination.ns &&
      app.destination.create_namespace) {
    return "createNamespace made it, and others may live in it";
  }
  if (owner.empty()) return "its owner annotation is gone";
  if (owner != app.name) return "it belongs to application " + Quote(owner) + " now";
  if (!entry.uid.empty() && entry.uid != live["metadata"]["uid"].as_string()) {
    return "it was deleted and created anew by somebody else";
  }
  const auto others = ForeignManagers(live, app.sync);
  if (others.empty()) return "";
  return "it is managed by " + others.front().name + ", too (" + others.front().key + ": " +
         others.front().value + ")";
}

std::string WhyKept(const Inputs& inputs, const InventoryEntry& entry, const Value& live,
                    Removal removal) {
  if (removal == Removal::kPrune) {
    if (inputs.desired->empty()) return "nothing at all is declared, which deletes nothing";
    if (!inputs.application->sync.prune) return "pruning is off (sync.prune)";
  }
  if (std::string why = WhyNotOurs(inputs, entry, live); !why.empty()) return why;
  if (std::string why = KeepReason(live, removal, inputs.confirmed); !why.empty()) return why;
  if (const auto propagation = PropagationOf(live); !propagation) {
    return propagation.error().message();
  }
  return IsNamespace(entry.id) ? WhyNamespaceKept(inputs, entry.id.name, removal) : "";
}

}  // namespace

Fate FateOf(const Inputs& inputs, const InventoryEntry& entry, Removal removal,
            const std::set<std::string>& wanted_uids) {
  const auto found = inputs.live.find(entry.id);
  if (found == inputs.live.end()) return {.why = "its live state is not known"};
  if (!found->second) return {.kind = Fate::Kind::kForget};
  const Value& live = *found->second;
  if (wanted_uids.contains(live["metadata"]["uid"].str())) return {.kind = Fate::Kind::kForget};
  if (std::string why = WhyKept(inputs, entry, live, removal); !why.empty()) {
    const bool unconfirmed = why == KeepReason(live, removal, Confirmed::kNo) &&
                             KeepReason(live, removal, Confirmed::kYes).empty();
    return {.why = std::move(why), .unconfirmed = unconfirmed};
  }
  if (!live["metadata"]["deletionTimestamp"].is_null()) {
    return {.kind = Fate::Kind::kTerminating,
            .why = DescribeTerminating(entry.id, live, inputs.now)};
  }
  return {.kind = Fate::Kind::kDelete};
}

Operation DeletionOf(const InventoryEntry& entry, const Value& live) {
  Operation operation;
  operation.type = OperationType::kDelete;
  operation.id = entry.id;
  operation.version = entry.version;
  operation.phase = Phase::kPrune;
  const Placement placement = PlaceObject({live, "live"});
  operation.wave = placement.stages.empty() ? 0 : -placement.stages.front().wave;
  operation.uid = live["metadata"]["uid"].str();
  return operation;
}

Operation Forgetting(const InventoryEntry& entry) {
  Operation operation;
  operation.id = entry.id;
  operation.version = entry.version;
  operation.phase = Phase::kPrune;
  return operation;
}

}  // namespace swell::plan
