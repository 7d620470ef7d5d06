#pragma once
// Objects and plannings for tests.

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/value/json.h"
#include "reconciler/plan/planner.h"

namespace swell::plan::plan_testing {

inline Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

inline Object Make(std::string_view text) { return {Json(text), "test.yaml:1"}; }

// A ConfigMap in namespace web with the owner annotation and further annotations.
inline Object ConfigMap(const std::string& name, const std::string& data = "{}",
                        const std::string& annotations = "") {
  return Make(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
              R"(","namespace":"web","annotations":{"swell.dev/owner":"shop")" + annotations +
              R"(}},"data":)" + data + "}");
}

inline Object Job(const std::string& name, const std::string& annotations) {
  return Make(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":")" + name +
              R"(","namespace":"web","annotations":{"swell.dev/owner":"shop",)" + annotations +
              R"(}}})");
}

inline std::optional<bool> Scope(const GroupKind& kind) {
  if (kind.group == "unknown.io") return {};
  return !IsClusterScopedBuiltin(kind);
}

// One planning, with everything that it needs kept alive.
struct Scenario {
  Application application;
  std::vector<Object> desired;
  std::vector<Object> last;
  bool applied = false;  // whether `last` is given
  std::map<ObjectId, std::optional<Value>> live;
  std::vector<InventoryEntry> inventory;
  Confirmed confirmed = Confirmed::kNo;
  Deletion deletion = Deletion::kBegins;
  std::map<std::string, std::string> namespace_users;
  std::set<std::string> deleted;  // applications

  Scenario() {
    application.name = "shop";
    application.sync.prune = true;
  }
  void Live(const Object& object) { live[object.id()] = object.value; }
  void Absent(const Object& object) { live[object.id()] = std::nullopt; }
  void Owns(const Object& object) {
    inventory.push_back({object.id(), object.gvk().version, object.value["metadata"]["uid"].str()});
  }
  Inputs MakeInputs() const {
    Inputs inputs;
    inputs.application = &application;
    inputs.cluster = "c1";
    inputs.manifest = Digest::Of("m");
    inputs.desired = &desired;
    inputs.last_applied = applied ? &last : nullptr;
    inputs.live = live;
    inputs.inventory = inventory;
    inputs.confirmed = confirmed;
    inputs.deletion = deletion;
    inputs.now = *ParseTimestamp("2026-01-01T00:12:00Z");
    inputs.namespace_user = [this](const std::string& ns) {
      const auto user = namespace_users.find(ns);
      return user == namespace_users.end() ? std::string() : user->second;
    };
    inputs.was_deleted = [this](const std::string& name) { return deleted.contains(name); };
    return inputs;
  }
  Planned Plan() const { return PlanCluster(MakeInputs()); }
  Planned PlanDeletion() const { return plan::PlanDeletion(MakeInputs()); }
};

// "type kind/name phase wave", one per operation.
inline std::vector<std::string> Lines(const ClusterPlan& plan) {
  constexpr const char* kTypes[] = {"create", "update", "delete", "none"};
  constexpr const char* kPhases[] = {"pre-delete", "pre",         "sync", "post",
                                     "prune",      "post-delete", "fail"};
  std::vector<std::string> lines;
  for (const Operation& op : plan.operations->operations) {
    lines.push_back(std::string(kTypes[static_cast<int>(op.type)]) + " " + op.id.kind + "/" +
                    op.id.name + " " + kPhases[static_cast<int>(op.phase)] + " " +
                    std::to_string(op.wave) + (op.hook ? " hook" : ""));
  }
  return lines;
}

}  // namespace swell::plan::plan_testing
