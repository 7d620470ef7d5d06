#include "reconciler/gate/gate.h"

#include <gtest/gtest.h>

#include "reconciler/gate/budget.h"

namespace swell::gate {
namespace {

using std::chrono::hours;

Timestamp At(const std::string& text) { return ParseTimestamp(text).value(); }
const Timestamp kNow = At("2026-11-27T12:00:00Z");

Cluster Named(std::string name, Labels labels = {}) {
  Cluster out;
  out.name = std::move(name);
  out.labels = std::move(labels);
  return out;
}

Window Compiled(ChangeWindow declared) { return Window::Compile(std::move(declared)).value(); }

ChangeWindow Friday() {
  ChangeWindow out;
  out.name = "black-friday";
  out.window = WindowKind::kDeny;
  out.schedule = "0 6 27 11 *";
  out.duration = hours(72);
  return out;
}

Plan Deleting(std::vector<ObjectId> ids, int clusters = 1) {
  auto operations = std::make_shared<OperationSet>();
  for (ObjectId& id : ids) {
    operations->operations.push_back({.type = OperationType::kDelete, .id = std::move(id)});
  }
  Plan out;
  out.revision.commit = "1234567890";
  for (int i = 0; i < clusters; ++i) {
    out.clusters.push_back({.cluster = "c" + std::to_string(i),
                            .manifest = {},
                            .operations = operations,
                            .error = {}});
  }
  return out;
}

std::vector<ObjectId> ConfigMaps(int count) {
  std::vector<ObjectId> out;
  for (int i = 0; i < count; ++i) out.push_back({"", "ConfigMap", "demo", "m" + std::to_string(i)});
  return out;
}

struct Facts {
  Facts() {
    application.name = "web";
    application.sync.auto_sync = true;
    application.sync.self_heal = true;
    plan.revision.commit = "1234567890";
  }
  Decision Ask(Cause cause, const std::string& actor = "ada") const {
    return Decide({.cause = cause,
                   .actor = actor,
                   .application = &application,
                   .plan = &plan,
                   .quarantine = &quarantine,
                   .safeguards = &safeguards,
                   .rollout_running = running,
                   .first = {Named("c0")},
                   .held_objects = held,
                   .confirmed = confirmed,
                   .rollback_to = 3},
                  kNow);
  }

