// swell drift, tolerate, deleted and undelete against a server that answers as told.

#include "cli/commands/healing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/fake_client.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'000'000;

void Web(v1::ObjectName& object) {
  object.set_group("apps");
  object.set_kind("Deployment");
  object.set_namespace_("web");
  object.set_name("web");
}

v1::Drift& Add(v1::ListDriftResponse& to, const std::string& state, bool open) {
  v1::Drift& drift = *to.add_drift();
  drift.set_application("web");
  drift.set_cluster("c01");
  Web(*drift.mutable_object());
  v1::DriftField& field = *drift.add_fields();
  field.set_path("/spec/replicas");
  field.set_manager("kubectl-scale");
  field.set_before("9");
  field.set_after("2");
  drift.mutable_first_seen()->set_seconds(kNow - 120);
  drift.mutable_last_seen()->set_seconds(kNow - 5);
  drift.mutable_state_since()->set_seconds(kNow - 5);
  drift.set_state(state);
  drift.set_open(open);
  return drift;
}

TEST(DriftCommandTest, TellsWhatBecameOfIt) {
  FakeSession s;
  v1::ListDriftResponse answer;
  v1::Drift& waiting = Add(answer, "waiting", true);
  waiting.mutable_until()->set_seconds(kNow + 20);
  waiting.add_repairs();
  waiting.add_repairs();
  v1::Drift& stopped = Add(answer, "stopped", true);
  v1::DriftStop& stop = *stopped.add_stops();
  stop.set_manager("hpa");
  stop.set_flips(5);
  stop.mutable_span()->set_seconds(75);
  Add(answer, "left", true).set_why("self-heal is off");
  v1::Drift& repaired = Add(answer, "repaired", false);
  repaired.set_rollout("web-7");
  repaired.add_fields()->set_path("/spec/paused");
  v1::Drift& gone = Add(answer, "gone", false);
  gone.mutable_fields(0)->Clear();
  s.client.answer_ListDrift = answer;
  const auto done = ShowDrift(s.Get(), "web");
  ASSERT_TRUE(done) << done.error().ToString();
  EXPECT_EQ(*done, kOk);
  EXPECT_EQ(s.client.asked_ListDrift.application(), "web");
  for (const char* expected :
       {"Deployment.apps web/web", "/spec/replicas: 9 -> 2 ", "kubectl-scale",
        "repaired in 20s, after 2 repairs", "not repaired any more: 5 flips with hpa in 1m15s",
        "left: self-heal is off", "/spec/replicas: 9 -> 2 and 1 more", "repaired 5s ago (web-7)",
        "absent", "gone 5s ago"}) {
    EXPECT_THAT(s.out, HasSubstr(expected));
  }
  s.client.answer_ListDrift = v1::ListDriftResponse();
  s.out.clear();
  ASSERT_TRUE(ShowDrift(s.Get(), ""));
  EXPECT_EQ(s.out, "no drift\n");
}

TEST(TolerateCommandTest, AsksAndTells) {
  FakeSession s;
  v1::Toleration made;
  made.set_application("web");
  Web(*made.mutable_object());
  made.set_pointer("/spec/replicas");
  made.mutable_until()->set_seconds(kNow);
  s.client.answer_Tolerate = made;
  ASSERT_TRUE(Tolerate(s.Get(), {.application = "web",
                                 .object = "Deployment/web",
                                 .pointer = "/spec/replicas",
                                 .ns = "web",
                                 .cluster = "c01",
                                 .length = 2h,
                                 .reason = "load test"}));
  EXPECT_EQ(s.client.asked_Tolerate.length().seconds(), 7200);
  EXPECT_EQ(s.client.asked_Tolerate.reason(), "load test");
  EXPECT_EQ(s.client.asked_Tolerate.actor(), s.Get().actor);
  EXPECT_EQ(s.out,
            "web: drift of Deployment.apps web/web /spec/replicas in every cluster is tolerated "
            "until 1970-01-12T13:46:40Z\n");
  s.out.clear();
  v1::ListTolerationsResponse list;
  *list.add_tolerations() = made;
  s.client.answer_EndTolerations = list;
  ASSERT_TRUE(Untolerate(s.Get(), {.application = "web", .object = "Deployment/web"}));
  EXPECT_THAT(s.out, HasSubstr("is not tolerated any more"));
  s.out.clear();
  list.mutable_tolerations(0)->mutable_until()->set_seconds(kNow + 90);
  s.client.answer_ListTolerations = list;
  ASSERT_TRUE(ListTolerations(s.Get(), "web"));
  EXPECT_THAT(s.out, HasSubstr("1m30s"));
}

v1::RestoredObject& Add(v1::UndeleteResponse& to, const std::string& outcome) {
  v1::RestoredObject& object = *to.add_objects();
  object.set_cluster("c01");
  Web(*object.mutable_object());
  object.set_rollout("web-3");
  object.set_outcome(outcome);
  return object;
}

TEST(UndeleteCommandTest, EndsWithAnErrorWhereSomethingFailed) {
  FakeSession s;
  v1::UndeleteResponse answer;
  Add(answer, "restored").set_message("it gets a new, empty volume");
  Add(answer, "there").set_message("it is left as it is");
  s.client.answer_Undelete = answer;
  auto done = Undelete(
      s.Get(),
      {.application = "web", .objects = {"Deployment/web"}, .since = 30min, .reason = "needed"});
  ASSERT_TRUE(done);
  EXPECT_EQ(*done, kOk);
  EXPECT_EQ(s.client.asked_Undelete.since().seconds(), 1800);
  EXPECT_FALSE(s.client.asked_Undelete.dry_run());
  EXPECT_THAT(s.out, HasSubstr("not managed: declare it again in Git to have it managed; it gets a "
                               "new, empty volume"));
  Add(answer, "failed").set_message("refused");
  s.client.answer_Undelete = answer;
  done = Undelete(s.Get(), {.application = "web", .dry_run = DryRun::kYes});
  ASSERT_TRUE(done);
  EXPECT_EQ(*done, kError);
  EXPECT_FALSE(s.client.asked_Undelete.has_since());
  EXPECT_TRUE(s.client.asked_Undelete.dry_run());
  EXPECT_THAT(s.err, HasSubstr("1 object could not be restored"));
}

TEST(DeletedCommandTest, ListsThem) {
  FakeSession s;
  v1::ListDeletedResponse answer;
  v1::DeletedObject& object = *answer.add_objects();
  object.set_application("web");
  object.set_cluster("c01");
  Web(*object.mutable_object());
  object.set_number(3);
  object.mutable_at()->set_seconds(kNow - 60);
  object.set_why("no longer declared");
  s.client.answer_ListDeleted = answer;
  ASSERT_TRUE(ListDeleted(s.Get(), ""));
  EXPECT_THAT(s.out, HasSubstr("#3"));
  EXPECT_THAT(s.out, HasSubstr("no longer declared"));
}

}  // namespace
}  // namespace swell::cli
