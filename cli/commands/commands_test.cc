#include "cli/commands/commands.h"

#include <gmock/gmock.h>

#include "base/value/json.h"
#include "cli/commands/fake_client.h"
#include "cli/commands/follow.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Rollout RolloutIn(const std::string& phase, std::int64_t number = 7) {
  v1::Rollout rollout;
  rollout.set_id("web-" + std::to_string(number));
  rollout.set_number(number);
  rollout.set_application("web");
  rollout.set_kind("sync");
  rollout.set_phase(phase);
  rollout.set_finished(phase != "Progressing" && phase != "RollingBack");
  return rollout;
}

v1::WatchResponse Message(const v1::Rollout& rollout) {
  v1::WatchResponse message;
  *message.mutable_rollout() = rollout;
  return message;
}

StartOptions WaitingStart() {
  return {.application = "web", .reason = "ticket 5", .waiting = Waiting::kYes};
}

struct EndCase {
  const char* phase;
  int code;
};
class SyncEnds : public ::testing::TestWithParam<EndCase> {};

TEST_P(SyncEnds, WithTheRolloutsExitCode) {
  FakeSession fake;
  v1::StartedRollout started;
  *started.mutable_rollout() = RolloutIn("Progressing");
  fake.client.answer_Sync = started;
  fake.client.streams.push_back(
      {{Message(RolloutIn("Progressing")), Message(RolloutIn(GetParam().phase))}, {}});
  const auto code = Sync(fake.Get(), WaitingStart());
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, GetParam().code);
  EXPECT_EQ(fake.client.asked_Sync.actor(), "ann@desk");
  EXPECT_EQ(fake.client.asked_Sync.reason(), "ticket 5");
  EXPECT_EQ(fake.client.asked_Watch.at(0).number(), 7);
  EXPECT_THAT(fake.out, HasSubstr(std::string("web #7 ") + GetParam().phase));
  EXPECT_EQ(fake.err.empty(), *code == kOk);
}

INSTANTIATE_TEST_SUITE_P(Phases, SyncEnds,
                         ::testing::Values(EndCase{"Succeeded", kOk},
                                           EndCase{"Failed", kRolloutFailed},
                                           EndCase{"RolledBack", kRolloutFailed},
                                           EndCase{"Cancelled", kRolloutFailed}));

TEST(SyncTest, NothingToChangeIsNotWaitedFor) {
  FakeSession fake;
  v1::StartedRollout started;
  started.set_message("already in sync");
  fake.client.answer_Sync = started;
  EXPECT_EQ(*Sync(fake.Get(), WaitingStart()), kOk);
  EXPECT_EQ(fake.out, "web: already in sync\n");
}

TEST(SyncTest, JsonIsOneDocumentWithTheEnd) {
  FakeSession fake;
  v1::StartedRollout started;
  *started.mutable_rollout() = RolloutIn("Progressing");
  fake.client.answer_Sync = started;
  fake.client.streams.push_back({{Message(RolloutIn("Failed"))}, {}});
  EXPECT_EQ(*Sync(fake.Get(Format::kJson), WaitingStart()), kRolloutFailed);
  const auto value = json::Parse(fake.out);
  ASSERT_TRUE(value) << fake.out;
  EXPECT_EQ(value->At({"rollout", "phase"}).as_string(), "Failed");
  EXPECT_EQ(value->At({"rollout", "number"}).as_string(), "7");
}

TEST(SyncTest, TheServersErrorIsTheCommands) {
  FakeSession fake;
  fake.client.answer_Sync = Fail(FailedPrecondition("a rollout runs"));
  const auto code = Sync(fake.Get(), WaitingStart());
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().ToString(), "a rollout runs");
  EXPECT_EQ(fake.out, "");
}

TEST(FollowTest, ARestartedServerIsWaitedFor) {
  FakeSession fake;
  fake.client.streams.push_back(
      {{Message(RolloutIn("Progressing"))}, Fail(Unavailable("socket closed"))});
  fake.client.streams.push_back({{}, Fail(Unavailable("connection refused"))});
  // The next rollout is not the one that was followed.
  fake.client.streams.push_back({{Message(RolloutIn("Succeeded"))}, {}});
  const auto followed = Follow(fake.Get(), {.application = "web"});
  ASSERT_TRUE(followed);
  EXPECT_EQ(followed->rollout.phase(), "Succeeded");
  EXPECT_EQ(fake.client.asked_Watch.at(0).number(), 0);
  EXPECT_EQ(fake.client.asked_Watch.at(2).number(), 7);
  EXPECT_THAT(fake.err, HasSubstr("connection refused"));
}

