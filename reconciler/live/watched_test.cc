#include "reconciler/live/watched.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::live {
namespace {

Value Map(const std::string& ns, const std::string& name, int data, int version = 1) {
  return *json::Parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"namespace":")" + ns +
                      R"(","name":")" + name + R"(","resourceVersion":")" +
                      std::to_string(version) + R"("},"data":{"k":")" + std::to_string(data) +
                      R"("}})");
}

Wanted WantedMap(const std::string& ns, const std::string& name) {
  return {{"", "ConfigMap", ns, name}, "v1"};
}

kube::ApiResources Served() {
  return kube::ApiResources(
      {{"", "v1", "ConfigMap", "configmaps", true, {"get", "list", "watch"}, {}},
       {"", "v1", "Namespace", "namespaces", false, {"get", "list", "watch"}, {}},
       {"metrics.k8s.io", "v1", "PodMetrics", "pods", true, {"get", "list"}, {}}},
      {});
}

// Watches that a test drives by hand.
class WatchedTest : public ::testing::Test {
 protected:
  std::shared_ptr<Watched> Make(WatchedOptions options = {}) {
    return Watched::Make(
        [this](const kube::ResourceRef& ref, CollectionHandler handler) {
          const std::string path = ref.Path();
          handlers[path] = std::make_shared<CollectionHandler>(std::move(handler));
          return std::shared_ptr<void>(nullptr, [this, path](void*) { closed.push_back(path); });
        },
        [this](const std::string& application, Change change) {
          (change == Change::kContent ? changed : unwell).push_back(application);
        },
        options);
  }
  CollectionHandler& Watch(const std::string& ns) {
    return *handlers.at(ns.empty() ? "/api/v1/configmaps"
                                   : "/api/v1/namespaces/" + ns + "/configmaps");
  }
  static void Replace(CollectionHandler& watch, const std::vector<Value>& items) {
    watch.on_replace(items);
    watch.on_current();
  }
  static kube::WatchEvent Event(kube::WatchEventType type, Value object) {
    return {type, std::move(object)};
  }

  std::map<std::string, std::shared_ptr<CollectionHandler>> handlers;
  std::vector<std::string> closed;
  std::vector<std::string> changed;
  std::vector<std::string> unwell;
};

using enum kube::WatchEventType;

TEST_F(WatchedTest, KnowsWhatTheListHolds) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("web", "a"), WantedMap("web", "gone")}, Served());
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "web", "a"}));
  Watch("web").on_replace({Map("web", "a", 1), Map("web", "foreign", 1)});
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "web", "a"}));
  Watch("web").on_current();
  EXPECT_EQ(watched->Find({"", "ConfigMap", "web", "a"}), FingerprintOfLive(Map("web", "a", 1)));
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "web", "gone"}));
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "web", "foreign"}));
  EXPECT_TRUE(changed.empty());
}

TEST_F(WatchedTest, TellsWhoseObjectChanged) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("web", "a")}, Served());
  watched->Want("other", {WantedMap("web", "b")}, Served());
  Replace(Watch("web"), {Map("web", "a", 1), Map("web", "b", 1)});
  Watch("web").on_event(Event(kModified, Map("web", "a", 1, 7)));  // a new version alone
  EXPECT_TRUE(changed.empty());
  Watch("web").on_event(Event(kModified, Map("web", "a", 2)));
  EXPECT_EQ(changed, std::vector<std::string>{"web"});
  Watch("web").on_event(Event(kDeleted, Map("web", "b", 1)));
  EXPECT_EQ(changed, (std::vector<std::string>{"web", "other"}));
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "web", "b"}));
}

