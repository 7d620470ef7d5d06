#include "reconciler/plan/blast_radius.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/plan/plan_record.h"
#include "reconciler/plan/testing.h"

namespace swell::plan {
namespace {

using namespace plan_testing;  // NOLINT: the vocabulary of this room's tests

using testing::ElementsAre;
using testing::IsEmpty;

Operation Op(OperationType type, const ObjectId& id) {
  Operation op;
  op.type = type;
  op.id = id;
  return op;
}

const ObjectId kWeb = {"apps", "Deployment", "web", "web"};

Object Deployment(const std::string& spec) {
  return Make(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web",
                  "namespace":"web"},"spec":)" +
              spec + "}");
}

ClusterPlan Cluster(const std::string& name, std::vector<Operation> operations) {
  auto set = std::make_shared<OperationSet>();
  set->digest = OperationSetDigest(operations);
  set->operations = std::move(operations);
  return {name, Digest::Of("m"), std::move(set), ""};
}

TEST(BlastRadiusTest, CountsClustersObjectsAndHooks) {
  Plan plan;
  Operation hook = Op(OperationType::kCreate, {"batch", "Job", "web", "migrate"});
  hook.hook = true;
  Operation on_failure = hook;
  on_failure.phase = Phase::kSyncFail;
  plan.clusters = {
      Cluster("c1", {Op(OperationType::kCreate, {"", "ConfigMap", "web", "a"}),
                     Op(OperationType::kUpdate, {"", "ConfigMap", "web", "b"}),
                     Op(OperationType::kDelete, {"", "ConfigMap", "web", "c"}),
                     Op(OperationType::kNone, {"", "ConfigMap", "web", "d"}), hook, on_failure}),
      Cluster("c2", {Op(OperationType::kNone, {"", "ConfigMap", "web", "a"})}),
      Cluster("c3", {Op(OperationType::kDelete, {"", "ConfigMap", "web", "c"}),
                     Op(OperationType::kDelete, {"example.com", "Widget", "web", "w"})}),
      {"c4", Digest(), nullptr, "connection refused"}};
  const BlastRadius radius = MeasureBlastRadius(plan, {}, {});
  EXPECT_EQ(radius.clusters, 4);
  EXPECT_EQ(radius.touched, 2);
  EXPECT_EQ(radius.unreadable, 1);
  EXPECT_EQ(radius.created, 1);
  EXPECT_EQ(radius.updated, 1);
  EXPECT_EQ(radius.deleted, 3);
  EXPECT_EQ(radius.hooks, 1) << "what runs after a failure alone is no part of it";
  EXPECT_THAT(radius.deletions, ElementsAre(KindReach{"ConfigMap", 0, 0, 2},
                                            KindReach{"example.com/Widget", 0, 0, 1}));
  EXPECT_THAT(radius.protected_kinds, IsEmpty());
  EXPECT_EQ(Describe(radius), "2 of 4 clusters: 1 create, 1 update, 3 delete; 1 not readable");
}

TEST(BlastRadiusTest, NamesProtectedKindsWhateverHappensToThem) {
  struct Case {
    ObjectId id;
    bool is_protected;
  };
  const Case cases[] = {
      {{"", "Namespace", "", "web"}, true},
      {{"", "PersistentVolumeClaim", "web", "data"}, true},
      {{"", "PersistentVolume", "", "data"}, true},
      {{"apiextensions.k8s.io", "CustomResourceDefinition", "", "w"}, true},
      {{"rbac.authorization.k8s.io", "ClusterRole", "", "r"}, true},
      {{"rbac.authorization.k8s.io", "ClusterRoleBinding", "", "r"}, true},
      {{"rbac.authorization.k8s.io", "Role", "web", "r"}, false},
      {{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "v"}, true},
      {{"admissionregistration.k8s.io", "MutatingWebhookConfiguration", "", "v"}, true},
      {{"apiregistration.k8s.io", "APIService", "", "v1.example.com"}, true},
      {{"storage.k8s.io", "StorageClass", "", "fast"}, true},
      {{"example.com", "Namespace", "", "of somebody else"}, false},
      {kWeb, false},
  };
  for (const Case& c : cases) {
    Plan plan;
    plan.clusters = {Cluster("c1", {Op(OperationType::kUpdate, c.id)})};
    const BlastRadius radius = MeasureBlastRadius(plan, {}, {});
    EXPECT_EQ(radius.protected_kinds.size(), c.is_protected ? 1u : 0u) << c.id.ToString();
    if (!c.is_protected) continue;
    EXPECT_EQ(radius.protected_kinds[0].updated, 1) << c.id.ToString();
  }
}

