// Trees, events and logs read from an API server.

#include "reconciler/live/tree_reader.h"

#include <gtest/gtest.h>

#include <future>

#include "reconciler/live/events.h"
#include "reconciler/live/fake_api.h"
#include "reconciler/live/log_follower.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::live {
namespace {

using testing::FakeApi;
using testing::Reply;

constexpr char kApps[] = "/apis/apps/v1/namespaces/web/";
constexpr char kPods[] = "/api/v1/namespaces/web/pods/";

std::string Owner(const std::string& kind, const std::string& name, const std::string& uid) {
  return R"(,"ownerReferences":[{"apiVersion":"apps/v1","kind":")" + kind + R"(","name":")" + name +
         R"(","uid":")" + uid + R"(","controller":true}])";
}

class TreeReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    api_.Serve("apps", "ReplicaSet", "replicasets");
    api_.Serve("example.com", "Widget", "widgets");
    api_.Serve("example.com", "Gear", "gears");
    api_.Serve("", "Event", "events");
    api_.Put(std::string(kApps) + "deployments/web",
             R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web",)"
             R"("namespace":"web","uid":"d1"},"spec":{"replicas":1},"status":{}})");
    api_.Put(std::string(kApps) + "replicasets/web-1",
             R"({"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1",)"
             R"("namespace":"web","uid":"r1")" +
                 Owner("Deployment", "web", "d1") +
                 R"(},"spec":{"replicas":3},"status":{"replicas":3,"readyReplicas":1}})");
    PutPod("web-1-a", R"({"running":{}})");
  }
  void PutPod(const std::string& name, const std::string& state, int restarts = 0,
              const std::string& last = "{}") {
    api_.Put(kPods + name,
             R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":")" + name +
                 R"(","namespace":"web","uid":"p-)" + name + "\"" +
                 Owner("ReplicaSet", "web-1", "r1") +
                 R"(},"spec":{"containers":[{"name":"main"}]},"status":{"phase":"Running",)" +
                 R"("containerStatuses":[{"name":"main","state":)" + state + R"(,"lastState":)" +
                 last + R"(,"restartCount":)" + std::to_string(restarts) + "}]}}");
  }
  // Lists of everything but pods as a server that knows metadata-only answers gives them.
  static std::optional<Reply> Partial(const net::HttpRequest& request) {
    if (request.path != std::string(kApps) + "replicasets") return std::nullopt;
    if (request.headers.Get("accept").find("as=PartialObjectMetadataList") ==
        std::string_view::npos) {
      return testing::StatusReply(500, "InternalError", "asked for whole objects");
    }
    return Reply{200, R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",)"
                      R"("metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"web-1",)"
                      R"("namespace":"web","uid":"r1")" +
                          Owner("Deployment", "web", "d1") + "}}]}"};
  }
  struct Built {
    std::vector<TreeNode> roots;
    std::vector<std::string> warnings;
  };
  Result<Built> Tree(std::vector<Wanted> wanted, TreeReadOptions options = {}) {
    std::promise<Result<TreeParts>> promise;
    ReadTreeOf(
        testing::Connect(loop_, api_), std::move(wanted),
        [&](Result<TreeParts> parts) { promise.set_value(std::move(parts)); }, options);
    const TreeParts parts = TRY(promise.get_future().get());
    return Built{BuildTree(parts.roots, parts.owned).roots, parts.warnings};
  }
  static inline const Wanted kWeb{{"apps", "Deployment", "web", "web"}, "v1"};

  FakeApi api_;
  net::Loop loop_{"client"};
};

TEST_F(TreeReaderTest, ReadsMetadataFirstAndWholeWhatIsShown) {
  api_.intercept = Partial;
  const auto tree = Tree({kWeb});
  ASSERT_TRUE(tree) << tree.error().ToString();
  EXPECT_TRUE(tree->warnings.empty());
  ASSERT_EQ(tree->roots.size(), 1U);
  ASSERT_EQ(tree->roots[0].children.size(), 1U);
  const TreeNode& set = tree->roots[0].children[0];
  EXPECT_EQ(set.id.ToString(), "apps/ReplicaSet web/web-1");
  EXPECT_EQ(set.ready, 1);  // which metadata does not tell
  EXPECT_EQ(set.total, 3);
  ASSERT_EQ(set.children.size(), 1U);
  EXPECT_EQ(set.children[0].id.name, "web-1-a");
}

TEST_F(TreeReaderTest, WithoutHealthNothingMoreIsRead) {
  api_.intercept = Partial;
  const auto tree = Tree({kWeb}, {.detail = Detail::kPods});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->roots[0].children[0].children.size(), 1U);
  EXPECT_EQ(api_.Requests(),
            (std::vector<std::string>{"GET /apis/apps/v1/namespaces/web/deployments/web",
                                      "GET /api/v1/namespaces/web/pods",
                                      "GET /apis/apps/v1/namespaces/web/replicasets"}));
}

