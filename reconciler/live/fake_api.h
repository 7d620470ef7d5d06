#pragma once
// For tests: a small API server over HTTP/2 that keeps objects in memory. It knows a few kinds,
// server-side apply as a merge, and whatever a test scripts.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/net/http_server.h"
#include "base/net/loop.h"
#include "base/value/json.h"
#include "base/value/pointer.h"
#include "base/value/value.h"
#include "reconciler/kube/clients.h"

namespace swell::live::testing {

struct Reply {
  int status = 200;  // 0: the answer is broken off
  std::string body;
  std::string content_type = "application/json";
};

inline Reply StatusReply(int code, const std::string& reason, const std::string& message) {
  return {code, json::Write(Value::Object({{"kind", Value("Status")},
                                           {"apiVersion", Value("v1")},
                                           {"status", Value("Failure")},
                                           {"message", Value(message)},
                                           {"reason", Value(reason)},
                                           {"code", Value(code)}}))};
}

// Thread-safe.
class FakeApi {
 public:
  // "PATCH /apis/apps/v1/namespaces/web/deployments/w" for each request but discovery's and dry
  // runs, which are in DryRuns.
  std::vector<std::string> Requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<std::string> DryRuns() const {
    std::lock_guard lock(mutex_);
    return dry_runs_;
  }
  // Answers instead of the server where it returns something.
  std::function<std::optional<Reply>(const net::HttpRequest&)> intercept;
  // Lets "controllers" finish an object that was just written.
  std::function<Value(Value)> on_write;

  FakeApi() : loop_("fake-api") {
    kinds_ = {{"", "v1", "ConfigMap", "configmaps", true},
              {"", "v1", "Namespace", "namespaces", false},
              {"", "v1", "Pod", "pods", true},
              {"apps", "v1", "Deployment", "deployments", true},
              {"batch", "v1", "Job", "jobs", true},
              {"apiextensions.k8s.io", "v1", "CustomResourceDefinition",
               "customresourcedefinitions", false}};
    net::HttpServer::Options options;
    server_ = *net::HttpServer::Start(
        loop_, options, [this](net::HttpRequest request, net::ResponseWriterPtr writer) {
          const Reply reply = Handle(request);
          if (reply.status == 0) return writer->Abort();
          writer->Respond(reply.status, {{"content-type", reply.content_type}}, reply.body);
        });
  }
  ~FakeApi() { server_->Stop(); }

  std::string url() const { return server_->url(); }

  void Serve(const std::string& group, const std::string& kind, const std::string& resource) {
    std::lock_guard lock(mutex_);
    kinds_.push_back({group, "v1", kind, resource, true});
  }

  // "/api/v1/namespaces/web/configmaps/a" -> the object, null where it is absent.
  Value Get(const std::string& path) const {
    std::lock_guard lock(mutex_);
    const auto found = objects_.find(path);
    return found == objects_.end() ? Value() : found->second;
  }
  void Put(const std::string& path, const std::string& text) {
    std::lock_guard lock(mutex_);
    Store(path, *json::Parse(text));
  }
  // A change by somebody else, right in the store.
  void Update(const std::string& path, const std::function<Value(Value)>& change) {
    std::lock_guard lock(mutex_);
    objects_[path] = change(objects_[path]);
  }
  void Remove(const std::string& path) {
    std::lock_guard lock(mutex_);
    objects_.erase(path);
  }

 private:
  struct Kind {
    std::string group, version, kind, resource;
    bool namespaced;
  };

  Reply Handle(const net::HttpRequest& request) {
    if (request.path == "/api" || request.path == "/apis") return Discovery(request.path);
    if (request.path == "/version") return {200, R"({"major":"1","minor":"36"})"};
    {
      std::lock_guard lock(mutex_);
      (IsDryRun(request) ? dry_runs_ : requests_).push_back(request.method + " " + request.path);
    }
    if (intercept) {
      if (auto reply = intercept(request)) return *reply;
    }
    std::lock_guard lock(mutex_);
    if (request.method == "PATCH") return Patch(request);
    if (request.method == "PUT") return Replace(request);
    if (request.method == "POST") return Create(request);
    if (request.method == "DELETE") return Delete(request);
    const auto found = objects_.find(request.path);
    if (found != objects_.end()) return {200, json::Write(found->second)};
    return IsCollection(request.path) ? List(request.path) : NotFoundReply(request.path);
  }

  static std::string Last(const std::string& path) { return path.substr(path.rfind('/') + 1); }

  bool IsCollection(const std::string& path) const {
    for (const Kind& kind : kinds_) {
      if (path.ends_with("/" + kind.resource)) return true;
    }
    return false;
  }

  static Reply NotFoundReply(const std::string& path) {
    return StatusReply(404, "NotFound", Quoted(Last(path)) + " not found");
  }
  static std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

  Reply Discovery(const std::string& path) const {
    std::lock_guard lock(mutex_);
    std::map<std::string, std::vector<Value>> groups;
    for (const Kind& kind : kinds_) {
      if (kind.group.empty() != (path == "/api")) continue;
      groups[kind.group].push_back(
          Value::Object({{"resource", Value(kind.resource)},
                         {"responseKind", Value::Object({{"group", Value(kind.group)},
                                                         {"version", Value(kind.version)},
                                                         {"kind", Value(kind.kind)}})},
                         {"scope", Value(kind.namespaced ? "Namespaced" : "Cluster")},
                         {"verbs", Value::Array({Value("get"), Value("list"), Value("patch")})}}));
    }
    std::vector<Value> items;
    for (auto& [group, resources] : groups) {
      const Value version = Value::Object({{"version", Value("v1")},
                                           {"freshness", Value("Current")},
                                           {"resources", Value::Array(std::move(resources))}});
      items.push_back(Value::Object({{"metadata", Value::Object({{"name", Value(group)}})},
                                     {"versions", Value::Array({version})}}));
    }
    return {200,
            json::Write(Value::Object({{"kind", Value("APIGroupDiscoveryList")},
                                       {"apiVersion", Value("apidiscovery.k8s.io/v2")},
                                       {"items", Value::Array(std::move(items))}})),
            "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"};
  }

