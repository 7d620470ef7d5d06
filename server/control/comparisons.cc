#include "server/control/comparisons.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace swell::control {
namespace {

// The first application but `mine` that holds something in that namespace of the cluster.
std::string NamespaceUser(const Ledger& ledger, const std::string& mine, const std::string& cluster,
                          const std::string& ns) {
  const auto applications = ledger.ListResources("Application");
  // That nobody is known to use it is no proof.
  if (!applications) return "(unknown: " + applications.error().ToString() + ")";
  for (const Resource& resource : *applications) {
    const std::string& name = NameOf(resource);
    if (name == mine) continue;
    const auto records = ledger.ListClusterRecords(name);
    if (!records) return name;
    for (const ClusterRecord& record : *records) {
      if (record.cluster != cluster) continue;
      const bool uses = std::ranges::any_of(
          record.inventory, [&](const InventoryEntry& entry) { return entry.id.ns == ns; });
      if (uses) return name;
    }
  }
  return "";
}

// An application that left rollouts behind and is not declared any more.
bool WasDeleted(const Ledger& ledger, const std::string& application) {
  const auto declared = ledger.GetResource("Application", application);
  if (!declared || *declared) return false;
  const auto rollouts = ledger.ListRollouts(application, 0, 1);
  return rollouts && !rollouts->empty();
}

// Whether it holds exactly what is wanted. Both are sorted by id.
bool Covers(const Inventory& inventory, const live::WantedSet& wanted) {
  return std::ranges::equal(inventory, wanted.objects, {}, &InventoryEntry::id, &live::Wanted::id);
}

}  // namespace

live::WantedSetPtr WantedBy(const PreparedPtr& prepared, const std::vector<Object>& desired,
                            const Inventory& inventory) {
  if (prepared && (inventory.empty() || Covers(inventory, *prepared->wanted))) {
    return prepared->wanted;
  }
  std::map<ObjectId, std::string> wanted;
  for (const InventoryEntry& entry : inventory) wanted.emplace(entry.id, entry.version);
  for (const Object& object : desired) wanted.insert_or_assign(object.id(), object.gvk().version);
  std::vector<live::Wanted> list;
  for (auto& [id, version] : wanted) list.push_back({id, version});
  return std::make_shared<const live::WantedSet>(std::move(list));
}

Comparisons::Comparisons(const Ledger& ledger, const PlanRequest& request)
    : ledger_(ledger),
      request_(request),
      by_cluster_(std::ranges::any_of(request.application.ignore_differences, [](const auto& rule) {
        return rule.toleration.has_value();
      })) {}

// What is deleted, or is another's, is looked at in each cluster.
plan::Planned Comparisons::Make(const Subject& subject) {
  const bool same_everywhere =
      subject.desired && !by_cluster_ && subject.wanted == subject.desired->wanted;
  if (!same_everywhere) return Compare(subject);
  const Alike key{subject.desired.get(), subject.last_applied.get(),
                  subject.cluster.custom_types.get(), subject.target.record.inventory.empty(),
                  subject.in_sync.Key()};
  {
    const std::lock_guard lock(mutex_);
    const auto known = made_.find(key);
    if (known != made_.end()) return *known->second;
  }
  auto made = std::make_shared<const plan::Planned>(Compare(subject));
  const std::lock_guard lock(mutex_);
  return *made_.emplace(key, std::move(made)).first->second;
}

plan::Planned Comparisons::Compare(const Subject& subject) const {
  const PlanTarget& target = subject.target;
  const PlannedCluster& cluster = subject.cluster;
  const std::set<ObjectId> skipped = subject.in_sync.skipped();
  plan::Inputs inputs;
  inputs.application = &request_.application;
  inputs.cluster = target.cluster.name;
  inputs.desired = cluster.desired.get();
  inputs.last_applied = subject.last_applied ? &subject.last_applied->objects : nullptr;
  inputs.live = cluster.live;
  inputs.in_sync = &skipped;
  inputs.inventory = target.record.inventory;
  inputs.custom_types = cluster.custom_types.get();
  inputs.confirmed = request_.confirmed;
  inputs.deletion = target.deletion;
  inputs.now = request_.now;
  inputs.namespace_user = [&](const std::string& ns) {
    return NamespaceUser(ledger_, request_.application.name, inputs.cluster, ns);
  };
  inputs.was_deleted = [&](const std::string& name) { return WasDeleted(ledger_, name); };
  const bool deletes = request_.kind == PlanKind::kDelete;
  inputs.manifest = deletes ? target.record.manifest : cluster.manifest->digest;
  return deletes ? plan::PlanDeletion(inputs) : plan::PlanCluster(inputs);
}

}  // namespace swell::control
