#include "reconciler/plan/ownership.h"

#include <algorithm>

#include "base/core/strings.h"
#include "reconciler/plan/managers.h"

namespace swell::plan {
namespace {

// Whether the mark came with the manifest: a chart that writes it into its CRDs, say, applied as
// plain files.
bool IsDeclared(const Value& desired, const Manager& manager) {
  return std::ranges::any_of(ManagersOf(desired), [&](const Manager& declared) {
    return declared.key == manager.key && declared.value == manager.value;
  });
}

}  // namespace

std::string_view OwnerOf(const Value& object) {
  return object["metadata"]["annotations"][kOwnerAnnotation].as_string();
}

Ownership::Ownership(const Inputs& inputs, Planned& planned) : inputs_(inputs), planned_(planned) {
  for (const InventoryEntry& entry : inputs.inventory) inventory_.emplace(entry.id, &entry);
}

bool Ownership::IsForeign(const Object& desired) {
  const ObjectId id = desired.id();
  const auto found = inputs_.live.find(id);
  if (found == inputs_.live.end() || !found->second) return false;
  return IsAnotherApplications(id, *found->second) ||
         IsAnotherTools(id, *found->second, desired.value);
}

bool Ownership::IsAnotherApplications(const ObjectId& id, const Value& live) {
  const std::string owner(OwnerOf(live));
  if (owner.empty() || owner == inputs_.application->name) return false;
  if (inputs_.was_deleted && inputs_.was_deleted(owner)) {
    told_["belonged to application " + Quote(owner) + ", which was deleted: adopted"].push_back(id);
    return false;
  }
  planned_.conflicts.push_back(id.ToString() + " belongs to application " + Quote(owner) +
                               " (annotation " + kOwnerAnnotation +
                               "): two applications must not declare one object");
  return true;
}

bool Ownership::IsAnotherTools(const ObjectId& id, const Value& live, const Value& desired) {
  const bool ours = OwnerOf(live) == inputs_.application->name;
  const bool held = ours && inventory_.contains(id);
  auto others = ForeignManagers(live, inputs_.application->sync);
  if (ours) std::erase_if(others, [&](const Manager& other) { return IsDeclared(desired, other); });
  if (!others.empty()) {
    // What is ours already goes on being applied: another tool's mark must not stop a rollout.
    if (held) {
      told_["in this application's inventory, " + WhyNotAdopted(others.front())].push_back(id);
      return false;
    }
    planned_.conflicts.push_back(id.ToString() + " " + WhyNotAdopted(others.front()));
    return true;
  }
  if (ours && !held) {
    told_
        ["carries this application's owner annotation and is not in its inventory (left by an "
         "application of that name that was deleted, or forged): adopted"]
            .push_back(id);
  }
  for (const Manager& manager : ManagersOf(live)) {
    if (held || (ours && IsDeclared(desired, manager))) continue;
    told_["is taken over from " + manager.name + " (spec.sync.adopt)"].push_back(id);
  }
  return false;
}

void Ownership::Finish() {
  for (const auto& [what, ids] : told_) {
    const std::size_t more = ids.size() - 1;
    planned_.warnings.push_back(ids.front().ToString() +
                                (more > 0 ? " (and " + std::to_string(more) + " more)" : "") + " " +
                                what);
  }
}

}  // namespace swell::plan