  Value Store(const std::string& path, Value object) {
    const Value& before = objects_[path];
    const std::string uid = before["metadata"]["uid"].str();
    const auto generation = before["metadata"]["generation"].as_int() + 1;
    if (!object["metadata"].Has("uid")) {
      object = object.WithAt({"metadata", "uid"},
                             Value(uid.empty() ? "uid-" + std::to_string(++uids_) : uid));
    }
    object = object.WithAt({"metadata", "generation"}, Value(generation))
                 .WithAt({"metadata", "resourceVersion"}, Value(std::to_string(++version_)));
    return objects_[path] = on_write ? on_write(object) : object;
  }

  static bool IsDryRun(const net::HttpRequest& request) {
    return request.query.find("dryRun=All") != std::string::npos;
  }

  bool IsServed(const std::string& path) const {
    for (const Kind& kind : kinds_) {
      if ((path + "/").find("/" + kind.resource + "/") != std::string::npos) return true;
    }
    return false;
  }

  // A resourceVersion in what is written is a precondition.
  std::optional<Reply> CheckVersion(const std::string& path, const Value& body) const {
    const std::string_view wanted = body["metadata"]["resourceVersion"].as_string();
    const auto found = objects_.find(path);
    if (wanted.empty() || found == objects_.end()) return {};
    if (found->second["metadata"]["resourceVersion"].as_string() == wanted) return {};
    return StatusReply(409, "Conflict", "the object has been modified");
  }

  Reply Write(const net::HttpRequest& request, const std::string& path, Value object) {
    const bool created = !objects_.contains(path);
    if (!IsDryRun(request)) object = Store(path, std::move(object));
    return {created ? 201 : 200, json::Write(object)};
  }

  Reply Patch(const net::HttpRequest& request) {
    const auto body = json::Parse(request.body);
    if (!body) return StatusReply(400, "BadRequest", "not JSON");
    if (!IsServed(request.path)) return {404, "404 page not found\n", "text/plain"};
    const auto found = objects_.find(request.path);
    const Value before = found == objects_.end() ? Value() : found->second;
    if (request.headers.Get("content-type") != "application/json-patch+json") {
      if (auto conflict = CheckVersion(request.path, *body)) return *conflict;
      return Write(request, request.path, ApplyMergePatch(before, *body));
    }
    const auto patched = ApplyJsonPatch(before, *body);
    if (!patched) return StatusReply(422, "Invalid", patched.error().message());
    if (auto conflict = CheckVersion(request.path, *patched)) return *conflict;
    return Write(request, request.path, *patched);
  }

  Reply Replace(const net::HttpRequest& request) {
    const auto body = json::Parse(request.body);
    if (!objects_.contains(request.path)) return NotFoundReply(request.path);
    if (auto conflict = CheckVersion(request.path, *body)) return *conflict;
    return Write(request, request.path, *body);
  }

  Reply Create(const net::HttpRequest& request) {
    const auto body = json::Parse(request.body);
    if (!body) return StatusReply(400, "BadRequest", "not JSON");
    if (!IsServed(request.path)) return {404, "404 page not found\n", "text/plain"};
    const std::string path = request.path + "/" + (*body)["metadata"]["name"].str();
    if (objects_.contains(path)) return StatusReply(409, "AlreadyExists", "it already exists");
    return Write(request, path, *body);
  }

  Reply Delete(const net::HttpRequest& request) {
    const auto found = objects_.find(request.path);
    if (found == objects_.end()) return NotFoundReply(request.path);
    const auto body = json::Parse(request.body);
    const std::string uid = body ? (*body)["preconditions"]["uid"].str() : "";
    if (!uid.empty() && uid != found->second["metadata"]["uid"].as_string()) {
      return StatusReply(409, "Conflict", "the UID in the precondition does not match");
    }
    objects_.erase(found);
    return {200, R"({"kind":"Status","apiVersion":"v1","status":"Success"})"};
  }

  Reply List(const std::string& path) const {
    std::vector<Value> items;
    for (const auto& [at, object] : objects_) {
      if (at.starts_with(path + "/")) items.push_back(object);
    }
    return {200, json::Write(
                     Value::Object({{"kind", Value("List")},
                                    {"apiVersion", Value("v1")},
                                    {"metadata", Value::Object({{"resourceVersion", Value("1")}})},
                                    {"items", Value::Array(std::move(items))}}))};
  }

  mutable std::mutex mutex_;
  std::vector<Kind> kinds_;
  std::map<std::string, Value> objects_;
  std::vector<std::string> requests_;
  std::vector<std::string> dry_runs_;
  int uids_ = 0;
  int version_ = 0;
  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
};

// A connection to the fake, over its own loop. `loop` must outlive the connection.
inline kube::ConnectionPtr Connect(net::Loop& loop, const FakeApi& api) {
  kube::ClusterAccess access;
  access.server = api.url();
  kube::ClientOptions options;
  options.cluster = "c1";
  options.max_attempts = 2;
  options.default_timeout = std::chrono::seconds(5);
  auto connection = std::make_shared<kube::Connection>();
  connection->cluster = "c1";
  connection->client = *kube::Client::Create(loop, std::move(access), std::move(options));
  connection->discovery = std::make_unique<kube::Discovery>(*connection->client);
  return connection;
}

}  // namespace swell::live::testing