TEST(FollowTest, AServerThatStaysAwayIsAnError) {
  FakeSession fake;
  fake.client.streams.push_back({{Message(RolloutIn("Progressing"))}, Fail(Unavailable("gone"))});
  for (int i = 0; i < 100; ++i) fake.client.streams.push_back({{}, Fail(Unavailable("gone"))});
  const auto followed = Follow(fake.Get(), {.application = "web"});
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().code(), ErrorCode::kUnavailable);
  EXPECT_LT(fake.client.asked_Watch.size(), 40u);
}

TEST(FollowTest, AServerThatWasNeverThereIsAnErrorAtOnce) {
  FakeSession fake;
  fake.client.streams.push_back({{}, Fail(Unavailable("cannot reach swelld"))});
  EXPECT_FALSE(Follow(fake.Get(), {.application = "web"}));
  EXPECT_EQ(fake.client.asked_Watch.size(), 1u);
}

TEST(FollowTest, TheTimeoutHasItsOwnExitCode) {
  FakeSession fake;
  fake.client.streams.push_back(
      {{Message(RolloutIn("Progressing"))}, Fail(Error(ErrorCode::kDeadlineExceeded, "deadline"))});
  const Session session = fake.Get();
  const auto code =
      Watch(session, {.application = "web", .until_finished = Waiting::kYes, .timeout = 0s});
  ASSERT_TRUE(code);
  EXPECT_EQ(*code, kTimedOut);
  EXPECT_THAT(fake.err, HasSubstr("still Progressing"));
}

TEST(WaitTest, EndsWhenSyncedFailedOrLate) {
  FakeSession fake;
  v1::ApplicationStatus status;
  status.set_name("web");
  status.set_sync("Synced");
  status.mutable_revision()->set_commit("1a2b3c4d");
  fake.client.answer_GetApplication = status;
  EXPECT_EQ(*Wait(fake.Get(), {.application = "web", .revision = "1a2b3c4"}), kOk);
  // Synced, but not with what is waited for.
  EXPECT_EQ(*Wait(fake.Get(), {.application = "web", .revision = "ffff", .timeout = 3s}),
            kTimedOut);
  status.set_sync("OutOfSync");
  fake.client.answer_GetApplication = status;
  EXPECT_EQ(*Wait(fake.Get(), {.application = "web", .timeout = 3s}), kTimedOut);
  *status.mutable_rollout() = RolloutIn("RolledBack");
  status.mutable_rollout()->mutable_revision()->set_commit("1a2b3c4d");
  fake.client.answer_GetApplication = status;
  EXPECT_EQ(*Wait(fake.Get(), {.application = "web"}), kRolloutFailed);
  // An older revision's failure says nothing about this one.
  status.mutable_rollout()->mutable_revision()->set_commit("0000000");
  fake.client.answer_GetApplication = status;
  EXPECT_EQ(*Wait(fake.Get(), {.application = "web", .timeout = 3s}), kTimedOut);
}

v1::DiffResponse SomeDiff() {
  v1::DiffResponse diff;
  v1::DiffGroup& changed = *diff.add_groups();
  for (int i = 1; i <= 12; ++i) changed.add_clusters("c" + std::to_string(i));
  v1::ObjectDiff& object = *changed.add_objects();
  object.set_operation("update");
  object.set_group("apps");
  object.set_kind("Deployment");
  object.set_namespace_("shop");
  object.set_name("web");
  object.set_unified("--- live\n+++ desired\n@@ -1 +1 @@\n-a: 1\n+a: 2\n");
  v1::FieldChange& drift = *object.add_changes();
  drift.set_path("/spec/replicas");
  drift.set_cause("drifted");
  drift.set_before("9");
  drift.set_after("3");
  diff.add_groups()->add_clusters("same");
  return diff;
}

TEST(DiffTest, GroupsClustersAndNamesDrift) {
  FakeSession fake;
  fake.client.answer_Diff = SomeDiff();
  EXPECT_EQ(*Diff(fake.Get(), {.application = "web"}), kOk);
  EXPECT_EQ(fake.out,
            "web at -\n"
            "\n12 clusters change alike: c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 … 2 more\n"
            "\n  update Deployment.apps shop/web\n"
            "    drifted /spec/replicas: 9 -> 3\n"
            "    @@ -1 +1 @@\n    -a: 1\n    +a: 2\n"
            "\n1 cluster needs no change: same\n");
}