  Application application;
  Plan plan;
  std::vector<Quarantine> quarantine;
  Safeguards safeguards;
  bool running = false;
  bool confirmed = false;
  std::int64_t held = 100;
};

constexpr auto kAllow = Decision::Verdict::kAllow;
constexpr auto kHold = Decision::Verdict::kHold;
constexpr auto kRefuse = Decision::Verdict::kRefuse;

struct Row {
  const char* name;
  std::function<void(Facts&)> given;
  Cause cause;
  Decision::Verdict verdict;
  const char* reason;
  const char* until = "";
};

void Freeze42(Facts& f, const char* application = "") {
  f.safeguards.freezes.push_back({.application = application,
                                  .actor = "ada",
                                  .reason = "incident 42",
                                  .at = kNow - hours(1),
                                  .until = kNow + hours(1)});
}
void BreakGlass(Facts& f, const char* application = "web") {
  f.safeguards.overrides.push_back({.application = application,
                                    .actor = "zoe",
                                    .reason = "hotfix",
                                    .at = kNow - hours(1),
                                    .until = kNow + hours(1)});
}
void CloseWindow(Facts& f) { f.safeguards.windows.push_back(Compiled(Friday())); }
void CloseWindowByHandOpen(Facts& f) {
  ChangeWindow window = Friday();
  window.manual = true;
  f.safeguards.windows.push_back(Compiled(window));
}

const char kGlassHint[] = "; where it cannot wait: `swell override web --for 1h --reason …`";
const std::string kFrozen = "the fleet is frozen by ada until 2026-11-27T13:00:00Z: incident 42";
const std::string kFrozenByHand = kFrozen + kGlassHint;
const std::string kClosed = "closed by deny window black-friday until 2026-11-30T06:00:00Z";
const std::string kClosedByHand = kClosed + kGlassHint;
const std::string kOver =
    "it would delete 30 of the 100 objects of web, in 1 cluster, more than "
    "spec.sync.deletionBudget.objects (20): ConfigMap demo/m0, ConfigMap demo/m1, ConfigMap "
    "demo/m2 and 27 more";
const std::string kOverSync =
    kOver + "; look with `swell diff web`, then run `swell sync web --confirm-prune`";
const std::string kOverRollback =
    kOver + "; if that is meant, run `swell rollback web --to 3 --confirm-prune`";

TEST(Decide, EveryRow) {
  const auto nothing = [](Facts&) {};
  const auto prune30 = [](Facts& f) { f.plan = Deleting(ConfigMaps(30)); };
  const std::vector<Row> rows = {
      {"auto", nothing, Cause::kAutoSync, kAllow, ""},
      {"heal", nothing, Cause::kSelfHeal, kAllow, ""},
      {"manual", nothing, Cause::kManualSync, kAllow, ""},
      {"rollback", nothing, Cause::kRollback, kAllow, ""},
      {"deletion", nothing, Cause::kDeletion, kAllow, ""},
      // Policies.
      {"auto off", [](Facts& f) { f.application.sync.auto_sync = false; }, Cause::kAutoSync, kHold,
       "automatic sync is off: run `swell sync web`"},
      {"heal off", [](Facts& f) { f.application.sync.self_heal = false; }, Cause::kSelfHeal, kHold,
       "self-heal is off: run `swell sync web`"},
      {"running", [](Facts& f) { f.running = true; }, Cause::kManualSync, kHold,
       "a rollout is running"},
      {"running, rollback", [](Facts& f) { f.running = true; }, Cause::kRollback, kAllow, ""},
      {"quarantine",
       [](Facts& f) {
         f.quarantine = {{.application = "web",
                          .commit = "1234567890",
                          .rollout = 2,
                          .reason = "c1 failed",
                          .at = kNow}};
       },
       Cause::kAutoSync, kHold, "revision 1234567 is quarantined since rollout 2: c1 failed"},
      {"deletion refused", [](Facts& f) { f.application.deletion = DeletionPolicy::kRefuse; },
       Cause::kDeletion, kRefuse,
       "spec.deletion of web is refuse: change it to orphan or cascade, apply that, and delete it "
       "then"},
      // Permissions.
      {"may not sync", [](Facts& f) { f.application.permissions.sync = {"zoe"}; },
       Cause::kManualSync, kRefuse,
       "ada may not sync, pause, resume, cancel or freeze web: its spec.permissions.sync names "
       "zoe"},
      {"auto needs none", [](Facts& f) { f.application.permissions.sync = {"zoe"}; },
       Cause::kAutoSync, kAllow, ""},
      {"may not roll back", [](Facts& f) { f.application.permissions.rollback = {"zoe"}; },
       Cause::kRollback, kRefuse,
       "ada may not roll back web: its spec.permissions.rollback names zoe"},
      {"may not delete", [](Facts& f) { f.application.permissions.remove = {"zoe"}; },
       Cause::kDeletion, kRefuse,
       "ada may not delete, or confirm deletions of, web: its spec.permissions.delete names zoe"},
      // Freezes.
      {"frozen, auto", [](Facts& f) { Freeze42(f); }, Cause::kAutoSync, kHold, kFrozen.c_str(),
       "2026-11-27T13:00:00Z"},
      {"frozen, heal", [](Facts& f) { Freeze42(f); }, Cause::kSelfHeal, kHold, kFrozen.c_str(),
       "2026-11-27T13:00:00Z"},
      {"frozen, manual", [](Facts& f) { Freeze42(f); }, Cause::kManualSync, kHold,
       kFrozenByHand.c_str(), "2026-11-27T13:00:00Z"},
      {"frozen, deletion", [](Facts& f) { Freeze42(f); }, Cause::kDeletion, kHold,
       kFrozenByHand.c_str(), "2026-11-27T13:00:00Z"},
      {"another is frozen", [](Facts& f) { Freeze42(f, "api"); }, Cause::kAutoSync, kAllow, ""},
      {"frozen for good",
       [](Facts& f) {
         Freeze42(f);
         f.safeguards.freezes.push_back(
             {.application = "web", .actor = "bob", .reason = "audit", .at = kNow});
       },
       Cause::kAutoSync, kHold,
       "web is frozen by bob: audit; the fleet is frozen by ada until 2026-11-27T13:00:00Z: "
       "incident 42"},
      // Windows.
      {"closed, auto", CloseWindow, Cause::kAutoSync, kHold, kClosed.c_str(),
       "2026-11-30T06:00:00Z"},
      {"closed, heal", CloseWindow, Cause::kSelfHeal, kHold, kClosed.c_str(),
       "2026-11-30T06:00:00Z"},
      {"closed, manual", CloseWindow, Cause::kManualSync, kHold, kClosedByHand.c_str(),
       "2026-11-30T06:00:00Z"},
      {"manual passes", CloseWindowByHandOpen, Cause::kManualSync, kAllow, ""},
      {"rollback passes", CloseWindowByHandOpen, Cause::kRollback, kAllow, ""},
      {"auto does not", CloseWindowByHandOpen, Cause::kAutoSync, kHold, kClosed.c_str(),
       "2026-11-30T06:00:00Z"},
      {"closed elsewhere",
       [](Facts& f) {
         ChangeWindow window = Friday();
         window.clusters.names = {"c9"};
         f.safeguards.windows.push_back(Compiled(window));
       },
       Cause::kAutoSync, kAllow, ""},
      // Deletions.
      {"budget, auto", prune30, Cause::kAutoSync, kHold, kOverSync.c_str()},
      {"budget, heal", prune30, Cause::kSelfHeal, kHold, kOverSync.c_str()},
      {"budget, manual", prune30, Cause::kManualSync, kHold, kOverSync.c_str()},
      {"budget, rollback", prune30, Cause::kRollback, kHold, kOverRollback.c_str()},
      {"budget, deletion", prune30, Cause::kDeletion, kAllow, ""},
      {"confirmed",
       [&](Facts& f) {
         prune30(f);
         f.confirmed = true;
       },
       Cause::kManualSync, kAllow, ""},
      {"may not confirm",
       [&](Facts& f) {
         prune30(f);
         f.confirmed = true;
         f.application.permissions.remove = {"zoe"};
       },
       Cause::kManualSync, kRefuse,
       "ada may not delete, or confirm deletions of, web: its spec.permissions.delete names zoe "
       "(it would delete 30 of the 100 objects of web, in 1 cluster, more than "
       "spec.sync.deletionBudget.objects (20): ConfigMap demo/m0, ConfigMap demo/m1, ConfigMap "
       "demo/m2 and 27 more)"},
  };
  for (const Row& row : rows) {
    Facts facts;
    row.given(facts);
    const Decision decision = facts.Ask(row.cause);
    EXPECT_EQ(decision.verdict, row.verdict) << row.name << ": " << decision.reason;
    EXPECT_EQ(decision.reason, row.reason) << row.name;
    EXPECT_EQ(decision.until ? FormatTimestamp(*decision.until) : "", row.until) << row.name;
    EXPECT_EQ(decision.overridden, "") << row.name;
  }
}

TEST(Decide, AnOverrideLetsPassByHandAlone) {
  Facts facts;
  Freeze42(facts);
  CloseWindow(facts);
  facts.plan = Deleting(ConfigMaps(30));
  BreakGlass(facts);
  for (const Cause cause : {Cause::kManualSync, Cause::kRollback, Cause::kDeletion}) {
    const Decision decision = facts.Ask(cause);
    ASSERT_EQ(decision.verdict, kAllow) << decision.reason;
    EXPECT_TRUE(decision.overridden.starts_with(
        "override of web by zoe until 2026-11-27T13:00:00Z: hotfix; it let pass: " + kFrozen +
        "; " + kClosed))
        << decision.overridden;
  }
  EXPECT_NE(facts.Ask(Cause::kManualSync).overridden.find("30 of the 100"), std::string::npos);
  EXPECT_EQ(facts.Ask(Cause::kAutoSync).verdict, kHold);
  EXPECT_EQ(facts.Ask(Cause::kSelfHeal).verdict, kHold);
  // It gives nobody permissions.
  facts.application.permissions.sync = {"zoe"};
  EXPECT_EQ(facts.Ask(Cause::kManualSync).verdict, kRefuse);
}

TEST(Decide, AnOverrideMustBeForItAndByWhoMay) {
  for (const char* application : {"", "web"}) {
    Facts facts;
    Freeze42(facts);
    BreakGlass(facts, application);
    EXPECT_EQ(facts.Ask(Cause::kManualSync).verdict, kAllow) << application;
    facts.application.permissions.override_ = {"ops"};
    EXPECT_EQ(facts.Ask(Cause::kManualSync).verdict, kHold) << application;
    facts.safeguards.teams = {{.name = "ops", .members = {"zoe"}}};
    EXPECT_EQ(facts.Ask(Cause::kManualSync).verdict, kAllow) << application;
    facts.safeguards.overrides.front().until = kNow;
    EXPECT_EQ(facts.Ask(Cause::kManualSync).verdict, kHold) << application;
  }
  Facts facts;
  Freeze42(facts);
  BreakGlass(facts, "api");
  EXPECT_EQ(facts.Ask(Cause::kManualSync).verdict, kHold);
  // Where nothing stands in the way, nothing was overridden.
  Facts open;
  BreakGlass(open);
  EXPECT_EQ(open.Ask(Cause::kManualSync).overridden, "");
}

TEST(Decide, BeforeThereIsAPlan) {
  Facts facts;
  Freeze42(facts);
  const Decision decision = Decide({.cause = Cause::kRollback,
                                    .actor = "ada",
                                    .application = &facts.application,
                                    .quarantine = &facts.quarantine,
                                    .safeguards = &facts.safeguards},
                                   kNow);
  EXPECT_EQ(decision.verdict, kHold);
}

TEST(Budget, CountsTheFleetAndLeavesHooksOut) {
  Plan plan = Deleting(ConfigMaps(2), 3);
  auto hooks = std::make_shared<OperationSet>(*plan.clusters[0].operations);
  hooks->operations.push_back(
      {.type = OperationType::kDelete, .id = {"batch", "Job", "demo", "hook"}, .hook = true});
  hooks->operations.push_back({.type = OperationType::kCreate, .id = {"", "ConfigMap", "", "n"}});
  plan.clusters[0].operations = hooks;
  plan.clusters.push_back({.cluster = "broken", .manifest = {}, .operations = {}, .error = "x"});
  const Deletions deletions = CountDeletions(plan);
  EXPECT_EQ(deletions.count, 6);
  EXPECT_EQ(deletions.distinct, 2);
  EXPECT_EQ(deletions.clusters, 3);
  EXPECT_EQ(deletions.examples,
            (std::vector<std::string>{"ConfigMap demo/m0", "ConfigMap demo/m1"}));
}

TEST(Budget, IsExceeded) {
  const ObjectId ns{"", "Namespace", "", "demo"};
  const ObjectId crd{"apiextensions.k8s.io", "CustomResourceDefinition", "", "x.example.com"};
  const ObjectId claim{"", "PersistentVolumeClaim", "demo", "data"};
  const struct {
    std::vector<ObjectId> ids;
    int clusters;
    std::int64_t held;
    DeletionBudget budget;
    const char* why;
  } cases[] = {
      {{}, 1, 10, {}, ""},
      {ConfigMaps(20), 1, 200, {}, ""},
      {ConfigMaps(21),
       1,
       1000,
       {},
       "it would delete 21 of the 1000 objects of web, in 1 cluster, more than "
       "spec.sync.deletionBudget.objects (20): ConfigMap demo/m0, ConfigMap demo/m1, ConfigMap "
       "demo/m2 and 18 more"},
      {ConfigMaps(1),
       21,
       1000,
       {},
       "it would delete 21 of the 1000 objects of web, in 21 clusters, more than "
       "spec.sync.deletionBudget.objects (20): ConfigMap demo/m0"},
      // A tenth, rounded up: one of the few objects of a small application may always go.
      {ConfigMaps(1), 1, 3, {}, ""},
      {ConfigMaps(2),
       1,
       3,
       {},
       "it would delete 2 of the 3 objects of web, in 1 cluster, more than "
       "spec.sync.deletionBudget.percent (10%, which is 1): ConfigMap demo/m0, ConfigMap demo/m1"},
      {ConfigMaps(3), 1, 21, {}, ""},
      {ConfigMaps(1), 12, 36, {}, ""},
      {ConfigMaps(2),
       6,
       18,
       {},
       "it would delete 12 of the 18 objects of web, in 6 clusters, more than "
       "spec.sync.deletionBudget.percent (10%, which is 6): ConfigMap demo/m0, ConfigMap demo/m1"},
      {ConfigMaps(1),
       1,
       3,
       {.percent = 0, .objects = 20},
       "it would delete 1 of the 3 objects of web, in 1 cluster, more than "
       "spec.sync.deletionBudget.percent (0%, which is 0): ConfigMap demo/m0"},
      {ConfigMaps(30), 1, 30, {.percent = 100, .objects = 1000}, ""},
      {{ns},
       2,
       1000,
       {},
       "it would delete 2 of the 1000 objects of web, in 2 clusters, with all that is in it: "
       "Namespace demo"},
      {{crd, claim},
       1,
       1000,
       {.percent = 100, .objects = 1000},
       "it would delete 2 of the 1000 objects of web, in 1 cluster, with all that is in it: "
       "apiextensions.k8s.io/CustomResourceDefinition x.example.com, PersistentVolumeClaim "
       "demo/data"},
      {{ns, claim},
       1,
       2,
       {},
       "it would delete 2 of the 2 objects of web, in 1 cluster, more than "
       "spec.sync.deletionBudget.percent (10%, which is 1): Namespace demo, "
       "PersistentVolumeClaim demo/data; and with all that is in it: Namespace demo, "
       "PersistentVolumeClaim demo/data"},
  };
  for (const auto& c : cases) {
    Application application;
    application.name = "web";
    application.sync.deletion_budget = c.budget;
    EXPECT_EQ(OverBudget(CountDeletions(Deleting(c.ids, c.clusters)), application, c.held), c.why);
  }
}

}  // namespace
}  // namespace swell::gate
