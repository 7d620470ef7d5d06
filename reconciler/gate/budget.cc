#include "reconciler/gate/budget.h"

#include <algorithm>
#include <set>

namespace swell::gate {
namespace {

constexpr std::size_t kNamed = 3;

bool IsPrecious(const ObjectId& id) {
  return (id.group.empty() && (id.kind == "Namespace" || id.kind == "PersistentVolumeClaim")) ||
         (id.group == "apiextensions.k8s.io" && id.kind == "CustomResourceDefinition");
}

std::string List(const std::vector<std::string>& names, std::size_t all) {
  std::string out;
  for (std::size_t i = 0; i < std::min(kNamed, names.size()); ++i) {
    out += (i == 0 ? "" : ", ") + names[i];
  }
  return all > kNamed ? out + " and " + std::to_string(all - kNamed) + " more" : out;
}

std::string Count(std::int64_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

}  // namespace

Deletions CountDeletions(const Plan& plan) {
  Deletions out;
  std::set<ObjectId> seen;
  for (const ClusterPlan& cluster : plan.clusters) {
    if (!cluster.operations) continue;
    const std::int64_t before = out.count;
    for (const Operation& operation : cluster.operations->operations) {
      if (operation.type != OperationType::kDelete || operation.hook) continue;
      ++out.count;
      if (!seen.insert(operation.id).second) continue;
      if (out.examples.size() < kNamed) out.examples.push_back(operation.id.ToString());
      if (IsPrecious(operation.id)) out.precious.push_back(operation.id.ToString());
    }
    out.clusters += out.count > before ? 1 : 0;
  }
  out.distinct = static_cast<std::int64_t>(seen.size());
  return out;
}

std::string OverBudget(const Deletions& deletions, const Application& application,
                       std::int64_t held) {
  if (deletions.count == 0) return "";
  const DeletionBudget& budget = application.sync.deletion_budget;
  std::int64_t share = (held * budget.percent + 99) / 100;
  if (budget.percent > 0) share = std::max<std::int64_t>(share, deletions.clusters);
  std::string why;
  if (deletions.count > budget.objects) {
    why = "more than spec.sync.deletionBudget.objects (" + std::to_string(budget.objects) + ")";
  } else if (deletions.count > share) {
    why = "more than spec.sync.deletionBudget.percent (" + std::to_string(budget.percent) +
          "%, which is " + std::to_string(share) + ")";
  }
  if (why.empty() && deletions.precious.empty()) return "";
  std::string out = "it would delete " + std::to_string(deletions.count) + " of the " +
                    Count(held, "object") + " of " + application.name + ", in " +
                    Count(deletions.clusters, "cluster");
  if (!why.empty()) {
    out +=
        ", " + why + ": " + List(deletions.examples, static_cast<std::size_t>(deletions.distinct));
  }
  if (!deletions.precious.empty()) {
    out += std::string(why.empty() ? "," : "; and") +
           " with all that is in it: " + List(deletions.precious, deletions.precious.size());
  }
  return out;
}

}  // namespace swell::gate
