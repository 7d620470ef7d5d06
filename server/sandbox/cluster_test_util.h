#pragma once
// A cluster whose time stands still until told, driven without any network.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "server/sandbox/cluster.h"

namespace swell::sandbox {

// Collects what a watch sends.
class RecordingSink final : public WatchSink {
 public:
  bool Write(std::string chunk) override {
    for (std::string_view line : Split(chunk, '\n')) {
      if (line.empty()) continue;
      auto event = json::Parse(line);
      EXPECT_TRUE(event) << line;
      if (event) events.push_back(*event);
    }
    return !gone;
  }
  void End() override { ended = true; }
  void Abort() override { aborted = true; }

  // "ADDED web", one for each event.
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const Value& event : events) {
      lines.push_back(event["type"].str() + " " + event.At({"object", "metadata", "name"}).str());
    }
    return lines;
  }

  std::vector<Value> events;
  bool ended = false, aborted = false, gone = false;
};

class ClusterTest : public ::testing::Test {
 protected:
  struct Reply {
    int status = 0;
    Value body;
    Response raw;
    std::string reason() const { return body["reason"].str(); }
    std::string message() const { return body["message"].str(); }
  };

  ClusterTest()
      : clock(*ParseTimestamp("2026-01-02T03:04:05Z")),
        scheduler(clock),
        cluster(ClusterOptions{.history = 200}, scheduler, clock, interner) {
    scheduler.Advance(std::chrono::seconds(1));
  }

  Reply Send(Request request) {
    Reply reply;
    reply.raw = cluster.Handle(request);
    reply.status = reply.raw.status;
    if (auto body = json::Parse(reply.raw.body)) reply.body = *body;
    return reply;
  }
  static Request Make(const std::string& method, const std::string& url, std::string body = "",
                      const std::string& type = "application/json") {
    Request request;
    request.method = method;
    const auto mark = url.find('?');
    request.path = url.substr(0, mark);
    if (mark != std::string::npos) {
      for (std::string_view pair : Split(std::string_view(url).substr(mark + 1), '&')) {
        const auto equals = pair.find('=');
        request.query.emplace_back(pair.substr(0, equals),
                                   equals == std::string_view::npos ? "" : pair.substr(equals + 1));
      }
    }
    request.headers.emplace_back("content-type", type);
    request.headers.emplace_back("user-agent", "test/1");
    request.body = std::move(body);
    return request;
  }
  Reply Get(const std::string& url) { return Send(Make("GET", url)); }
  Reply Post(const std::string& url, const std::string& yaml) {
    return Send(Make("POST", url, yaml, "application/yaml"));
  }
  Reply Put(const std::string& url, const Value& body) {
    return Send(Make("PUT", url, json::Write(body)));
  }
  Reply Merge(const std::string& url, const std::string& patch) {
    return Send(Make("PATCH", url, patch, "application/merge-patch+json"));
  }
  Reply Strategic(const std::string& url, const std::string& patch) {
    return Send(Make("PATCH", url, patch, "application/strategic-merge-patch+json"));
  }
  Reply Apply(const std::string& url, const std::string& yaml,
              const std::string& query = "fieldManager=swell&force=true") {
    return Send(Make("PATCH", url + "?" + query, yaml, "application/apply-patch+yaml"));
  }
  Reply Delete(const std::string& url, const std::string& options = "") {
    return Send(Make("DELETE", url, options));
  }
  void Advance(int milliseconds) { scheduler.Advance(Duration(milliseconds)); }

  std::shared_ptr<RecordingSink> Watch(const std::string& url) {
    const Reply reply = Get(url);
    auto sink = std::make_shared<RecordingSink>();
    EXPECT_TRUE(reply.raw.watch) << reply.raw.body;
    if (reply.raw.watch) cluster.StartWatch(reply.raw.watch->id, sink);
    return sink;
  }

  static std::string DeploymentYaml(const std::string& name, const std::string& image,
                                    int replicas = 2) {
    return "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " + name +
           "}\nspec:\n  replicas: " + std::to_string(replicas) +
           "\n  selector: {matchLabels: {app: " + name +
           "}}\n  template:\n    metadata: {labels: {app: " + name +
           "}}\n    spec:\n      containers:\n      - {name: main, image: '" + image +
           "', ports: [{containerPort: 80}]}\n";
  }

  ManualClock clock;
  ManualScheduler scheduler;
  Interner interner;
  Cluster cluster;
};

inline constexpr char kConfigMaps[] = "/api/v1/namespaces/default/configmaps";
inline constexpr char kDeployments[] = "/apis/apps/v1/namespaces/default/deployments";

}  // namespace swell::sandbox
