#pragma once
// For tests: one application's objects, applied to a fake API server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "reconciler/apply/apply.h"
#include "reconciler/live/fake_api.h"

namespace swell::apply::testing {

using live::testing::FakeApi;
using live::testing::Reply;
using live::testing::StatusReply;

inline constexpr char kMap[] = "/api/v1/namespaces/web/configmaps/a";
inline constexpr char kJob[] = "/apis/batch/v1/namespaces/web/jobs/j";

inline std::string StatusText(int code, const std::string& reason, const std::string& message,
                              const std::string& causes = "[]") {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","code":)" + std::to_string(code) +
         R"(,"reason":")" + reason + R"(","message":)" + json::Write(Value(message)) +
         R"(,"details":{"causes":)" + causes + "}}";
}

class ObjectTest : public ::testing::Test {
 protected:
  ObjectTest() {
    request_.connection = connection_;
    request_.application = "shop";
    request_.deadline = std::chrono::seconds(4);
  }

  Operation& Add(const std::string& text, OperationType type = OperationType::kUpdate) {
    desired_.push_back({*json::Parse(text), "test.yaml"});
    Operation operation;
    operation.type = type;
    operation.id = desired_.back().id();
    operation.version = "v1";
    // As of a field that Git changed; tests of adoption say otherwise.
    operation.changes = {{.path = "/data/k", .before = "\"u\"", .after = "\"v\""}};
    operations_.push_back(std::move(operation));
    return operations_.back();
  }
  Operation& AddMap(const std::string& name = "a", OperationType type = OperationType::kUpdate,
                    const std::string& annotations = "") {
    return Add(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name +
                   R"(","namespace":"web","annotations":{"swell.dev/owner":"shop")" + annotations +
                   R"(}},"data":{"k":"v","l":"w"}})",
               type);
  }
  Operation& AddJob(const std::string& annotations = "") {
    return Add(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"web",
      "annotations":{"swell.dev/owner":"shop")" +
               annotations + R"(}},"spec":{"x":"new"}})");
  }
  void PutMap(const std::string& managed, const std::string& annotations = "{}") {
    api_.Put(kMap,
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"web",
      "annotations":)" +
                 annotations + R"(,"managedFields":)" + managed + R"(},"data":{"k":"x"}})");
  }

  ClusterResult Apply() {
    auto set = std::make_shared<OperationSet>();
    set->operations = operations_;
    Request request = request_;
    request.desired = std::make_shared<const std::vector<Object>>(desired_);
    request.plan.cluster = "c1";
    request.plan.operations = std::move(set);
    std::promise<ClusterResult> promise;
    apply::Apply(std::move(request),
                 [&](ClusterResult result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  std::string ErrorOf(const ClusterResult& result) {
    return result.error ? result.error->ToString() : "";
  }
  // Answers the first `times` writes of a real (no dry) run.
  void AnswerWrites(Reply reply, int times = 1'000'000) {
    api_.intercept = [reply,
                      times](const net::HttpRequest& request) mutable -> std::optional<Reply> {
      const bool write = request.method == "PATCH" || request.method == "PUT";
      if (!write || times-- <= 0) return {};
      return reply;
    };
  }

  std::vector<Object> desired_;
  std::vector<Operation> operations_;
  FakeApi api_;
  net::Loop loop_;
  kube::ConnectionPtr connection_ = live::testing::Connect(loop_, api_);
  Request request_;
};

}  // namespace swell::apply::testing
