#include "server/sandbox/owners.h"

namespace swell::sandbox {

ObjectRef RefOf(const Resource& resource, const Stored& object) {
  return {&resource, std::string(object.ns()), std::string(object.name())};
}

void OwnerIndex::OnChange(const Change& change) {
  static const Value none;
  const Value& before =
      change.previous == nullptr ? none : change.previous->metadata()["ownerReferences"];
  const Value& after =
      change.type == ChangeType::kDeleted ? none : change.object->metadata()["ownerReferences"];
  if (before == after) return;
  const ObjectRef ref = RefOf(*change.resource, *change.object);
  for (const Value& owner : before.items()) {
    const auto found = by_owner_.find(owner["uid"].as_string());
    if (found == by_owner_.end()) continue;
    found->second.erase(ref);
    if (found->second.empty()) by_owner_.erase(found);
  }
  for (const Value& owner : after.items()) by_owner_[owner["uid"].str()].insert(ref);
}

std::vector<ObjectRef> OwnerIndex::Dependents(std::string_view uid) const {
  const auto found = by_owner_.find(uid);
  if (found == by_owner_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace swell::sandbox
