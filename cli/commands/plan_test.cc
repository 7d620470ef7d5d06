#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/commands.h"
#include "cli/commands/fake_client.h"

namespace swell::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kDigest[] = "3f2a9c81d04b3f2a9c81d04b3f2a9c81d04b3f2a9c81d04b3f2a9c81d04b3f2a";

v1::PlanDetail SomePlan() {
  v1::PlanDetail detail;
  v1::Plan& plan = *detail.mutable_plan();
  plan.set_digest(kDigest);
  plan.set_application("web");
  plan.set_kind("sync");
  plan.set_actor("ann");
  plan.mutable_at()->set_seconds(1'000'000 - 60);
  v1::BlastRadius& radius = *plan.mutable_blast_radius();
  radius.set_clusters(5);
  radius.set_touched(4);
  radius.set_updated(4);
  radius.set_deleted(4);
  radius.set_replicas_before(8);
  radius.set_replicas_after(4);
  v1::KindReach& kind = *radius.add_protected_kinds();
  kind.set_kind("Namespace");
  kind.set_deleted(4);
  *radius.add_deletions() = kind;
  v1::WaveReach& wave = *radius.add_waves();
  wave.set_name("canary");
  wave.add_clusters("c1");
  wave.set_touched(1);
  wave.set_approvals(true);
  wave.mutable_bake()->set_seconds(600);
  for (const int size : {3, 1, 1}) {
    v1::DiffGroup& group = *detail.add_groups();
    for (int i = 0; i < size; ++i) {
      group.add_clusters("c" + std::to_string(10 * detail.groups_size() + i));
    }
    if (detail.groups_size() == 3) continue;
    v1::ObjectDiff& object = *group.add_objects();
    object.set_operation("delete");
    object.set_kind("Namespace");
    object.set_name("web");
  }
  return detail;
}

TEST(PlanTest, ShowsReachWavesAndHowToGoOn) {
  FakeSession fake;
  fake.client.answer_MakePlan = SomePlan();
  EXPECT_EQ(*MakePlan(fake.Get(), {.application = "web", .confirm_prune = true}), kOk);
  EXPECT_EQ(fake.client.asked_MakePlan.actor(), "ann@desk");
  EXPECT_TRUE(fake.client.asked_MakePlan.confirm_prune());
  for (const char* text :
       {"Plan         3f2a9c81d04b\n", "clusters     4 of 5 change\n",
        "objects      4 updated, 4 deleted\n", "replicas     8 -> 4\n",
        "deleted      4 Namespace\n", "protected    Namespace: 4 deleted\n",
        "1 canary     1 of 1 clusters change: c1; starts when it is approved; bakes 10m\n",
        "Changes: 3 clusters: the same change; 1 differs\n", "1m ago by ann",
        "Roll out exactly this: swell sync web --plan 3f2a9c81d04b\n"}) {
    EXPECT_THAT(fake.out, HasSubstr(text));
  }
}

TEST(PlanTest, ExitStatus) {
  FakeSession fake;
  fake.client.answer_MakePlan = SomePlan();
  const PlanOptions tell = {.application = "web", .with_changes = ChangesExit::kFoundChanges};
  EXPECT_EQ(*MakePlan(fake.Get(), tell), kFoundChanges);
  fake.client.answer_MakePlan->mutable_plan()->mutable_blast_radius()->set_unreadable(1);
  EXPECT_EQ(*MakePlan(fake.Get(), tell), kError);
  EXPECT_EQ(fake.err, "1 cluster could not be read: the plan is incomplete\n");
  fake.out.clear();
  v1::PlanDetail nothing;
  fake.client.answer_MakePlan = nothing;
  EXPECT_EQ(*MakePlan(fake.Get(), tell), kOk);
  EXPECT_THAT(fake.out, HasSubstr("Changes: nothing changes\n"));
  EXPECT_THAT(fake.out, Not(HasSubstr("--plan")));
}

TEST(PlanTest, OfARollbackIsAskedForAsSuch) {
  FakeSession fake;
  fake.client.answer_MakePlan = SomePlan();
  EXPECT_EQ(
      *Rollback(fake.Get(),
                {.application = "web", .to = 4, .clusters = {"c1", "c2"}, .dry_run = DryRun::kYes}),
      kOk);
  EXPECT_TRUE(fake.client.asked_MakePlan.rollback());
  EXPECT_EQ(fake.client.asked_MakePlan.rollback_to(), 4);
  EXPECT_EQ(fake.client.asked_MakePlan.clusters_size(), 2);
  EXPECT_THAT(fake.out, HasSubstr("swell rollback web --plan 3f2a9c81d04b\n"));
}

TEST(PlanTest, ComparesTwo) {
  FakeSession fake;
  v1::PlanComparison comparison;
  comparison.set_first(kDigest);
  comparison.set_second(std::string(64, 'b'));
  comparison.add_inputs("revision aaaaaaa -> bbbbbbb");
  v1::ClusterDifference& cluster = *comparison.add_clusters();
  cluster.add_clusters("c1");
  v1::OperationDifference& object = *cluster.add_operations();
  object.set_kind("ConfigMap");
  object.set_namespace_("web");
  object.set_name("a");
  object.set_first("update");
  object.set_second("update");
  v1::FieldDifference& field = *object.add_fields();
  field.set_path("/data/k");
  field.set_second("1 -> 2");
  fake.client.answer_ComparePlans = comparison;
  EXPECT_EQ(*ComparePlans(fake.Get(), "3f2a9c", "bbbbbb"), kOk);
  EXPECT_EQ(fake.out,
            "plan 3f2a9c81d04b against plan bbbbbbbbbbbb\n"
            "  revision aaaaaaa -> bbbbbbb\n"
            "\n1 cluster: c1\n"
            "  ConfigMap web/a: update\n"
            "    /data/k\n"
            "      3f2a9c81d04b  no change\n"
            "      bbbbbbbbbbbb  1 -> 2\n");
}

TEST(ApproveTest, KnowsAPlanFromAnApplication) {
  struct Case {
    const char* subject;
    const char* plan;
    bool is_application;
    const char* application;  // that the server is asked about
    const char* digest;
  };
  const Case cases[] = {
      {"web", "", true, "web", ""},        {"web", "3f2a9c", true, "web", "3f2a9c"},
      {"3f2a9c", "", false, "", "3f2a9c"}, {"deadbeef", "", true, "deadbeef", ""},
      {"beef", "", false, "beef", ""},
  };
  for (const Case& c : cases) {
    FakeSession fake;
    if (c.is_application) {
      fake.client.answer_GetApplication = v1::ApplicationStatus();
    } else {
      fake.client.answer_GetApplication = Fail(NotFound("no"));
    }
    v1::PlanApproval approval;
    approval.set_plan(kDigest);
    approval.set_actor("ann@desk");
    fake.client.answer_ApprovePlan = approval;
    EXPECT_EQ(*Approve(fake.Get(), {.subject = c.subject, .plan = c.plan, .comment = "yes"}), kOk);
    EXPECT_EQ(fake.client.asked_ApprovePlan.application(), c.application) << c.subject;
    EXPECT_EQ(fake.client.asked_ApprovePlan.plan(), c.digest) << c.subject;
    EXPECT_EQ(fake.client.asked_ApprovePlan.comment(), "yes");
    EXPECT_EQ(fake.out, "plan 3f2a9c81d04b approved by ann@desk\n");
  }
}

}  // namespace
}  // namespace swell::cli