TEST_F(TreeReaderTest, AListThatIsRefusedIsToldAndTheRestShown) {
  api_.intercept = [](const net::HttpRequest& request) -> std::optional<Reply> {
    if (request.path == "/api/v1/namespaces/web/pods") {
      return testing::StatusReply(403, "Forbidden", "pods is forbidden");
    }
    return std::nullopt;
  };
  const auto tree = Tree({kWeb});
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->roots[0].children.size(), 1U);
  ASSERT_EQ(tree->warnings.size(), 1U);
  EXPECT_NE(tree->warnings[0].find("pods in namespace web are not shown"), std::string::npos);
  EXPECT_NE(tree->warnings[0].find("pods is forbidden"), std::string::npos);
}

TEST_F(TreeReaderTest, ListsAreBounded) {
  for (int i = 0; i < 30; ++i) PutPod("web-1-" + std::to_string(i), R"({"running":{}})");
  for (const TreeReadOptions& options :
       {TreeReadOptions{.max_listed = 10}, TreeReadOptions{.max_listed_bytes = 2'000}}) {
    const auto tree = Tree({kWeb}, options);
    ASSERT_TRUE(tree);
    ASSERT_EQ(tree->warnings.size(), 1U);
    EXPECT_NE(tree->warnings[0].find("more than"), std::string::npos) << tree->warnings[0];
  }
}

TEST_F(TreeReaderTest, CustomKindsOwnWhatTheirOperatorMakes) {
  api_.Put("/apis/example.com/v1/namespaces/web/widgets/w",
           R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w",)"
           R"("namespace":"web","uid":"w1"}})");
  api_.Put("/apis/example.com/v1/namespaces/web/gears/g",
           R"({"apiVersion":"example.com/v1","kind":"Gear","metadata":{"name":"g",)"
           R"("namespace":"web","uid":"g1")" +
               Owner("Widget", "w", "w1") + "}}");
  const auto tree = Tree({{{"example.com", "Widget", "web", "w"}, "v1"}});
  ASSERT_TRUE(tree) << tree.error().ToString();
  ASSERT_EQ(tree->roots[0].children.size(), 1U);
  EXPECT_EQ(tree->roots[0].children[0].id.kind, "Gear");
}

TEST_F(TreeReaderTest, ReadsTheEventsOfGivenObjects) {
  api_.Serve("", "Event", "events");
  const auto put = [&](const std::string& name, const std::string& uid, const std::string& more) {
    api_.Put("/api/v1/namespaces/web/events/" + name,
             R"({"apiVersion":"v1","kind":"Event","metadata":{"name":")" + name +
                 R"(","namespace":"web"},"involvedObject":{"kind":"Pod","namespace":"web",)" +
                 R"("name":"a","uid":")" + uid + R"("},"reason":")" + name + "\"" + more + "}");
  };
  put("a.18b2", "p1", R"(,"lastTimestamp":"2026-01-02T00:00:09Z","count":3,"type":"Warning")");
  put("b.18b1", "p1", R"(,"lastTimestamp":"2026-01-02T00:00:09Z")");
  put("c.18b3", "p1", R"(,"lastTimestamp":"2026-01-02T00:00:01Z")");
  put("d.18b0", "p2", R"(,"lastTimestamp":"2026-01-02T00:00:05Z")");
  std::promise<ReadEvents> promise;
  ReadEventsOf(testing::Connect(loop_, api_), {{"web", {"p1"}}},
               [&](ReadEvents events) { promise.set_value(std::move(events)); });
  const ReadEvents events = promise.get_future().get();
  ASSERT_EQ(events.events.size(), 3U);
  EXPECT_EQ(events.events[0].reason, "c.18b3");
  EXPECT_EQ(events.events[0].type, "Normal");
  EXPECT_EQ(events.events[0].count, 1);
  EXPECT_EQ(events.events[1].reason, "b.18b1");  // of the same second, by its name
  EXPECT_EQ(events.events[2].reason, "a.18b2");
  EXPECT_EQ(events.events[2].count, 3);
}

TEST(ParseEventTest, ReadsBothApis) {
  // As client-go's recorder of events.k8s.io writes it, seen through core/v1.
  const auto event = ParseEvent(*json::Parse(R"({
    "involvedObject": {"kind": "Pod", "namespace": "web", "name": "a", "uid": "p1",
                       "apiVersion": "v1"},
    "reason": "Scheduled", "message": "Successfully assigned", "source": {}, "type": "Normal",
    "firstTimestamp": null, "lastTimestamp": null, "eventTime": "2026-01-02T00:00:01.5Z",
    "reportingComponent": "default-scheduler",
    "series": {"count": 7, "lastObservedTime": "2026-01-02T00:01:01.5Z"}})"));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->count, 7);
  EXPECT_EQ(FormatTimestamp(event->first), "2026-01-02T00:00:01.500Z");
  EXPECT_EQ(FormatTimestamp(event->last), "2026-01-02T00:01:01.500Z");
  EXPECT_EQ(event->component, "default-scheduler");
  EXPECT_EQ(event->object.ToString(), "Pod web/a");
  EXPECT_FALSE(ParseEvent(*json::Parse(R"({"kind":"Event"})")));
  EXPECT_FALSE(ParseEvent(*json::Parse("[]")));
}

// --- logs ---