TEST(BlastRadiusTest, SumsReplicasOfWhatChanges) {
  struct Case {
    const char* what;
    OperationType type;
    const char* live;     // spec; "" where it is absent
    const char* desired;  // likewise
    std::int64_t before;
    std::int64_t after;
  };
  const Case cases[] = {
      {"scaled", OperationType::kUpdate, R"({"replicas":2})", R"({"replicas":5})", 2, 5},
      {"new", OperationType::kCreate, "", R"({"replicas":3})", 0, 3},
      {"new, by default", OperationType::kCreate, "", R"({})", 0, 1},
      {"left to an autoscaler", OperationType::kUpdate, R"({"replicas":7})", R"({})", 7, 7},
      {"deleted", OperationType::kDelete, R"({"replicas":4})", "", 4, 0},
      {"to nothing", OperationType::kUpdate, R"({"replicas":4})", R"({"replicas":0})", 4, 0},
      {"unchanged", OperationType::kNone, R"({"replicas":4})", R"({"replicas":4})", 0, 0},
      {"wild", OperationType::kCreate, "", R"({"replicas":9000000000000000000})", 0, 1'000'000'000},
      {"no number", OperationType::kCreate, "", R"({"replicas":"many"})", 0, 1},
  };
  for (const Case& c : cases) {
    std::vector<Object> desired;
    std::map<ObjectId, std::optional<Value>> live;
    if (*c.desired) desired.push_back(Deployment(c.desired));
    live[kWeb] = std::nullopt;
    if (*c.live) live[kWeb] = Deployment(c.live).value;
    Plan plan;
    plan.clusters = {Cluster("c1", {Op(c.type, kWeb)})};
    const BlastRadius radius = MeasureBlastRadius(plan, {}, {{"c1", {&desired, &live}}});
    EXPECT_EQ(radius.replicas_before, c.before) << c.what;
    EXPECT_EQ(radius.replicas_after, c.after) << c.what;
  }
}

TEST(BlastRadiusTest, SaysWhoGoesWhenAndSurvivesTheLedger) {
  Plan plan;
  plan.digest = Digest::Of("plan");
  plan.clusters = {Cluster("c1", {Op(OperationType::kUpdate, kWeb)}),
                   Cluster("c2", {Op(OperationType::kNone, kWeb)}),
                   Cluster("c3", {Op(OperationType::kDelete, {"", "Namespace", "", "web"})})};
  WaveProgress canary{.name = "canary", .clusters = {"c1"}, .bake = std::chrono::minutes(10)};
  canary.approvals.push_back({.name = kApprovalGate});
  canary.gates.push_back({.name = "errors"});
  const WaveProgress rest{.name = "rest", .clusters = {"c2", "c3"}};
  PlanRecord record;
  record.plan = plan.digest;
  record.application = "shop";
  record.kind = PlanKind::kRollback;
  record.revision.commit = std::string(40, 'a');
  record.generation = 3;
  record.confirmed = true;
  record.rollback_to = 12;
  record.selection = {"c1"};
  record.at = *ParseTimestamp("2026-01-01T00:12:00Z");
  record.actor = "ann";
  record.reason = "why";
  record.radius = MeasureBlastRadius(plan, {canary, rest}, {});
  record.warnings = {"c1: beware"};
  EXPECT_THAT(record.radius.waves,
              ElementsAre(WaveReach{"canary", {"c1"}, 1, std::chrono::minutes(10), true, 1},
                          WaveReach{"rest", {"c2", "c3"}, 1, Duration{0}, false, 0}));

  const LedgerRecord kept = ToLedger(record);
  EXPECT_EQ(kept.key, plan.digest.Hex());
  const auto read = PlanRecordFromLedger(kept);
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(read->radius, record.radius);
  EXPECT_EQ(ToLedger(*read), kept);

  LedgerRecord broken = kept;
  broken.content = "{}";
  const auto lost = PlanRecordFromLedger(broken);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code(), ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace swell::plan
