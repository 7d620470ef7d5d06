#include "reconciler/heal/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reconciler/heal/book.h"

namespace swell::heal {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Verdict = Decision::Verdict;

const ObjectId kWeb = {"apps", "Deployment", "web", "web"};
const Timestamp kStart{Duration(1'700'000'000'000)};

Field Replicas(const std::string& manager) {
  return {.path = "/spec/replicas", .manager = manager, .before = "9", .after = "2"};
}

// A book, a clock, and another writer.
struct World {
  Book book{"web"};
  Policy policy;
  Timestamp now = kStart;
  int repairs = 0;

  void Note(std::vector<Field> fields) {
    const std::vector<Finding> found =
        fields.empty() ? std::vector<Finding>() : std::vector<Finding>{{kWeb, std::move(fields)}};
    book.Note({.cluster = "c01", .findings = &found, .was_read = [](auto&) { return true; }}, now);
  }
  // Finds the drift and repairs it if it is time to; what was decided.
  Decision See(std::vector<Field> fields) {
    Note(std::move(fields));
    const Decision decision = book.Judge("c01", kWeb, now, policy);
    if (decision.verdict != Verdict::kRepair) return decision;
    ++repairs;
    const std::string id = "web-" + std::to_string(repairs);
    book.BeginRepair("c01", kWeb, id, now, Book::As::kRepair);
    RolloutState rollout{.id = id};
    rollout.clusters["c01"].phase = ClusterPhase::kHealthy;
    book.Settle(rollout, now);
    return decision;
  }
  const Record& record() const { return *book.Find("c01", kWeb); }
};

TEST(HealPolicyTest, RepairsComeAtGrowingDistances) {
  World world;
  world.policy.flips = 1000;
  std::vector<Duration> pauses;
  Timestamp last = kStart;
  EXPECT_EQ(world.See({Replicas("hpa")}).verdict, Verdict::kRepair);
  for (int i = 0; i < 10; ++i) {
    const Decision wait = world.See({Replicas("hpa")});
    ASSERT_EQ(wait.verdict, Verdict::kWait);
    EXPECT_EQ(world.record().fate, Fate::kWaiting);
    world.now = wait.until - 1ms;
    EXPECT_EQ(world.See({Replicas("hpa")}).verdict, Verdict::kWait);
    world.now = wait.until;
    EXPECT_EQ(world.See({Replicas("hpa")}).verdict, Verdict::kRepair);
    EXPECT_EQ(world.record().fate, Fate::kRepaired);
    pauses.push_back(std::chrono::duration_cast<Duration>(world.now - last));
    last = world.now;
  }
  EXPECT_THAT(pauses, ElementsAre(5s, 10s, 20s, 40s, 80s, 160s, 320s, 600s, 600s, 600s));
}

TEST(HealPolicyTest, AnObjectThatHeldIsRepairedAtOnce) {
  World world;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(world.See({Replicas("kubectl-edit")}).verdict, Verdict::kRepair) << i;
    world.now += world.policy.calm + 1ms;
  }
}

TEST(HealPolicyTest, TwoWritersThatTakeTurnsAreToldApart) {
  World world;
  while (world.now < kStart + 1h) {
    const Decision decision = world.See({Replicas("hpa-controller")});
    if (!decision.stops.empty()) break;
    world.now += 1s;
  }
  EXPECT_EQ(world.repairs, 5);
  EXPECT_EQ(world.now - kStart, 76s);
  EXPECT_EQ(world.record().fate, Fate::kStopped);
  EXPECT_THAT(world.book.Trouble(),
              HasSubstr("c01: apps/Deployment web/web: /spec/replicas flips between swell and "
                        "hpa-controller (5 times in 1m16s): repairing stopped; let it go with "
                        "ignoreDifferences or `swell tolerate web Deployment/web`"));
  EXPECT_THAT(world.book.Rules(Book::Stops::kInForce), SizeIs(1));
  EXPECT_THAT(world.book.Rules(Book::Stops::kForgiven), IsEmpty());
  // It stays so, and by hand it begins anew.
  world.now += 24h;
  EXPECT_EQ(world.See({Replicas("hpa-controller")}).verdict, Verdict::kNothing);
  EXPECT_TRUE(world.book.ForgiveAll());
  EXPECT_EQ(world.See({Replicas("hpa-controller")}).verdict, Verdict::kRepair);
  EXPECT_EQ(world.book.Trouble(), "");
}

TEST(HealPolicyTest, OtherFieldsOfTheObjectAreRepairedOn) {
  World world;
  const Field image = {.path = "/spec/image", .manager = "kubectl-edit"};
  while (world.See({Replicas("hpa")}).stops.empty()) world.now += 1s;
  world.now += 10min;
  EXPECT_EQ(world.See({Replicas("hpa"), image}).verdict, Verdict::kRepair);
}

TEST(HealPolicyTest, FlipsOfDifferentManagersOrLongAgoAreNone) {
  World world;
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(world.See({Replicas("person-" + std::to_string(i))}).stops, IsEmpty());
    world.now += 5min;
  }
  World slow;
  for (int i = 0; i < 40; ++i) {
    EXPECT_THAT(slow.See({Replicas("hpa")}).stops, IsEmpty());
    slow.now += 5min;
  }
  EXPECT_GT(slow.repairs, 10);
}