class LogFollowerTest : public TreeReaderTest {
 protected:
  // Everything until the end: "web-1-a/main one", "c1 web-1-b/main: note".
  std::vector<std::string> Logs(LogOptions options) {
    const bool follows = options.mode == LogMode::kFollow;
    const auto queue = LogQueue::Make(
        {.order = follows ? LogQueue::Order::kArrival : LogQueue::Order::kTime, .max_sources = 2});
    const auto follower =
        LogFollower::Start(testing::Connect(loop_, api_), {kWeb}, std::move(options), queue);
    std::vector<std::string> out;
    for (bool ended = false; !ended;) {
      std::promise<void> done;
      queue->Read([&](Result<std::vector<LogRecord>> records) {
        if (!records) {
          out.push_back("error: " + records.error().message());
          ended = true;
        } else {
          ended = records->empty();
          for (const LogRecord& r : *records) {
            out.push_back(r.pod + "/" + r.container +
                          (r.note.empty() ? " " + r.line.text : ": " + r.note));
          }
        }
        done.set_value();
      });
      done.get_future().wait();
    }
    follower->Stop();
    return out;
  }
  void ServeLog(const std::string& pod, Reply reply) {
    logs_[kPods + pod + "/log"] = std::move(reply);
    api_.intercept = [this](const net::HttpRequest& request) -> std::optional<Reply> {
      const auto log = logs_.find(request.path);
      if (log == logs_.end()) return std::nullopt;
      query_ = request.query;
      return log->second;
    };
  }
  std::map<std::string, Reply> logs_;
  std::string query_;
};

TEST_F(LogFollowerTest, MergesPodsByTime) {
  PutPod("web-1-b", R"({"running":{}})");
  ServeLog("web-1-a",
           {200, "2026-01-02T00:00:01Z one\n2026-01-02T00:00:03Z three\n", "text/plain"});
  ServeLog("web-1-b", {200, "2026-01-02T00:00:02Z two\n", "text/plain"});
  EXPECT_EQ(
      Logs({.tail = 5, .since = std::chrono::milliseconds(1500)}),
      (std::vector<std::string>{"web-1-a/main one", "web-1-b/main two", "web-1-a/main three"}));
  EXPECT_EQ(query_, "container=main&timestamps=true&tailLines=5&sinceSeconds=2");
}

TEST_F(LogFollowerTest, SaysWhyThereIsNoLog) {
  PutPod("web-1-a", R"({"waiting":{"reason":"ImagePullBackOff","message":"no such image"}})");
  EXPECT_EQ(Logs({}),
            (std::vector<std::string>{"web-1-a/main: waits: ImagePullBackOff: no such image"}));
  // Between two attempts there is what the last one wrote.
  PutPod("web-1-a", R"({"waiting":{"reason":"CrashLoopBackOff"}})", 2,
         R"({"terminated":{"exitCode":1}})");
  ServeLog("web-1-a", {200, "2026-01-02T00:00:01Z fatal\n", "text/plain"});
  EXPECT_EQ(Logs({}), (std::vector<std::string>{"web-1-a/main fatal"}));
  ServeLog("web-1-a", testing::StatusReply(400, "BadRequest", "is waiting to start"));
  EXPECT_EQ(Logs({}), (std::vector<std::string>{"web-1-a/main: is waiting to start"}));
}

TEST_F(LogFollowerTest, TheLogBeforeARestart) {
  EXPECT_EQ(
      Logs({.instance = LogInstance::kPrevious}),
      (std::vector<std::string>{"web-1-a/main: was never restarted: there is no previous log"}));
  PutPod("web-1-a", R"({"running":{}})", 1, R"({"terminated":{"exitCode":1}})");
  ServeLog("web-1-a", {200, "2026-01-02T00:00:01Z before\n", "text/plain"});
  EXPECT_EQ(Logs({.instance = LogInstance::kPrevious}),
            (std::vector<std::string>{"web-1-a/main before"}));
  EXPECT_NE(query_.find("previous=true"), std::string::npos);
}

TEST_F(LogFollowerTest, RefusesMoreThanItReads) {
  PutPod("web-1-b", R"({"running":{}})");
  PutPod("web-1-c", R"({"running":{}})");
  const auto said = Logs({});
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("error: more than 2 containers match"), std::string::npos);
  EXPECT_EQ(Logs({.pod = "nobody"}),
            (std::vector<std::string>{"error: no container matches: nothing to read"}));
}

TEST_F(LogFollowerTest, FollowingOnePodEndsWithIt) {
  ServeLog("web-1-a", {200, "2026-01-02T00:00:01Z one\n", "text/plain"});
  PutPod("web-1-a", R"({"terminated":{"exitCode":0,"reason":"Completed"}})");
  api_.Update(kPods + std::string("web-1-a"),
              [](Value pod) { return pod.WithAt({"status", "phase"}, Value("Succeeded")); });
  EXPECT_EQ(Logs({.pod = "web-1-a", .mode = LogMode::kFollow, .poll = Duration(20)}),
            (std::vector<std::string>{"web-1-a/main one", "web-1-a/main: Completed, exit code 0"}));
}

}  // namespace
}  // namespace swell::live
