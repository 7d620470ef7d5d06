#include "reconciler/plan/order.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "reconciler/plan/stages.h"

namespace swell::plan {
namespace {

Stage StageOf(const Operation& operation) { return {operation.phase, operation.wave}; }

// The earliest stage in which something of that name is needed.
template <class Key>
void Need(std::map<Key, Stage>& needs, Key key, const Operation& by) {
  const auto [at, added] = needs.emplace(std::move(key), StageOf(by));
  if (!added) at->second = std::min(at->second, StageOf(by));
}

template <class Key>
void MoveBefore(Operation& operation, const std::map<Key, Stage>& needs, const Key& key) {
  const auto need = needs.find(key);
  if (need == needs.end() || StageOf(operation) <= need->second) return;
  operation.phase = need->second.phase;
  operation.wave = need->second.wave;
}

void MoveNamespacesAndDefinitions(std::vector<Planning>& plannings) {
  std::map<std::string, Stage> namespaces;
  std::map<GroupKind, Stage> kinds;
  for (const Planning& planning : plannings) {
    if (planning.object == nullptr) continue;
    const ObjectId& id = planning.operation.id;
    if (!id.ns.empty()) Need(namespaces, id.ns, planning.operation);
    Need(kinds, GroupKind{id.group, id.kind}, planning.operation);
  }
  for (Planning& planning : plannings) {
    if (planning.object == nullptr) continue;
    const ObjectId& id = planning.operation.id;
    if (id.group.empty() && id.kind == "Namespace") {
      MoveBefore(planning.operation, namespaces, id.name);
    }
    if (id.group == "apiextensions.k8s.io" && id.kind == "CustomResourceDefinition") {
      const Value& spec = planning.object->value["spec"];
      MoveBefore(planning.operation, kinds,
                 GroupKind{spec["group"].str(), spec["names"]["kind"].str()});
    }
  }
}

}  // namespace

void OrderOperations(std::vector<Planning>& plannings) {
  MoveNamespacesAndDefinitions(plannings);
  std::ranges::stable_sort(plannings, [](const Planning& x, const Planning& y) {
    const Operation& a = x.operation;
    const Operation& b = y.operation;
    const auto key = [](const Operation& operation) {
      const int rank = ApplyRank({operation.id.group, operation.id.kind});
      return std::make_tuple(operation.phase, operation.wave,
                             operation.type == OperationType::kDelete ? -rank : rank);
    };
    const auto first = key(a);
    const auto second = key(b);
    return first != second ? first < second : a.id < b.id;
  });
}

Operation OperationFor(const Object& object, const Stage& stage) {
  Operation operation;
  operation.id = object.id();
  operation.version = object.gvk().version;
  operation.phase = stage.phase;
  operation.wave = stage.wave;
  return operation;
}

ClusterPlan FinishPlan(const Inputs& inputs, std::vector<Planning> plannings) {
  OrderOperations(plannings);
  auto set = std::make_shared<OperationSet>();
  set->operations.reserve(plannings.size());
  for (Planning& planning : plannings) set->operations.push_back(std::move(planning.operation));
  set->digest = OperationSetDigest(set->operations);
  ClusterPlan plan;
  plan.cluster = inputs.cluster;
  plan.manifest = inputs.manifest;
  plan.operations = std::move(set);
  return plan;
}

}  // namespace swell::plan