TEST(HealPolicyTest, WhatIsDeletedAgainAndAgainIsLetGo) {
  World world;
  while (world.See({Field{}}).stops.empty()) world.now += 1s;
  EXPECT_THAT(world.book.Trouble(), HasSubstr("is created by swell and deleted by somebody"));
  const auto rules = world.book.Rules(Book::Stops::kInForce);
  ASSERT_THAT(rules, SizeIs(1));
  EXPECT_THAT(rules[0].json_pointers, ElementsAre(""));
}

// --- the book ---

TEST(BookTest, TellsWhatBecameOfDrift) {
  World world;
  world.Note({Replicas("kubectl")});
  EXPECT_EQ(world.record().fate, Fate::kFound);
  world.book.LeaveAlone("c01", kWeb, "self-heal is off", world.now);
  EXPECT_EQ(world.record().fate, Fate::kLeft);
  world.now += 5min;
  world.Note({Replicas("kubectl")});
  EXPECT_EQ(world.record().fate, Fate::kLeft);
  EXPECT_EQ(world.record().first_seen, kStart);
  EXPECT_EQ(world.record().last_seen, world.now);
  world.Note({});
  EXPECT_EQ(world.record().fate, Fate::kGone);

  Field tolerated = Replicas("kubectl");
  tolerated.left_alone = true;
  tolerated.note = "tolerated until then";
  world.now += 1h;
  world.Note({tolerated});
  EXPECT_EQ(world.record().fate, Fate::kTolerated);
  EXPECT_EQ(world.record().first_seen, world.now);
  // Not read, since it is as it was: still so.
  const std::vector<Finding> nothing;
  world.book.Note({.cluster = "c01", .findings = &nothing, .was_read = [](auto&) { return false; }},
                  world.now);
  EXPECT_EQ(world.record().fate, Fate::kTolerated);
  world.Note({Replicas("kubectl")});
  EXPECT_EQ(world.record().fate, Fate::kFound);
}

TEST(BookTest, AFailedRepairSaysWhy) {
  World world;
  world.Note({Replicas("kubectl")});
  world.book.BeginRepair("c01", kWeb, "web-7", world.now, Book::As::kRepair);
  EXPECT_EQ(world.record().fate, Fate::kRepairing);
  RolloutState rollout{.id = "web-7"};
  rollout.clusters["c01"].phase = ClusterPhase::kFailed;
  rollout.clusters["c01"].error = "refused";
  world.book.Settle(rollout, world.now);
  EXPECT_EQ(world.record().fate, Fate::kFailed);
  EXPECT_EQ(world.record().why, "refused");
}

TEST(BookTest, IsTheSameAfterARestart) {
  World world;
  while (world.See({Replicas("hpa")}).stops.empty()) world.now += 1s;
  ASSERT_TRUE(world.book.Tolerate({.id = kWeb,
                                   .pointer = "/spec/paused",
                                   .cluster = "c02",
                                   .since = kStart,
                                   .until = kStart + 2h,
                                   .actor = "ada",
                                   .reason = "night shift"}));
  const auto ledger = MakeMemoryLedger();
  ASSERT_TRUE(ledger->Commit(world.book.Unwritten()));
  world.book.Written();
  EXPECT_THAT(world.book.Unwritten(), IsEmpty());
  Book again("web");
  ASSERT_TRUE(again.Load(*ledger));
  EXPECT_EQ(again.records(), world.book.records());
  EXPECT_EQ(again.tolerances(), world.book.tolerances());
  EXPECT_EQ(again.Rules(Book::Stops::kInForce), world.book.Rules(Book::Stops::kInForce));
  EXPECT_THAT(again.Expired(kStart + 2h - 1ms), IsEmpty());
  EXPECT_THAT(again.Expired(kStart + 2h), SizeIs(1));
  ASSERT_TRUE(ledger->Commit(again.Removal()));
  Book empty("web");
  ASSERT_TRUE(empty.Load(*ledger));
  EXPECT_THAT(empty.records(), IsEmpty());
  EXPECT_THAT(empty.tolerances(), IsEmpty());
}

TEST(BookTest, KeepsTheNewestAndWhatIsStopped) {
  World world;
  while (world.See({Replicas("hpa")}).stops.empty()) world.now += 1s;
  std::vector<Finding> many;
  for (std::size_t i = 0; i < kMaxRecords + 10; ++i) {
    many.push_back({{"", "ConfigMap", "n", "m" + std::to_string(i)}, {{.path = "/data/k"}}});
  }
  world.now += 1h;
  world.book.Note({.cluster = "c02", .findings = &many, .was_read = [](auto&) { return true; }},
                  world.now);
  const auto ledger = MakeMemoryLedger();
  ASSERT_TRUE(ledger->Commit(world.book.Unwritten()));
  EXPECT_EQ(world.book.records().size(), kMaxRecords);
  EXPECT_NE(world.book.Find("c01", kWeb), nullptr);
  Book again("web");
  ASSERT_TRUE(again.Load(*ledger));
  EXPECT_EQ(again.records().size(), kMaxRecords);
}

}  // namespace
}  // namespace swell::heal
