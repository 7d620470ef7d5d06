#include "renderer/kustomize/transforms/sort.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace swell::kustomize {
namespace {

const std::vector<std::string>& DefaultFirst() {
  static const std::vector<std::string> kinds = {
      "Namespace",
      "ResourceQuota",
      "StorageClass",
      "CustomResourceDefinition",
      "ServiceAccount",
      "PodSecurityPolicy",
      "Role",
      "ClusterRole",
      "RoleBinding",
      "ClusterRoleBinding",
      "ConfigMap",
      "Secret",
      "Endpoints",
      "Service",
      "LimitRange",
      "PriorityClass",
      "PersistentVolume",
      "PersistentVolumeClaim",
      "Deployment",
      "StatefulSet",
      "CronJob",
      "PodDisruptionBudget",
  };
  return kinds;
}

const std::vector<std::string>& DefaultLast() {
  static const std::vector<std::string> kinds = {"MutatingWebhookConfiguration",
                                                 "ValidatingWebhookConfiguration"};
  return kinds;
}

std::string OrElse(const std::string& text, const char* none) { return text.empty() ? none : text; }

struct SortKey {
  int rank = 0;
  bool core_namespace = false;  // two kinds called Namespace sort the other way round
  std::string gvk;
  std::string id;
};

bool Less(const SortKey& a, const SortKey& b, const GroupVersionKind& x,
          const GroupVersionKind& y) {
  if (x == y) return a.id < b.id;
  if (a.rank != b.rank) return a.rank < b.rank;
  if (x.kind == "Namespace" && y.kind == "Namespace" && (a.core_namespace || b.core_namespace)) {
    return a.gvk > b.gvk;
  }
  return a.gvk < b.gvk;
}

}  // namespace

SortOptions DefaultSort() { return {"legacy", true, DefaultFirst(), DefaultLast()}; }

Status SortResources(ResourceMap& map, const SortOptions& options) {
  if (options.order != "fifo" && options.order != "legacy") {
    return Fail(InvalidArgument("the field 'sortOptions.order' must be one of [fifo, legacy]"));
  }
  if (options.order == "fifo") {
    if (!options.has_legacy_options) return {};
    return Fail(
        InvalidArgument("the field 'sortOptions.legacySortOptions' is set but the selected "
                        "sort order is 'fifo', not 'legacy'"));
  }
  std::unordered_map<std::string, int> ranks;
  const auto& first = options.has_legacy_options ? options.order_first : DefaultFirst();
  const auto& last = options.has_legacy_options ? options.order_last : DefaultLast();
  for (std::size_t i = 0; i < first.size(); ++i) {
    ranks[first[i]] = static_cast<int>(i) - static_cast<int>(first.size());
  }
  for (std::size_t i = 0; i < last.size(); ++i) ranks[last[i]] = static_cast<int>(i) + 1;
  std::vector<SortKey> keys(map.size());
  for (std::size_t i = 0; i < map.size(); ++i) {
    const ResourceId& id = map.at(i).id();
    auto rank = ranks.find(id.gvk.kind);
    keys[i].rank = rank == ranks.end() ? 0 : rank->second;
    keys[i].core_namespace = id.gvk.group.empty();
    keys[i].gvk = OrElse(id.gvk.group, "~G") + "_" + OrElse(id.gvk.version, "~V") + "_" +
                  OrElse(id.gvk.kind, "~K");
    keys[i].id = ToString(id.gvk) + "|" + OrElse(id.ns, "~X") + "|" + OrElse(id.name, "~N");
  }
  std::vector<std::size_t> positions(map.size());
  std::iota(positions.begin(), positions.end(), std::size_t{0});
  std::ranges::stable_sort(positions, [&](std::size_t a, std::size_t b) {
    return Less(keys[a], keys[b], map.at(a).id().gvk, map.at(b).id().gvk);
  });
  map.Reorder(positions);
  return {};
}

}  // namespace swell::kustomize
