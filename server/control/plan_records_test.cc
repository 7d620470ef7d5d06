#include "server/control/plan_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/control/plans.h"

namespace swell::control {
namespace {

using namespace std::chrono_literals;

using testing::HasSubstr;

const Timestamp kStart = *ParseTimestamp("2026-03-01T00:00:00Z");

Plan PlanOf(const std::string& application, const Digest& digest) {
  Plan plan;
  plan.application = application;
  plan.digest = digest;
  return plan;
}

plan::PlanRecord RecordFor(const std::string& application, const Digest& digest,
                           Timestamp at = kStart, const std::string& actor = "ann") {
  plan::PlanRecord record;
  record.plan = digest;
  record.application = application;
  record.at = at;
  record.actor = actor;
  return record;
}

Digest DigestFrom(const std::string& digits) {
  return *Digest::Parse(digits + std::string(64 - digits.size(), '0'));
}

class PlanRecordsTest : public testing::Test {
 protected:
  void Put(const plan::PlanRecord& record) {
    auto mutations = PutPlan(*ledger_, PlanOf(record.application, record.plan), record);
    ASSERT_TRUE(mutations) << mutations.error().ToString();
    ASSERT_TRUE(ledger_->Commit(std::move(*mutations)));
  }
  std::vector<LedgerRecord> Records() {
    return *ledger_->ListRecords({.kind = RecordKind::kPlan, .limit = 10'000});
  }

  const std::unique_ptr<Ledger> ledger_ = MakeMemoryLedger();
};

TEST_F(PlanRecordsTest, AreFoundByTheirFirstDigits) {
  Put(RecordFor("web", DigestFrom("abcdef1")));
  Put(RecordFor("web", DigestFrom("abcdef2")));
  Put(RecordFor("shop", DigestFrom("abcdef3")));
  Put(RecordFor("shop", DigestFrom("123456")));
  struct Case {
    const char* application;
    std::string digits;
    const char* error;  // "" where it is found
  };
  const Case cases[] = {
      {"", "123456", ""},
      {"shop", "123456", ""},
      {"shop", "ABCDEF", ""},
      {"web", "abcdef2", ""},
      {"web", "sha256:" + DigestFrom("abcdef1").Hex(), ""},
      {"", "abcdef", "several plans begin with abcdef: abcdef300000 (shop), abcdef1"},
      {"web", "abcdef", "several plans of web begin with abcdef"},
      {"web", "123456", "there is no plan 123456 of web: look with `swell plan list web`"},
      {"", "12345", "at least its first 6 hex digits"},
      {"", "12345g", "hex digits"},
      {"", "", "hex digits"},
      {"", std::string(65, 'a'), "hex digits"},
  };
  for (const Case& c : cases) {
    const auto found = FindPlan(*ledger_, c.application, c.digits);
    EXPECT_EQ(found ? "" : "failed", std::string(*c.error ? "failed" : "")) << c.digits;
    if (found) continue;
    EXPECT_THAT(found.error().ToString(), HasSubstr(c.error));
  }
}

TEST_F(PlanRecordsTest, ARolloutDoesNotMakeThePlanAnew) {
  Put(RecordFor("web", DigestFrom("abcdef"), kStart, "ann"));
  Put(RecordFor("web", DigestFrom("abcdef"), kStart + 1h, "bob"));
  const auto found = FindPlan(*ledger_, "web", "abcdef");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->actor, "ann");
  EXPECT_EQ(found->at, kStart);
  EXPECT_TRUE(*ledger_->HasBlob(BlobKind::kPlan, DigestFrom("abcdef")));
}

TEST_F(PlanRecordsTest, TheOldestThatNobodyApprovedGo) {
  const auto digest = [](std::size_t i) { return Digest::Of(std::to_string(i)); };
  for (std::size_t i = 0; i < kMaxRecordedPlans; ++i) {
    Put(RecordFor("web", digest(i), kStart + i * 1min));
  }
  Put(RecordFor("shop", DigestFrom("abcdef")));
  ASSERT_TRUE(ledger_->Commit({PutRecord{gate::ToRecord({"web", digest(0), "bob", kStart, ""})}}));
  EXPECT_EQ(Records().size(), kMaxRecordedPlans + 1);
  Put(RecordFor("web", DigestFrom("123456"), kStart + 1000min));
  Put(RecordFor("web", DigestFrom("123457"), kStart + 1001min));
  EXPECT_TRUE(FindPlan(*ledger_, "web", digest(0).Hex())) << "somebody approved it";
  EXPECT_FALSE(FindPlan(*ledger_, "web", digest(1).Hex()));
  EXPECT_TRUE(FindPlan(*ledger_, "web", digest(2).Hex()));
  EXPECT_TRUE(FindPlan(*ledger_, "web", "123457"));
  EXPECT_TRUE(FindPlan(*ledger_, "shop", "abcdef")) << "another application's";
}

TEST_F(PlanRecordsTest, ApprovalsAreOfOnePlan) {
  const Digest mine = DigestFrom("abcdef");
  ASSERT_TRUE(ledger_->Commit(
      {PutRecord{gate::ToRecord({"web", mine, "bob", kStart + 2h, "yes"})},
       PutRecord{gate::ToRecord({"web", mine, "cat", kStart + 1h, ""})},
       PutRecord{gate::ToRecord({"web", DigestFrom("abcdef1"), "ann", kStart, ""})}}));
  const auto approvals = ApprovalsOf(*ledger_, "web", mine);
  ASSERT_TRUE(approvals);
  ASSERT_EQ(approvals->size(), 2u);
  EXPECT_EQ((*approvals)[0].actor, "cat") << "the oldest first";
  EXPECT_EQ((*approvals)[1].comment, "yes");
}

TEST(WavesOfTest, TheClustersOfThePlanAndOfARepairThoseThatDrifted) {
  const auto changes = std::make_shared<OperationSet>();
  Operation update;
  update.type = OperationType::kUpdate;
  changes->operations = {update};
  Plan plan;
  plan.clusters = {{"c1", Digest(), changes, ""}, {"c2", Digest(), nullptr, ""}};
  const std::vector<Cluster> fleet = {{.name = "c1"}, {.name = "c2"}, {.name = "c3"}};
  EXPECT_EQ(WavesOf({}, fleet, plan)[0].clusters, (std::vector<std::string>{"c1", "c2"}));
  plan.kind = PlanKind::kHeal;
  EXPECT_EQ(WavesOf({}, fleet, plan)[0].clusters, (std::vector<std::string>{"c1"}));
}

TEST(WavesOfTest, WhatBringsBackWhatWasThereWaitsForNobody) {
  StrategySpec strategy;
  strategy.waves = {{.name = "all", .clusters = {.all = true}, .approvals = {.count = 1}}};
  Plan plan;
  plan.clusters = {{"c1", Digest(), nullptr, ""}};
  EXPECT_EQ(WavesOf(strategy, {{.name = "c1"}}, plan)[0].approvals.size(), 1u);
  plan.kind = PlanKind::kRollback;
  EXPECT_TRUE(WavesOf(strategy, {{.name = "c1"}}, plan)[0].approvals.empty());
}

TEST(SettingDigestTest, CoversWhatDecidesAndNothingElse) {
  Application application;
  application.name = "web";
  application.rollout.waves = {
      {.name = "canary", .clusters = {.match_labels = {{"ring", "canary"}}}}};
  const std::vector<Cluster> fleet = {{.name = "c1", .labels = {{"ring", "canary"}}},
                                      {.name = "c2", .kubeconfig_path = "/k", .context = "c2"}};
  const Digest before = SettingDigest(application, fleet);
  const auto with = [&](auto change) {
    std::vector<Cluster> clusters = fleet;
    Application spec = application;
    change(spec, clusters);
    return SettingDigest(spec, clusters);
  };
  using Clusters = std::vector<Cluster>;
  EXPECT_EQ(with([](Application&, Clusters&) {}), before);
  EXPECT_EQ(with([](Application&, Clusters& c) { c[1].labels["team"] = "x"; }), before)
      << "a label that selects nothing";
  EXPECT_EQ(with([](Application&, Clusters& c) { c[1].kubeconfig_inline = Secret("token"); }),
            before);
  EXPECT_NE(with([](Application&, Clusters& c) { c[1].labels["ring"] = "canary"; }), before);
  EXPECT_NE(with([](Application&, Clusters& c) { c[1].context = "other"; }), before);
  EXPECT_NE(with([](Application&, Clusters& c) { c.pop_back(); }), before);
  EXPECT_NE(with([](Application& a, Clusters&) { a.rollout.waves[0].bake = 1min; }), before);
  EXPECT_NE(with([](Application& a, Clusters&) { a.sync.prune = true; }), before);
}

}  // namespace
}  // namespace swell::control
