#include "reconciler/report/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::report {
namespace {

using testing::HasSubstr;
using testing::Not;

const Timestamp kNow = *ParseTimestamp("2026-03-01T12:00:00Z");

RolloutRows SomeRollout() {
  RolloutRows rows;
  RolloutState& state = rows.rollout;
  state.id = "web-7";
  state.number = 7;
  state.application = "web";
  state.actor = "ann";
  state.reason = "<b>now</b>";
  state.plan = Digest::Of("plan");
  state.phase = RolloutPhase::kRolledBack;
  state.message = "c1: not healthy";
  state.created_at = kNow;
  WaveProgress wave{.name = "canary", .clusters = {"c1"}, .phase = WavePhase::kFailed};
  wave.gates.push_back(
      {.name = "errors", .phase = GatePhase::kFailed, .message = "0.4 is not < 0.01"});
  state.waves = {wave};
  state.clusters["c1"] = {.cluster = "c1", .phase = ClusterPhase::kRolledBack};
  auto set = std::make_shared<OperationSet>();
  Operation op;
  op.type = OperationType::kUpdate;
  op.id = {"", "Secret", "web", "key"};
  op.changes = {
      {"/data/key", ChangeCause::kChanged, "*** (before)", "*** (after)", Digest::Of("hunter2")}};
  Operation none;
  none.id = {"", "ConfigMap", "web", "same"};
  set->operations = {op, none};
  set->digest = OperationSetDigest(set->operations);
  Plan plan;
  plan.clusters = {{"c1", Digest::Of("m"), set, ""}, {"c2", Digest::Of("m"), set, ""}};
  rows.plan = plan;
  rows.approvals = {{"web", state.plan, "bob", kNow, "go"}};
  rows.events = {{.sequence = 3, .at = kNow, .rollout = "web-7", .type = "WaveFailed"}};
  return rows;
}

TEST(EvidenceTest, OfARolloutSaysWhoWhatAndWhen) {
  const Value value = RolloutEvidence(SomeRollout());
  EXPECT_EQ(value["askedBy"].str(), "ann");
  EXPECT_EQ(value["approvals"].items()[0]["actor"].str(), "bob");
  EXPECT_EQ(value["plan"]["digest"].str(), Digest::Of("plan").Hex());
  const Value& changes = value["plan"]["changes"];
  ASSERT_EQ(changes.items().size(), 1u) << "clusters that change alike are together";
  EXPECT_EQ(changes.items()[0]["clusters"].items().size(), 2u);
  ASSERT_EQ(changes.items()[0]["operations"].items().size(), 1u) << "what changes alone";
  EXPECT_EQ(value["waves"].items()[0]["gates"].items()[0]["message"].str(), "0.4 is not < 0.01");
  EXPECT_EQ(value["events"].items()[0]["type"].str(), "WaveFailed");
}

TEST(EvidenceTest, HoldsNothingOfASecretAndIsTheSameEachTime) {
  const std::string text = json::Write(RolloutEvidence(SomeRollout()));
  EXPECT_THAT(text, HasSubstr("*** (after)"));
  EXPECT_THAT(text, Not(HasSubstr(Digest::Of("hunter2").Hex())))
      << "a digest of a short secret can be guessed";
  EXPECT_EQ(text, json::Write(RolloutEvidence(SomeRollout())));
}

TEST(EvidenceTest, OfAnApplicationNamesItsRolloutsAndRecords) {
  ApplicationRows rows;
  rows.application = "web";
  rows.rollouts = {SomeRollout().rollout};
  rows.quarantine = {{"web", "abc", 7, "bad", kNow}};
  rows.records = {
      {.kind = RecordKind::kOverride, .key = "1", .at = kNow, .content = R"({"by":"ann"})"},
      {.kind = RecordKind::kDeleted,
       .key = "2",
       .at = kNow,
       .content = "{\"a\":1}",
       .sensitive = true}};
  const Value value = ApplicationEvidence({kNow, kNow + std::chrono::hours(1)}, rows);
  EXPECT_EQ(value["rollouts"].items()[0]["file"].str(), "web/rollout-7.json");
  EXPECT_EQ(value["records"].items()[0]["content"]["by"].str(), "ann");
  EXPECT_THAT(value["records"].items()[1]["content"].str(), HasSubstr("encrypted"));
  EXPECT_EQ(value["quarantine"].items()[0]["commit"].str(), "abc");
}

TEST(EvidenceTest, TheIndexNamesEveryFileAndTrustsNoText) {
  ApplicationRows rows;
  rows.application = "web";
  rows.rollouts = {SomeRollout().rollout};
  rows.rollouts[0].message = "<script>alert(1)</script>";
  const Window window{kNow, kNow + std::chrono::hours(1)};
  const VerifyReport intact{.links = 12, .head = Digest::Of("head"), .damage = ""};
  const std::string page = EvidenceIndex(window, {rows}, intact);
  EXPECT_THAT(page, HasSubstr("href=\"web/application.json\""));
  EXPECT_THAT(page, HasSubstr("href=\"web/rollout-7.json\""));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, HasSubstr("2026-03-01T13:00:00Z"));
  EXPECT_THAT(page, HasSubstr("12 links"));
  EXPECT_THAT(page, HasSubstr(Digest::Of("head").Hex()));
  const VerifyReport damaged{.links = 3, .damage = "event <3> was changed"};
  EXPECT_THAT(EvidenceIndex(window, {rows}, damaged), HasSubstr("event &lt;3&gt; was changed"));
}

TEST(EvidenceTest, NamesWhatWasDeletedAndIsKept) {
  ApplicationRows rows;
  rows.application = "web";
  rows.deleted = {{"c1", {"", "Secret", "web", "old"}, "v1", "web-7", kNow, "ann", "undeclared"}};
  const Value value = ApplicationEvidence({kNow, kNow + std::chrono::hours(1)}, rows);
  ASSERT_EQ(value["deleted"].items().size(), 1u);
  EXPECT_EQ(value["deleted"].items()[0]["object"]["name"].str(), "old");
  EXPECT_EQ(value["deleted"].items()[0]["rollout"].str(), "web-7");
}

}  // namespace
}  // namespace swell::report