TEST_F(WatchedTest, TellsWhenAnObjectFallsIllAndRecovers) {
  const auto watched = Make();
  const auto pod = [](const char* phase) {
    return json::Parse(std::string(R"({"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"web",
      "name":"p"},"spec":{"restartPolicy":"Never"},"status":{"phase":")") +
                       phase + "\"}}")
        .value();
  };
  const kube::ApiResources served({{"", "v1", "Pod", "pods", true, {"list", "watch"}, {}}}, {});
  watched->Want("web", {{{"", "Pod", "web", "p"}, "v1"}}, served);
  CollectionHandler& watch = *handlers.at("/api/v1/namespaces/web/pods");
  Replace(watch, {pod("Succeeded")});
  EXPECT_TRUE(unwell.empty());
  watch.on_event(Event(kModified, pod("Failed")));
  EXPECT_EQ(unwell.size(), 1u);
  watch.on_event(Event(kModified, pod("Failed")));
  EXPECT_EQ(unwell.size(), 1u);
  watch.on_event(Event(kModified, pod("Succeeded")));
  EXPECT_EQ(unwell.size(), 2u);
  watch.on_event(Event(kDeleted, pod("Succeeded")));
  EXPECT_EQ(unwell.size(), 3u);
  EXPECT_EQ(changed, std::vector<std::string>{"web"});  // by the deletion alone
}

TEST_F(WatchedTest, KnowsWhatIsHealthyWhileTheWatchIsCurrent) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("a", "x"), WantedMap("a", "gone")}, Served());
  const ObjectId there = WantedMap("a", "x").id;
  watched->Note(there, FingerprintOfLive(Map("a", "x", 1)));
  EXPECT_NE(watched->HealthOf(there), HealthStatus::kHealthy)
      << "a read tells nothing of what comes after it";
  Replace(Watch("a"), {Map("a", "x", 1)});
  EXPECT_EQ(watched->HealthOf(there), HealthStatus::kHealthy);
  EXPECT_NE(watched->HealthOf(WantedMap("a", "gone").id), HealthStatus::kHealthy);
  EXPECT_NE(watched->HealthOf(WantedMap("a", "not-wanted").id), HealthStatus::kHealthy);
  const auto at = [](int generation) {
    return Map("a", "x", 1).WithAt({"metadata", "generation"}, Value(generation));
  };
  Replace(Watch("a"), {at(2)});
  EXPECT_EQ(watched->HealthOf(there, 2), HealthStatus::kHealthy);
  EXPECT_NE(watched->HealthOf(there, 3), HealthStatus::kHealthy) << "that is yet to be seen";
  Watch("a").on_event(Event(kube::WatchEventType::kModified, at(3)));
  EXPECT_EQ(watched->HealthOf(there, 3), HealthStatus::kHealthy);
  Watch("a").on_stale();
  EXPECT_NE(watched->HealthOf(there), HealthStatus::kHealthy);
}

TEST_F(WatchedTest, TellsOfWhatIsIllWhenItIsFirstSeen) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("web", "a"), WantedMap("web", "absent")}, Served());
  Replace(Watch("web"), {Map("web", "a", 1).WithAt({"metadata", "deletionTimestamp"}, Value("t"))});
  EXPECT_EQ(unwell, std::vector<std::string>{"web"});
}

TEST_F(WatchedTest, TellsOfWhatIsWellAtAnotherGeneration) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("web", "a")}, Served());
  const auto at = [](int generation, int version) {
    return Map("web", "a", 1, version).WithAt({"metadata", "generation"}, Value(generation));
  };
  const ObjectId id = WantedMap("web", "a").id;
  Replace(Watch("web"), {at(1, 1)});
  EXPECT_EQ(watched->HealthOf(id, 1), HealthStatus::kHealthy);
  EXPECT_EQ(watched->HealthOf(id, 2), std::nullopt);
  EXPECT_TRUE(unwell.empty());
  Watch("web").on_event(Event(kube::WatchEventType::kModified, at(1, 2)));
  EXPECT_TRUE(unwell.empty());
  // Who waits for the generation that was written hears of it, though it never was ill.
  Watch("web").on_event(Event(kube::WatchEventType::kModified, at(2, 3)));
  EXPECT_EQ(unwell, std::vector<std::string>{"web"});
  EXPECT_EQ(watched->HealthOf(id, 2), HealthStatus::kHealthy);
  const Value going = at(3, 4).WithAt({"metadata", "deletionTimestamp"}, Value("t"));
  Watch("web").on_event(Event(kube::WatchEventType::kModified, going));
  EXPECT_EQ(watched->HealthOf(id, 3), HealthStatus::kProgressing);
  Watch("web").on_stale();
  EXPECT_EQ(watched->HealthOf(id), std::nullopt);
}

