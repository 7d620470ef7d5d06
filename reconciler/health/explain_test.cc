#include "reconciler/health/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::health {
namespace {

using ::testing::HasSubstr;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

std::vector<std::string> Names(const std::vector<Value>& objects) {
  std::vector<std::string> names;
  for (const Value& object : objects) names.push_back(object["metadata"]["name"].str());
  return names;
}

Value Owned(const std::string& name, const std::string& owner, const std::string& more = "{}") {
  Value object = Json(R"({"metadata":{"ownerReferences":[{"uid":")" + owner + R"("}]}})");
  const Value extra = Json(more);
  for (const Member& member : extra["metadata"].members()) {
    object = object.WithAt({"metadata", member.key.str()}, member.value);
  }
  return object.WithAt({"metadata", "name"}, Value(name))
      .WithAt({"metadata", "uid"}, Value("u-" + name));
}

std::string Revision(int number) {
  return R"({"metadata":{"annotations":{"deployment.kubernetes.io/revision":")" +
         std::to_string(number) + R"("}}})";
}

TEST(NewestTest, TheHighestRevisionOfItsOwn) {
  const Value web = Json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"uid":"d"},
    "spec":{"selector":{"matchLabels":{"a":"b"}}}})");
  const std::vector<Value> sets = {Owned("old", "d", Revision(9)), Owned("new", "d", Revision(10)),
                                   Owned("foreign", "x", Revision(11))};
  const Value* newest = NewestReplicaSet(web, sets);
  ASSERT_NE(newest, nullptr);
  EXPECT_EQ((*newest)["metadata"]["name"].str(), "new");
  EXPECT_EQ(NewestReplicaSet(web, {}), nullptr);

  const std::vector<Value> pods = {Owned("p-old", "u-old"), Owned("p-new", "u-new"),
                                   Owned("p-foreign", "u-foreign")};
  EXPECT_THAT(Names(PodsOfNewest(web, newest, pods)), testing::ElementsAre("p-new"));
  EXPECT_THAT(PodsOfNewest(web, nullptr, pods), testing::SizeIs(3));
}

TEST(NewestTest, AStatefulSetsUpdatedPods) {
  const Value db = Json(R"({"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"uid":"s"},
    "status":{"updateRevision":"db-2"}})");
  const auto pod = [](const std::string& name, const std::string& hash) {
    return Owned(name, "s",
                 R"({"metadata":{"labels":{"controller-revision-hash":")" + hash + R"("}}})");
  };
  EXPECT_THAT(Names(PodsOfNewest(db, nullptr, std::vector{pod("a", "db-1"), pod("b", "db-2")})),
              testing::ElementsAre("b"));
  EXPECT_THAT(Names(PodsOfNewest(db, nullptr, std::vector{pod("a", "db-1")})),
              testing::ElementsAre("a"));
}

Value Event(const std::string& uid, const std::string& reason, const std::string& message,
            const std::string& last, int count = 1, const std::string& type = "Warning") {
  return Json(R"({"type":")" + type + R"(","reason":")" + reason + R"(","message":")" + message +
              R"(","involvedObject":{"uid":")" + uid + R"("},"count":)" + std::to_string(count) +
              R"(,"firstTimestamp":"2026-11-27T16:00:00Z","lastTimestamp":")" + last + R"("})");
}

TEST(EventsTest, NewestWarningOfTheNearestObjectFirst) {
  const std::vector<std::string> uids = {"pod", "set"};
  const std::vector<Value> events = {
      Event("set", "FailedCreate", "quota", "2026-11-27T16:09:00Z"),
      Event("pod", "FailedMount", "secret not found", "2026-11-27T16:02:00Z", 12),
      Event("pod", "Unhealthy", "probe failed", "2026-11-27T16:01:00Z"),
      Event("pod", "Pulled", "image is there", "2026-11-27T16:10:00Z", 1, "Normal"),
      Event("other", "Evil", "not ours", "2026-11-27T16:10:00Z"),
  };
  EXPECT_EQ(ExplainEvents(events, uids, ""),
            "event FailedMount (10+ times since 2026-11-27T16:00:00Z): secret not found; "
            "event Unhealthy (at 2026-11-27T16:01:00Z): probe failed");
  EXPECT_EQ(ExplainEvents(events, uids, "pod x: FailedMount; Unhealthy"),
            "event FailedCreate (at 2026-11-27T16:09:00Z): quota");
  EXPECT_EQ(ExplainEvents({}, uids, ""), "");
}