TEST(DiffTest, SaysWhoDriftedAFieldAndShowsCauses) {
  FakeSession fake;
  fake.client.answer_Diff = SomeDiff();
  v1::FieldChange& drift =
      *fake.client.answer_Diff->mutable_groups(0)->mutable_objects(0)->mutable_changes(0);
  drift.set_manager("kubectl-scale");
  drift.set_time("2026-01-02T00:00:00Z");
  EXPECT_EQ(*Diff(fake.Get(), {.application = "web"}), kOk);
  EXPECT_THAT(fake.out, HasSubstr("drifted /spec/replicas: 9 -> 3 (kubectl-scale, 2026-01-02"));
  fake.out.clear();
  EXPECT_EQ(*Diff(fake.Get(), {.application = "web", .view = DiffView::kCauses}), kOk);
  EXPECT_THAT(fake.out, testing::ContainsRegex("PATH +CAUSE +MANAGER +WHEN"));
  EXPECT_THAT(fake.out, Not(HasSubstr("+a: 2")));
  fake.out.clear();
  EXPECT_EQ(*Diff(fake.Get(), {.application = "web", .view = DiffView::kSideBySide}), kOk);
  EXPECT_THAT(fake.out, testing::ContainsRegex("a: 1 +\\| a: 2"));
}

// What needs no apply is no change, however much of it there is.
TEST(DiffTest, DifferencesWithoutAChange) {
  FakeSession fake;
  fake.client.answer_Diff = SomeDiff();
  v1::ObjectDiff& object = *fake.client.answer_Diff->mutable_groups(0)->mutable_objects(0);
  object.set_operation("none");
  object.clear_unified();
  object.mutable_changes(0)->set_cause("defaulted");
  EXPECT_EQ(*Diff(fake.Get(), {.application = "web",
                               .with_changes = ChangesExit::kFoundChanges,
                               .view = DiffView::kCauses}),
            kOk);
  EXPECT_THAT(fake.out, HasSubstr("12 clusters need no change"));
  EXPECT_THAT(fake.out, HasSubstr("no change of Deployment.apps shop/web"));
}

TEST(DiffTest, ExitCodes) {
  FakeSession fake;
  fake.client.answer_Diff = SomeDiff();
  const DiffOptions tell{.application = "web", .with_changes = ChangesExit::kFoundChanges};
  EXPECT_EQ(*Diff(fake.Get(), tell), kFoundChanges);
  fake.client.answer_Diff->mutable_groups()->DeleteSubrange(0, 1);
  EXPECT_EQ(*Diff(fake.Get(), tell), kOk);
  // What could not be read is no proof that nothing changes.
  v1::DiffGroup& unreadable = *fake.client.answer_Diff->add_groups();
  unreadable.add_clusters("c1");
  unreadable.set_error("connection refused");
  EXPECT_EQ(*Diff(fake.Get(), tell), kError);
  EXPECT_THAT(fake.out, HasSubstr("connection refused"));
}

TEST(GetTest, YamlIsWhatWasDeclared) {
  FakeSession fake;
  v1::GetResourcesResponse declared;
  declared.add_documents("a: 1\n");
  declared.add_documents("b: 2\n");
  fake.client.answer_GetResources = declared;
  EXPECT_EQ(*Get(fake.Get(Format::kYaml), {"Application", ""}), kOk);
  EXPECT_EQ(fake.out, "a: 1\n---\nb: 2\n");
  EXPECT_EQ(fake.client.asked_GetResources.kind(), "Application");
}

TEST(GetTest, ClustersAndRepositories) {
  FakeSession fake;
  v1::ListClustersResponse list;
  v1::ClusterStatus& cluster = *list.add_clusters();
  cluster.set_name("c1");
  cluster.set_error("no route\nto host");
  (*cluster.mutable_labels())["ring"] = "canary";
  (*cluster.mutable_labels())["env"] = "prod";
  fake.client.answer_ListClusters = list;
  EXPECT_EQ(*Get(fake.Get(), {"Cluster", ""}), kOk);
  EXPECT_THAT(fake.out, HasSubstr("c1     Unreachable   -         0      env=prod,ring=canary   "
                                  "no route to host\n"));
  EXPECT_FALSE(Get(fake.Get(), {"Cluster", "c2"}));

  v1::GetResourcesResponse declared;
  declared.add_documents("metadata: {name: r}\nspec: {url: \"https://x/\", password: '***'}\n");
  fake.client.answer_GetResources = declared;
  fake.out.clear();
  EXPECT_EQ(*Get(fake.Get(), {"Repository", ""}), kOk);
  EXPECT_EQ(fake.out, "NAME   URL          CREDENTIALS\nr      https://x/   password\n");
}