TEST_F(WatchedTest, TellsWhatChangedBetweenTwoLists) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("web", "a")}, Served());
  Replace(Watch("web"), {Map("web", "a", 1)});
  Replace(Watch("web"), {Map("web", "a", 1)});
  EXPECT_TRUE(changed.empty());
  Replace(Watch("web"), {});
  EXPECT_EQ(changed, std::vector<std::string>{"web"});
}

TEST_F(WatchedTest, KnowsNothingWhileTheWatchIsBroken) {
  const auto watched = Make();
  const ObjectId a{"", "ConfigMap", "web", "a"};
  watched->Want("web", {WantedMap("web", "a")}, Served());
  Replace(Watch("web"), {Map("web", "a", 1)});
  Watch("web").on_stale();
  EXPECT_FALSE(watched->Find(a));
  Watch("web").on_current();
  EXPECT_TRUE(watched->Find(a));
  Watch("web").on_end(Error(ErrorCode::kPermissionDenied, "no"));
  EXPECT_FALSE(watched->Find(a));
}

TEST_F(WatchedTest, AReadFillsInWhatTheWatchHasNotTold) {
  const auto watched = Make();
  const ObjectId b{"", "ConfigMap", "web", "b"};
  watched->Want("web", {WantedMap("web", "a")}, Served());
  Replace(Watch("web"), {Map("web", "a", 1), Map("web", "b", 1)});
  watched->Want("web", {WantedMap("web", "a"), WantedMap("web", "b")}, Served());
  EXPECT_FALSE(watched->Find(b));
  const Fingerprint read = FingerprintOfLive(Map("web", "b", 1));
  watched->Note(b, read);
  EXPECT_EQ(watched->Find(b), read);
  Watch("web").on_event(Event(kDeleted, Map("web", "b", 1)));
  watched->Note(b, read);  // an answer that was long on its way
  EXPECT_FALSE(watched->Find(b));
}

TEST_F(WatchedTest, ManyNamespacesAreOneWatch) {
  const auto watched = Make({.max_namespaces = 2});
  watched->Want("x", {WantedMap("a", "m"), WantedMap("b", "m")}, Served());
  EXPECT_EQ(handlers.size(), 2u);
  Replace(Watch("a"), {Map("a", "m", 1)});
  watched->Want("y", {WantedMap("c", "m")}, Served());
  EXPECT_EQ(closed.size(), 2u);
  EXPECT_EQ(watched->stats().watches, 1u);
  Replace(Watch("a"), {Map("a", "m", 1)});  // of a watch that is closed
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "a", "m"}));
  Replace(Watch(""), {Map("a", "m", 1), Map("c", "m", 1)});
  EXPECT_TRUE(watched->Find({"", "ConfigMap", "a", "m"}));
  EXPECT_TRUE(watched->Find({"", "ConfigMap", "c", "m"}));
  watched->Drop("y");
  EXPECT_EQ(watched->stats().watches, 2u);
}

TEST_F(WatchedTest, WhatCannotBeWatchedStaysUnknown) {
  const auto watched = Make();
  watched->Want("web",
                {{{"metrics.k8s.io", "PodMetrics", "web", "a"}, "v1"},
                 {{"example.com", "Widget", "web", "a"}, "v1"}},
                Served());
  EXPECT_TRUE(handlers.empty());
  EXPECT_FALSE(watched->Find({"example.com", "Widget", "web", "a"}));
}