TEST(EventsTest, NamesTheObject) {
  const Value event = Event("u", "FailedMount", "no", "2026-11-27T16:01:00Z")
                          .WithAt({"involvedObject", "kind"}, Value("Pod"))
                          .WithAt({"involvedObject", "name"}, Value("web-1"));
  EXPECT_EQ(ExplainEvents(std::vector{event}, std::vector<std::string>{"u"}, ""),
            "event FailedMount on Pod web-1 (at 2026-11-27T16:01:00Z): no");
}

TEST(EventsTest, WhatTheContainerSaidIsNotSaidAgain) {
  const std::vector<std::string> uids = {"pod"};
  const struct {
    const char* reason;
    const char* said;
    bool shown;
  } cases[] = {
      {"BackOff", "pod w: container w: CrashLoopBackOff: back-off", false},
      {"Failed", "pod w: container w: ImagePullBackOff: Back-off pulling", false},
      {"Failed", "pod w: container w: ErrImagePull: no such image", false},
      {"Unhealthy", "pod w: container w: CrashLoopBackOff: back-off", true},
      {"FailedScheduling", "pod w: Unschedulable: 0/3 nodes", false},
      {"FailedScheduling", "", true},
  };
  for (const auto& c : cases) {
    const auto text = ExplainEvents(
        std::vector{Event("pod", c.reason, "text", "2026-11-27T16:02:00Z")}, uids, c.said);
    EXPECT_EQ(!text.empty(), c.shown) << c.reason << " " << c.said << " " << text;
  }
}

TEST(EventsTest, SeriesAndCountsAreRounded) {
  const std::vector<std::string> uids = {"u"};
  const Value series = Json(R"({"type":"Warning","reason":"R","involvedObject":{"uid":"u"},
    "eventTime":"2026-11-27T16:00:00.000001Z",
    "series":{"count":130,"lastObservedTime":"2026-11-27T16:30:00.000001Z"}})");
  EXPECT_EQ(ExplainEvents(std::vector{series}, uids, ""),
            "event R (100+ times since 2026-11-27T16:00:00.000001Z)");
  for (const auto& [count, text] : {std::pair{2, "2+"},
                                    {4, "2+"},
                                    {5, "5+"},
                                    {19, "10+"},
                                    {20, "20+"},
                                    {99, "50+"},
                                    {100, "100+"},
                                    {1999, "1000+"}}) {
    const auto event = Event("u", "R", "", "2026-11-27T16:02:00Z", count);
    EXPECT_THAT(ExplainEvents(std::vector{event}, uids, ""),
                HasSubstr("(" + std::string(text) + " times"));
  }
  const auto longest = Event("u", "R", std::string(9'000, 'x'), "2026-11-27T16:02:00Z");
  EXPECT_LE(ExplainEvents(std::vector{longest}, uids, "").size(), kMaxExplanation);
}

TEST(ExplainReplicaSetTest, TellsWhatKeepsItFromMakingPods) {
  EXPECT_EQ(ExplainReplicaSet(Json(R"({"metadata":{"name":"web-1"},"status":{"conditions":[
    {"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"exceeded quota"}]}})")),
            "ReplicaSet web-1: FailedCreate: exceeded quota");
  EXPECT_EQ(ExplainReplicaSet(Value()), "");
}

TEST(WaitingPodTest, TheOldestThatIsNotReady) {
  const auto pod = [](const char* name, const char* created, const char* ready) {
    return Json(std::string(R"({"metadata":{"name":")") + name + R"(","creationTimestamp":")" +
                created + R"("},"status":{"phase":"Running","conditions":[{"type":"Ready",
                "status":")" +
                ready + R"("}]}})");
  };
  const std::vector<Value> pods = {pod("ready", "2026-01-01T00:00:00Z", "True"),
                                   pod("young", "2026-01-03T00:00:00Z", "False"),
                                   pod("old", "2026-01-02T00:00:00Z", "False")};
  ASSERT_NE(WaitingPod(pods), nullptr);
  EXPECT_EQ((*WaitingPod(pods))["metadata"]["name"].str(), "old");
  EXPECT_EQ(WaitingPod(std::span(pods).first(1)), nullptr);
}

TEST(JoinExplanationsTest, IsBounded) {
  const std::string parts[] = {"a", "", "b"};
  EXPECT_EQ(JoinExplanations(parts), "a; b");
  const std::string large[] = {std::string(5'000, 'a'), std::string(5'000, 'b'),
                               std::string(5'000, 'c')};
  EXPECT_LE(JoinExplanations(large).size(), 2 * kMaxExplanation);
}

}  // namespace
}  // namespace swell::health