TEST(QuarantineTest, TheOnlyOneNeedsNoName) {
  FakeSession fake;
  v1::ApplicationStatus status;
  status.add_quarantine()->set_commit("1111111aaaa");
  fake.client.answer_GetApplication = status;
  fake.client.answer_ReleaseQuarantine = v1::ReleaseQuarantineResponse();
  EXPECT_EQ(*ReleaseQuarantine(fake.Get(), "web", ""), kOk);
  EXPECT_EQ(fake.client.asked_ReleaseQuarantine.commit(), "1111111aaaa");
  status.add_quarantine()->set_commit("2222222bbbb");
  fake.client.answer_GetApplication = status;
  const auto code = ReleaseQuarantine(fake.Get(), "web", "");
  ASSERT_FALSE(code);
  EXPECT_THAT(code.error().ToString(), HasSubstr("1111111 2222222"));
}

TEST(ClusterTest, AddDeclaresAnAbsolutePath) {
  FakeSession fake;
  fake.client.answer_Apply = v1::ApplyResponse();
  EXPECT_EQ(*AddCluster(fake.Get(), {.name = "c1",
                                     .kubeconfig = SWELL_SOURCE_DIR "/CMakeLists.txt",
                                     .context = "ctx",
                                     .labels = {{"ring", "1"}}}),
            kOk);
  EXPECT_EQ(fake.client.asked_Apply.documents(),
            "apiVersion: swell/v1alpha1\nkind: Cluster\nmetadata:\n  labels:\n    ring: \"1\"\n"
            "  name: c1\nspec:\n  kubeconfig:\n    context: ctx\n    path: " SWELL_SOURCE_DIR
            "/CMakeLists.txt\n");
  EXPECT_FALSE(AddCluster(fake.Get(), {.name = "c1", .kubeconfig = "no/such/file"}));
}

TEST(EventsTest, ShowsTheNewestOfManyPages) {
  FakeSession fake;
  v1::ListEventsResponse response;
  for (int i = 1; i <= 5; ++i) response.add_events()->set_sequence(i);
  fake.client.answer_ListEvents = response;
  EXPECT_EQ(*ShowEvents(fake.Get(), {.limit = 2}), kOk);
  EXPECT_THAT(fake.out, HasSubstr("\n5 "));
  EXPECT_THAT(fake.out, HasSubstr("\n4 "));
  EXPECT_THAT(fake.out, Not(HasSubstr("\n3 ")));
}

TEST(VersionTest, NeedsNoServer) {
  FakeSession fake;
  fake.client.answer_GetVersion = Fail(Unavailable("cannot reach swelld at x"));
  EXPECT_EQ(*ShowVersion(fake.Get()), kOk);
  EXPECT_THAT(fake.out, HasSubstr("swell "));
  EXPECT_THAT(fake.err, HasSubstr("cannot reach swelld at x"));
}

TEST(VerifyHistoryTest, PrintsTheHeadToBeKept) {
  FakeSession fake;
  v1::VerifyHistoryResponse report;
  report.set_links(40);
  report.set_events(31);
  report.set_last(40);
  report.set_head(std::string(64, 'a'));
  report.mutable_began_at()->set_seconds(1'800'000'000);
  fake.client.answer_VerifyHistory = report;
  EXPECT_EQ(*VerifyHistory(fake.Get(), {.from = 7, .expect = "b"}), kOk);
  EXPECT_EQ(fake.client.asked_VerifyHistory.from(), 7);
  EXPECT_EQ(fake.client.asked_VerifyHistory.expect(), "b");
  EXPECT_EQ(fake.out,
            "40 links (31 events) are as they were written; the chain began "
            "2027-01-15T08:00:00Z\nhead " +
                std::string(64, 'a') + " (link 40)\n");
}

TEST(VerifyHistoryTest, DamageIsAnError) {
  v1::VerifyHistoryResponse report;
  report.set_links(4);
  report.set_events(3);
  report.set_damage("event 4 (T web-1, 2027): its message was changed after it was written");
  for (const Format format : {Format::kTable, Format::kJson}) {
    FakeSession fake;
    fake.client.answer_VerifyHistory = report;
    EXPECT_EQ(*VerifyHistory(fake.Get(format), {}), kError);
    EXPECT_NE((format == Format::kTable ? fake.err : fake.out).find("its message was changed"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace swell::cli
