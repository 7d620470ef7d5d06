// What tells of simulated pods: their logs and Events.

#include <algorithm>

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

constexpr char kPods[] = "/api/v1/namespaces/default/pods";

class TextSink final : public WatchSink {
 public:
  bool Write(std::string chunk) override {
    text += chunk;
    return true;
  }
  void End() override { ended = true; }
  void Abort() override { aborted = true; }
  std::string text;
  bool ended = false, aborted = false;
};

class LiveTest : public ClusterTest {
 protected:
  // Makes a Deployment of one pod and returns the pod's name once things have settled.
  std::string Deploy(const std::string& image, const std::string& annotations = "{}") {
    std::string yaml = DeploymentYaml("web", image, 1);
    const std::string labels = "metadata: {labels: {app: web}}";
    yaml.replace(yaml.find(labels), labels.size(),
                 "metadata: {labels: {app: web}, annotations: " + annotations + "}");
    EXPECT_EQ(Post(kDeployments, yaml).status, 201);
    Advance(5'000);
    return Get(kPods).body["items"][0]["metadata"]["name"].str();
  }
  std::string Log(const std::string& pod, const std::string& query = "") {
    return Get(std::string(kPods) + "/" + pod + "/log" + query).raw.body;
  }
  // "Normal Scheduled Pod", one for each Event.
  std::vector<std::string> Events() {
    std::vector<std::string> out;
    const Value list = Get("/api/v1/namespaces/default/events").body["items"];
    for (const Value& event : list.items()) {
      out.push_back(event["type"].str() + " " + event["reason"].str() + " " +
                    event["involvedObject"]["kind"].str());
    }
    std::ranges::sort(out);
    return out;
  }
};

TEST_F(LiveTest, APodSaysWhatItDoes) {
  const std::string pod = Deploy("web:1", R"({"sandbox.swell.dev/log-interval": "2s"})");
  const std::string log = Log(pod);
  EXPECT_TRUE(
      log.starts_with("starting main, image web:1\nready, listening on port 8080\n"
                      "request 1: GET / 200\n"))
      << log;
  EXPECT_TRUE(Log(pod, "?timestamps=true").starts_with("2026-01-02T03:04:0")) << log;
  EXPECT_EQ(Log(pod, "?tailLines=1&container=main"), "request 2: GET / 200\n");
  EXPECT_EQ(Log(pod, "?tailLines=0"), "");
  EXPECT_EQ(Log(pod, "?sinceSeconds=1"), "request 2: GET / 200\n");
  const Reply previous = Get(std::string(kPods) + "/" + pod + "/log?previous=true");
  EXPECT_EQ(previous.status, 400);
  EXPECT_EQ(previous.message(),
            "previous terminated container \"main\" in pod \"" + pod + "\" not found");
  const Reply other = Get(std::string(kPods) + "/" + pod + "/log?container=x");
  EXPECT_EQ(other.message(), "container x is not valid for pod " + pod);
  EXPECT_EQ(Get(std::string(kPods) + "/nobody/log").status, 404);
}

TEST_F(LiveTest, ALogIsFollowedToThePodsEnd) {
  const std::string pod = Deploy("web:1", R"({"sandbox.swell.dev/log-interval": "1s"})");
  const Reply reply = Get(std::string(kPods) + "/" + pod + "/log?follow=true&tailLines=1");
  ASSERT_TRUE(reply.raw.watch);
  const auto sink = std::make_shared<TextSink>();
  cluster.StartWatch(reply.raw.watch->id, sink);
  EXPECT_EQ(sink->text, "request 5: GET / 200\n");
  EXPECT_EQ(Get("/sandbox/stats").body["logStreams"].as_int(), 1);
  Advance(2'100);
  EXPECT_EQ(sink->text, "request 5: GET / 200\nrequest 6: GET / 200\nrequest 7: GET / 200\n");
  EXPECT_FALSE(sink->ended);
  Delete(std::string(kPods) + "/" + pod, R"({"gracePeriodSeconds":0})");
  Advance(500);
  EXPECT_TRUE(sink->ended);
  EXPECT_EQ(Get("/sandbox/stats").body["logStreams"].as_int(), 0);
}

TEST_F(LiveTest, AFollowerThatGoesIsForgottenAndACrashCutsIt) {
  const std::string pod = Deploy("web:1");
  const std::string url = std::string(kPods) + "/" + pod + "/log?follow=true";
  const Reply first = Get(url), second = Get(url);
  const auto sink = std::make_shared<TextSink>();
  cluster.StartWatch(first.raw.watch->id, std::make_shared<TextSink>());
  cluster.StartWatch(second.raw.watch->id, sink);
  cluster.StopWatch(first.raw.watch->id);
  EXPECT_EQ(Get("/sandbox/stats").body["logStreams"].as_int(), 1);
  Send(Make("POST", "/sandbox/faults", R"({"down": true})"));
  EXPECT_TRUE(sink->aborted);
}

TEST_F(LiveTest, AnImageThatCannotBePulledHasNoLog) {
  const std::string pod = Deploy("web:1-broken");
  const Reply reply = Get(std::string(kPods) + "/" + pod + "/log");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(), "container \"main\" in pod \"" + pod +
                                 "\" is waiting to start: trying and failing to pull image");
  EXPECT_EQ(Events(), (std::vector<std::string>{
                          "Normal BackOff Pod", "Normal Pulling Pod",
                          "Normal ScalingReplicaSet "
                          "Deployment",
                          "Normal Scheduled Pod", "Normal SuccessfulCreate ReplicaSet",
                          "Warning Failed Pod", "Warning Failed Pod", "Warning Failed Pod"}));
}

TEST_F(LiveTest, ACrashedContainerHasTheLogOfItsLastRun) {
  const std::string pod = Deploy("web:1-crash");
  EXPECT_EQ(Log(pod),
            "starting main, image web:1-crash\n"
            "fatal: cannot go on: the image's tag says crash\n");
  EXPECT_EQ(Log(pod, "?previous=true"), Log(pod));
}

TEST_F(LiveTest, EventsSayWhatHappened) {
  const std::string pod = Deploy("web:1");
  EXPECT_EQ(Events(), (std::vector<std::string>{"Normal Created Pod", "Normal Pulled Pod",
                                                "Normal ScalingReplicaSet "
                                                "Deployment",
                                                "Normal Scheduled Pod", "Normal Started Pod",
                                                "Normal SuccessfulCreate ReplicaSet"}));
  Merge(std::string(kDeployments) + "/web", R"({"spec":{"replicas":0}})");
  Advance(2'000);
  const auto list = Get("/api/v1/namespaces/default/events").body["items"];
  std::string scaled, killing;
  for (const Value& event : list.items()) {
    if (event["reason"].as_string() == "ScalingReplicaSet") scaled += event["message"].str() + "\n";
    if (event["reason"].as_string() == "Killing") killing = event["message"].str();
  }
  EXPECT_NE(scaled.find(" from 0 to 1\n"), std::string::npos) << scaled;
  EXPECT_NE(scaled.find(" from 1 to 0\n"), std::string::npos) << scaled;
  EXPECT_EQ(killing, "Stopping container main");
}

TEST_F(LiveTest, EventsGoWithTheirNamespace) {
  Post("/api/v1/namespaces", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
  Post("/apis/apps/v1/namespaces/shop/deployments", DeploymentYaml("web", "web:1"));
  Advance(3'000);
  EXPECT_FALSE(Get("/api/v1/namespaces/shop/events").body["items"].empty());
  Delete("/api/v1/namespaces/shop");
  Advance(60'000);
  EXPECT_EQ(Get("/api/v1/namespaces/shop").status, 404);
  EXPECT_TRUE(Get("/api/v1/events").body["items"].empty());
}

TEST_F(LiveTest, EventsDoNotPushOutWhatWatchesResumeOver) {
  const std::string version = Get(kDeployments).body["metadata"]["resourceVersion"].str();
  Post(kDeployments, DeploymentYaml("web", "web:1", 15));  // some 15 x 4 Events
  Advance(10'000);
  const auto sink = Watch(std::string(kDeployments) + "?watch=true&resourceVersion=" + version);
  ASSERT_FALSE(sink->events.empty());
  EXPECT_EQ(sink->Lines().front(), "ADDED web");
}

}  // namespace
}  // namespace swell::sandbox
