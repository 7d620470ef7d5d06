#include "renderer/kustomize/transforms/sort.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "renderer/kustomize/transforms/kind_order.h"

namespace swell::kustomize {
namespace {

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

SortOptions DefaultSort() { return {"legacy", true, KindsFirst(), KindsLast()}; }

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
  const KindRanks ranks(options.has_legacy_options ? options.order_first : KindsFirst(),
                        options.has_legacy_options ? options.order_last : KindsLast());
  std::vector<SortKey> keys(map.size());
  for (std::size_t i = 0; i < map.size(); ++i) {
    const ResourceId& id = map.at(i).id();
    keys[i].rank = ranks.Of(id.gvk.kind);
    keys[i].core_namespace = id.gvk.group.empty();
    keys[i].gvk = StableGvkText(id.gvk);
    keys[i].id = ToString(id.gvk) + "|" + (id.ns.empty() ? "~X" : id.ns) + "|" +
                 (id.name.empty() ? "~N" : id.name);
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
