#include "renderer/schema/schema.h"

#include <algorithm>
#include <array>
#include <utility>

#include "renderer/schema/table.h"

namespace swell::schema {
namespace {

constexpr std::string_view kKubernetesCore =
#include "renderer/schema/kubernetes_core.inc"
    ;
constexpr std::string_view kKubernetesGroups =
#include "renderer/schema/kubernetes_groups.inc"
    ;
constexpr std::string_view kKubernetesMore =
#include "renderer/schema/kubernetes_more.inc"
    ;
constexpr std::string_view kKustomize =
#include "renderer/schema/kustomize.inc"
    ;

// Lists and maps of these have no type to name, so their items share one of these.
const FieldInfo* ScalarItem(Scalar scalar) {
  static const std::array<FieldInfo, 3> infos = [] {
    std::array<FieldInfo, 3> made;
    made[0].scalar = Scalar::kQuantity;
    made[1].scalar = Scalar::kIntOrString;
    made[2].scalar = Scalar::kBytes;
    return made;
  }();
  switch (scalar) {
    case Scalar::kQuantity:
      return &infos[0];
    case Scalar::kIntOrString:
      return &infos[1];
    case Scalar::kBytes:
      return &infos[2];
    case Scalar::kDuration:  // of custom types alone, which bring a type for their items
    case Scalar::kOther:
      return nullptr;
  }
  return nullptr;
}

const Table& KustomizeTable() {
  static const Table table({kKustomize});
  return table;
}

}  // namespace

const FieldInfo* FieldInfo::Descend(std::string_view key) const {
  if (shape == Shape::kObject) return type ? type->Descend(key) : nullptr;
  if (shape != Shape::kMap) return nullptr;
  return type ? &type->self() : ScalarItem(scalar);
}

const FieldInfo* FieldInfo::Item() const {
  if (shape != Shape::kList) return nullptr;
  return type ? &type->self() : ScalarItem(scalar);
}

const TypeSchema* FindType(const GroupVersionKind& gvk) {
  static const Table table({kKubernetesCore, kKubernetesGroups, kKubernetesMore});
  return table.Find(gvk.api_version(), gvk.kind);
}

const FieldInfo* Lookup(const TypeSchema& type, std::span<const std::string> path) {
  const FieldInfo* at = &type.self();
  for (const std::string& step : path) {
    at = at->shape == Shape::kList ? at->Item() : at->Descend(step);
    if (!at) return nullptr;
  }
  return at;
}

const TypeSchema* FindKustomizeType(const GroupVersionKind& gvk) {
  return KustomizeTable().Find(gvk.api_version(), gvk.kind);
}

const TypeSchema* FindKustomizeDefinition(std::string_view name) {
  if (!name.starts_with("io.k8s.")) return nullptr;
  std::size_t at = name.size();
  for (int parts = 0; parts < 3 && at != name.npos; ++parts) {
    at = at == 0 ? name.npos : name.rfind('.', at - 1);
  }
  return at == name.npos ? nullptr : KustomizeTable().FindNamed(name.substr(at + 1));
}

bool IsKustomizeClusterScoped(std::string_view api_version, std::string_view kind) {
  using Row = std::pair<std::string_view, std::string_view>;
  static constexpr auto kRows = std::to_array<Row>({
#include "renderer/schema/kustomize_cluster_scoped.inc"
  });
  static_assert(std::ranges::is_sorted(kRows));
  return std::ranges::binary_search(kRows, Row{api_version, kind});
}

}  // namespace swell::schema
