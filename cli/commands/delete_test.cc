#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/commands.h"
#include "cli/commands/delete_view.h"
#include "cli/commands/fake_client.h"

namespace swell::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::DiffResponse Plan() {
  v1::DiffResponse plan;
  plan.set_plan("0123456789abcdef0123");
  v1::DiffGroup& group = *plan.add_groups();
  group.add_clusters("c1");
  v1::ObjectDiff& hook = *group.add_objects();
  hook.set_operation("create");
  hook.set_group("batch");
  hook.set_kind("Job");
  hook.set_namespace_("web");
  hook.set_name("backup");
  v1::ObjectDiff& object = *group.add_objects();
  object.set_operation("delete");
  object.set_kind("Namespace");
  object.set_name("web");
  plan.add_groups()->add_clusters("c3");  // nothing to do there
  v1::DiffGroup other = group;            // of another group for its uids alone
  other.set_clusters(0, "c2");
  *plan.add_groups() = other;
  plan.add_warnings("c1: ConfigMap web/a stays: helm.sh/resource-policy: keep");
  return plan;
}

DeleteOptions Options(const std::string& policy) {
  DeleteOptions options;
  options.resource = {"Application", "web"};
  options.policy = policy;
  return options;
}

class DeleteTest : public ::testing::Test {
 protected:
  DeleteTest() {
    *shown_.mutable_plan() = Plan();
    fake_.client.answer_Delete = shown_;
  }
  Result<int> Run(const DeleteOptions& options) { return Delete(fake_.Get(), options); }

  v1::DeleteResponse shown_;
  FakeSession fake_;
};

TEST(DeletionPageTest, CountsListsAndSaysWhatStays) {
  EXPECT_EQ(DeletionPage("web", Plan(), {}),
            "web goes, with 2 objects in 2 clusters (plan 0123456789ab)\n"
            "\n2 clusters: c1, c2\n"
            "  run hook batch/Job web/backup\n"
            "  delete   Namespace web\n"
            "\nc1: ConfigMap web/a stays: helm.sh/resource-policy: keep\n");
}

TEST_F(DeleteTest, OrphansWithoutAsking) {
  fake_.client.answer_Delete = v1::DeleteResponse();
  fake_.client.answer_Delete->set_message("its objects stay in 2 clusters");
  EXPECT_EQ(*Run(Options("orphan")), kOk);
  EXPECT_EQ(fake_.client.asked_Delete.policy(), "orphan");
  EXPECT_FALSE(fake_.client.asked_Delete.dry_run());
  EXPECT_EQ(fake_.out, "application/web deleted; its objects stay in 2 clusters\n");
}

TEST_F(DeleteTest, ADryRunOnlyShows) {
  DeleteOptions options = Options("cascade");
  options.dry_run = DryRun::kYes;
  EXPECT_EQ(*Run(options), kOk);
  EXPECT_TRUE(fake_.client.asked_Delete.dry_run());
  EXPECT_THAT(fake_.out, HasSubstr("web goes, with 2 objects"));
}

TEST_F(DeleteTest, WithoutAnybodyToAskNothingIsDeleted) {
  const auto code = Run(Options("cascade"));
  ASSERT_FALSE(code);
  EXPECT_THAT(code.error().ToString(), HasSubstr("--yes"));
  EXPECT_TRUE(fake_.client.asked_Delete.dry_run()) << "only the look was asked for";
}

TEST_F(DeleteTest, NoIsNo) {
  Session session = fake_.Get();
  session.ask = [](std::string_view) { return false; };
  EXPECT_EQ(*Delete(session, Options("cascade")), kError);
  EXPECT_TRUE(fake_.client.asked_Delete.dry_run());
  EXPECT_THAT(fake_.out, HasSubstr("nothing was deleted"));
}

TEST_F(DeleteTest, WhatWasShownIsWhatIsAskedFor) {
  shown_.mutable_rollout()->set_id("web-7");
  shown_.mutable_rollout()->set_number(7);
  shown_.mutable_rollout()->set_kind("delete");
  fake_.client.answer_Delete = shown_;
  DeleteOptions options = Options("cascade");
  options.answer = Answer::kYes;
  options.confirm = true;
  EXPECT_EQ(*Run(options), kOk);
  const v1::DeleteRequest& asked = fake_.client.asked_Delete;
  EXPECT_FALSE(asked.dry_run());
  EXPECT_TRUE(asked.confirm());
  EXPECT_EQ(asked.plan(), "0123456789abcdef0123");
  EXPECT_THAT(fake_.out, HasSubstr("follow it with: swell watch web"));
  EXPECT_THAT(fake_.err, IsEmpty());
}

TEST_F(DeleteTest, WaitsUntilTheApplicationIsGone) {
  v1::Rollout& rollout = *shown_.mutable_rollout();
  rollout.set_id("web-7");
  rollout.set_number(7);
  rollout.set_kind("delete");
  rollout.set_phase("Succeeded");
  rollout.set_finished(true);
  fake_.client.answer_Delete = shown_;
  v1::WatchResponse message;
  *message.mutable_rollout() = rollout;
  fake_.client.streams.push_back({{message}, {}});
  fake_.client.answer_GetApplication = Fail(NotFound("there is no application web"));
  DeleteOptions options = Options("cascade");
  options.answer = Answer::kYes;
  options.wait = true;
  EXPECT_EQ(*Run(options), kOk);
  EXPECT_THAT(fake_.out, HasSubstr("application/web deleted\n"));
}

TEST_F(DeleteTest, OtherKindsGoAtOnce) {
  fake_.client.answer_Delete = v1::DeleteResponse();
  DeleteOptions options;
  options.resource = {"Repository", "r"};
  EXPECT_EQ(*Run(options), kOk);
  EXPECT_EQ(fake_.out, "repository/r deleted\n");
}

}  // namespace
}  // namespace swell::cli