TEST_F(WatchedTest, AWatchThatEndedIsTriedAgain) {
  const auto watched = Make({.retry_after = Duration(0)});
  watched->Want("web", {WantedMap("web", "a")}, Served());
  const auto first = handlers.at("/api/v1/namespaces/web/configmaps");
  first->on_end(Error(ErrorCode::kPermissionDenied, "no"));
  watched->Want("web", {WantedMap("web", "a")}, Served());
  EXPECT_EQ(closed.size(), 1u);
  Replace(*first, {Map("web", "a", 1)});  // of the old one
  EXPECT_FALSE(watched->Find({"", "ConfigMap", "web", "a"}));
  Replace(Watch("web"), {Map("web", "a", 1)});
  EXPECT_TRUE(watched->Find({"", "ConfigMap", "web", "a"}));
}

TEST_F(WatchedTest, StopEndsEveryWatch) {
  const auto watched = Make();
  watched->Want("web", {WantedMap("web", "a"), WantedMap("db", "a")}, Served());
  watched->Stop();
  EXPECT_EQ(closed.size(), 2u);
  watched->Want("web", {WantedMap("web", "a")}, Served());
  EXPECT_EQ(watched->stats().watches, 0u);
}

TEST(Fingerprint, LeavesOutWhatMeansNothing) {
  const Value live = *json::Parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a",
    "uid":"u","resourceVersion":"5","generation":1,"managedFields":[
      {"manager":"swell","operation":"Apply","time":"t1","fieldsV1":{"f:data":{}}},
      {"manager":"ctl","operation":"Update","subresource":"status","fieldsV1":{"f:status":{}}}]},
    "data":{"k":"v"},"status":{"x":1}})");
  struct Case {
    const char* what;
    Value changed;
    bool same;
  };
  const std::vector<Case> cases = {
      {"status", live.With("status", Value("other")), true},
      {"resourceVersion", live.WithAt({"metadata", "resourceVersion"}, Value("6")), true},
      {"time", *json::Parse(json::Write(live).replace(json::Write(live).find("t1"), 2, "t2")),
       true},
      {"data", live.WithAt({"data", "k"}, Value("w")), false},
      {"uid", live.WithAt({"metadata", "uid"}, Value("v")), false},
      {"owner",
       *json::Parse(json::Write(live).replace(json::Write(live).find("swell"), 5, "other")), false},
      {"deletion", live.WithAt({"metadata", "deletionTimestamp"}, Value("t")), false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(FingerprintOfLive(live) == FingerprintOfLive(c.changed), c.same) << c.what;
  }
}

TEST_F(WatchedTest, RemembersTheLastComparisonThatFoundNoDifference) {
  const auto watched = Make();
  const WantedSet wanted = {WantedMap("web", "a"), WantedMap("web", "b")};
  const Fingerprint first{1, 2};
  watched->NoteInSync(wanted.ids[0], first);  // not wanted: not kept
  watched->Want("app", wanted, Served());
  Replace(Watch("web"), {Map("web", "a", 1), Map("web", "b", 1)});
  EXPECT_EQ(watched->Find(wanted.ids)[0]->in_sync, Fingerprint());
  watched->NoteInSync(wanted.ids[0], first);
  EXPECT_EQ(watched->Find(wanted.ids)[0]->in_sync, first);
  EXPECT_EQ(watched->Find(wanted.ids)[1]->in_sync, Fingerprint());
  // It says of what it was a comparison, so that it outlives what the watch tells ...
  Replace(Watch("web"), {Map("web", "a", 2), Map("web", "b", 1)});
  EXPECT_EQ(watched->Find(wanted.ids)[0]->in_sync, first);
  // ... and what else is wanted, but not the object.
  watched->Want("app", {WantedMap("web", "a"), WantedMap("web", "c")}, Served());
  EXPECT_EQ(watched->Find(wanted.ids)[0]->in_sync, first);
  watched->Want("app", {WantedMap("web", "c")}, Served());
  watched->Want("app", wanted, Served());
  Replace(Watch("web"), {Map("web", "a", 2), Map("web", "b", 1)});
  EXPECT_EQ(watched->Find(wanted.ids)[0]->in_sync, Fingerprint());
}

}  // namespace
}  // namespace swell::live
