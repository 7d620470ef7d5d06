// Watches: order, resuming, selection, bookmarks, expiry.

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

class WatchTest : public ClusterTest {
 protected:
  void Create(const std::string& name, const std::string& label = "a") {
    Post(kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
                          ", labels: {team: " + label + "}}}");
  }
  std::string Version() { return Get(kConfigMaps).body["metadata"]["resourceVersion"].str(); }
  using Lines = std::vector<std::string>;
};

TEST_F(WatchTest, SendsEveryChangeAfterTheVersion) {
  Create("one");
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=true&resourceVersion=" + Version());
  Create("two");
  Merge(std::string(kConfigMaps) + "/two", R"({"data":{"k":"v"}})");
  Delete(std::string(kConfigMaps) + "/one");
  EXPECT_EQ(sink->Lines(), (Lines{"ADDED two", "MODIFIED two", "DELETED one"}));
  const std::string deleted = sink->events[2].At({"object", "metadata", "resourceVersion"}).str();
  EXPECT_EQ(deleted, Version());
}

TEST_F(WatchTest, ResumesFromHistory) {
  const std::string version = Version();
  Create("one");
  Delete(std::string(kConfigMaps) + "/one");
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=1&resourceVersion=" + version);
  EXPECT_EQ(sink->Lines(), (Lines{"ADDED one", "DELETED one"}));
}

TEST_F(WatchTest, WithoutVersionItBeginsWithWhatIsThere) {
  Create("one");
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=1");
  EXPECT_EQ(sink->Lines(), (Lines{"ADDED kube-root-ca.crt", "ADDED one"}));
}

TEST_F(WatchTest, TooOldIsAnErrorEvent) {
  const std::string version = Version();
  for (int i = 0; i < 250; ++i) Create("m" + std::to_string(i));
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=1&resourceVersion=" + version);
  ASSERT_EQ(sink->events.size(), 1u);
  EXPECT_EQ(sink->events[0]["type"].as_string(), "ERROR");
  EXPECT_EQ(sink->events[0]["object"]["code"].as_int(), 410);
  EXPECT_EQ(sink->events[0]["object"]["reason"].as_string(), "Expired");
  EXPECT_TRUE(sink->ended);
}

TEST_F(WatchTest, CompactionExpiresWatchesAndPages) {
  Create("one");
  Create("two");
  const Reply page = Get(std::string(kConfigMaps) + "?limit=1");
  const std::string token = page.body["metadata"]["continue"].str();
  Create("three");
  EXPECT_EQ(Send(Make("POST", "/sandbox/compact")).status, 200);
  const Reply next = Get(std::string(kConfigMaps) + "?limit=1&continue=" + token);
  EXPECT_EQ(next.status, 410);
  EXPECT_EQ(next.reason(), "Expired");
}

TEST_F(WatchTest, SelectionTurnsChangesIntoAddedAndDeleted) {
  const auto sink = Watch(std::string(kConfigMaps) +
                          "?watch=1&labelSelector=team=a&resourceVersion=" + Version());
  Create("one", "b");
  Merge(std::string(kConfigMaps) + "/one", R"({"metadata":{"labels":{"team":"a"}}})");
  Merge(std::string(kConfigMaps) + "/one", R"({"data":{"k":"v"}})");
  Merge(std::string(kConfigMaps) + "/one", R"({"metadata":{"labels":{"team":"c"}}})");
  EXPECT_EQ(sink->Lines(), (Lines{"ADDED one", "MODIFIED one", "DELETED one"}));
}

TEST_F(WatchTest, BookmarksAndTimeout) {
  const auto sink =
      Watch(std::string(kConfigMaps) +
            "?watch=1&allowWatchBookmarks=true&timeoutSeconds=90&resourceVersion=" + Version());
  Create("one");
  Advance(60'000);
  ASSERT_EQ(sink->events.size(), 2u);
  EXPECT_EQ(sink->events[1]["type"].as_string(), "BOOKMARK");
  EXPECT_EQ(sink->events[1].At({"object", "metadata", "resourceVersion"}).str(), Version());
  EXPECT_EQ(sink->events[1]["object"]["kind"].as_string(), "ConfigMap");
  EXPECT_FALSE(sink->ended);
  Advance(31'000);
  EXPECT_TRUE(sink->ended);
  const std::size_t count = sink->events.size();
  Create("two");
  EXPECT_EQ(sink->events.size(), count);
}

TEST_F(WatchTest, WatchListEndsItsFirstPart) {
  Create("one");
  const auto sink = Watch(std::string(kConfigMaps) +
                          "?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&"
                          "allowWatchBookmarks=true");
  ASSERT_EQ(sink->events.size(), 3u);
  EXPECT_EQ(sink->events[2]
                .At({"object", "metadata", "annotations"})["k8s.io/initial-events-end"]
                .as_string(),
            "true");
}

TEST_F(WatchTest, AGoneClientIsForgotten) {
  const auto sink = Watch(std::string(kConfigMaps) + "?watch=1&resourceVersion=" + Version());
  sink->gone = true;
  Create("one");
  Create("two");
  EXPECT_EQ(sink->events.size(), 1u);
}

TEST_F(WatchTest, TablesAndMetadataAlone) {
  Request request = Make("GET", std::string(kConfigMaps) + "?watch=1");
  request.headers.emplace_back("accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
  const Response response = cluster.Handle(request);
  ASSERT_TRUE(response.watch);
  auto sink = std::make_shared<RecordingSink>();
  cluster.StartWatch(response.watch->id, sink);
  ASSERT_FALSE(sink->events.empty());
  EXPECT_EQ(sink->events[0]["object"]["kind"].as_string(), "Table");
  EXPECT_EQ(sink->events[0]["object"]["rows"][0]["cells"][0].as_string(), "kube-root-ca.crt");
}

}  // namespace
}  // namespace swell::sandbox
