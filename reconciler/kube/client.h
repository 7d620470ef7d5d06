#pragma once
// Client: one cluster's API, asynchronously. Over one HTTP/2 connection, without threads of
// its own; retries, time limits, queueing and refresh of credentials are done here, so that
// every caller gets them alike.

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/net/http.h"
#include "base/net/loop.h"
#include "base/net/url.h"
#include "base/runtime/backoff.h"
#include "base/runtime/executor.h"
#include "base/value/value.h"
#include "reconciler/domain/propagation.h"
#include "reconciler/kube/api_error.h"
#include "reconciler/kube/callback.h"
#include "reconciler/kube/kubeconfig.h"

namespace swell::kube {

// Where objects are: /apis/apps/v1/namespaces/web/deployments/frontend. Made from discovery's
// ApiResource::Ref, which knows the plural and the scope.
struct ResourceRef {
  std::string group;  // "" is the core group
  std::string version;
  std::string resource;  // plural: "deployments"; "deployments/status" for a subresource
  std::string ns;        // "" for cluster-scoped, or for a list of all namespaces
  std::string name;      // "" for the collection
  // The escaped path.
  std::string Path() const;
  // "apps/v1 deployments web/frontend", for messages.
  std::string ToString() const;
  bool IsSecret() const { return group.empty() && resource.starts_with("secrets"); }
};

// An answer of the API server.
struct Response {
  int status = 0;  // 200, 201, 202
  Value body;      // the object, or whatever the path serves
  net::Headers headers;
  std::vector<std::string> warnings;  // texts of the Warning headers
  std::size_t bytes = 0;              // of the body, as JSON
  bool created() const { return status == 201; }
};

// What every call may say.
struct CallOptions {
  Duration timeout{0};  // over all attempts; 0: the client's default_timeout
};

enum class DryRun { kNo, kAll };
// What the server does about unknown or duplicate fields (served since 1.25; older servers
// ignore it). A server-side apply refuses unknown fields whatever is asked.
enum class FieldValidation { kStrict, kWarn, kIgnore };

// How much of the objects is asked for: PartialObjectMetadata is an object's apiVersion, kind
// and metadata alone. Servers that do not know it answer with whole objects.
enum class ObjectForm { kWhole, kMetadata };

struct ApplyOptions {
  Duration timeout{0};  // as CallOptions::timeout
  std::string field_manager = "swell";
  bool force = false;  // take over fields that other managers own
  DryRun dry_run = DryRun::kNo;
  FieldValidation field_validation = FieldValidation::kStrict;
  ObjectForm answer = ObjectForm::kWhole;  // what comes back
};

struct WriteOptions {   // Create, Replace, Patch
  Duration timeout{0};  // as CallOptions::timeout
  std::string field_manager = "swell";
  DryRun dry_run = DryRun::kNo;
  FieldValidation field_validation = FieldValidation::kStrict;
};

using swell::Propagation;

struct DeleteOptions {
  Duration timeout{0};  // as CallOptions::timeout
  Propagation propagation = Propagation::kBackground;
  std::string uid;               // precondition; a wrong one is kAborted. Give it.
  std::string resource_version;  // precondition
  DryRun dry_run = DryRun::kNo;
};

enum class PatchType { kJson, kMerge, kStrategic };

struct ListOptions {
  Duration timeout{0};  // of each page; 0: the client's default_timeout
  std::string label_selector;
  std::string field_selector;
  int page_size = 500;
  // "0" reads the server's cache (cheap, perhaps a little old; unpaged); "" the latest.
  std::string resource_version;
  std::size_t max_items = 1'000'000;                 // more is kResourceExhausted
  std::size_t max_bytes = 4UL * 1024 * 1024 * 1024;  // of JSON over all pages; the same
  ObjectForm form = ObjectForm::kWhole;
};

struct ListResult {
  std::vector<Value> items;      // apiVersion and kind filled in
  std::string resource_version;  // for a watch
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark };

struct WatchEvent {
  WatchEventType type;
  Value object;           // of a bookmark only metadata.resourceVersion counts
  std::size_t bytes = 0;  // of the event, as JSON
};

struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;  // from where; required (ListResult::resource_version)
  // The server ends the watch after this (varied by a fifth); it is resumed unseen.
  Duration server_timeout = std::chrono::minutes(7);
  std::size_t max_event_bytes = 8 * 1024 * 1024;
  // Servers that send bookmarks do so once a minute: a watch that has had one and is silent for
  // this long is dead, also where something on the way still answers PING.
  Duration bookmark_silence = std::chrono::seconds(200);
  ObjectForm form = ObjectForm::kWhole;
};

// All on the loop's thread: must not block. The watch goes on by itself over lost
// connections and the server's time limit, from the last version seen, with back-off.
struct WatchHandler {
  std::move_only_function<void(WatchEvent)> on_event;
  // Once, last: kOutOfRange (410: list again), kCancelled, or what does not go away by
  // itself (kPermissionDenied, kNotFound, …).
  std::move_only_function<void(ApiError)> on_end;
  // Optional: what is known may be getting old / is current again.
  std::move_only_function<void(const ApiError&)> on_interrupted = nullptr;
  std::move_only_function<void()> on_connected = nullptr;
};

// A call in progress. Copies share it; dropping it changes nothing. Thread-safe.
class Call {
 public:
  struct State;
  Call() = default;
  explicit Call(std::shared_ptr<State> state) : state_(std::move(state)) {}
  // The callback gets kCancelled (unless it got its result). Never calls back in place.
  void Cancel();
  // Back pressure for a watch: at most one flow-control window more arrives.
  void Pause();
  void Resume();

 private:
  std::shared_ptr<State> state_;
};

// Any request; the base of all others.
struct Request {
  std::string method = "GET";
  std::string path;  // escaped, without query: "/version"
  net::Query query;
  std::string content_type;  // of the body
  std::string body;
  std::string accept = "application/json";
  net::Headers headers;  // further ones
  Duration timeout{0};   // over all attempts; 0: the client's default_timeout
  // Whether to send again when the connection broke and the server may have acted: right
  // for reads and for writes whose repetition changes nothing.
  bool idempotent = true;
  // Errors must not repeat the server's text, which may hold what was sent.
  bool sensitive = false;
  // The body is Kubernetes JSON; else Response::body is the raw text as a string Value.
  bool json = true;
};

// The body of an answer as it arrives, for what may not end: a pod's log. All on the loop's
// thread: must not block.
struct StreamHandler {
  std::move_only_function<void(std::string_view)> on_data;  // of a 200; valid during the call
  // Once, last: nothing where the server ended the body in good order, else why it ended.
  std::move_only_function<void(std::optional<ApiError>)> on_end;
};

struct ClientOptions {
  std::string cluster;  // its name, for messages, logs and metrics
  Duration default_timeout = std::chrono::seconds(30);
  // Calls on the wire at a time (watches apart); further ones queue, first in first out.
  std::size_t max_in_flight = 32;
  // Calls that may be sent a second, on average and at once; 0: as many as the server takes.
  double requests_per_second = 0;
  double burst = 50;
  std::size_t max_queued = 10'000;  // that wait, also for a retry; more is kResourceExhausted
  std::size_t max_response_bytes = 64 * 1024 * 1024;
  int max_attempts = 10;  // as client-go
  BackoffOptions backoff{.initial = std::chrono::milliseconds(250),
                         .max = std::chrono::seconds(10)};
  // Retry-After of the server is honoured up to this.
  Duration max_retry_after = std::chrono::seconds(32);
  RandomSource random;  // SystemRandom() if empty
  std::string user_agent = "swell";
  // Parses answers, runs callbacks (but for small ones of Callback::Brief), and runs credential
  // plugins; must outlive the client. Without it all happens on the loop, and credential plugins
  // are refused.
  Executor* executor = nullptr;
};

// Thread-safe. Callbacks are called exactly once, on the executor (or the loop: without one, and
// Callback::Brief), never in place; after the client is destroyed with kCancelled.
//
// Retried within timeout and max_attempts: 429, and 5xx that say Retry-After (waiting that
// long). Up to three more times, with back-off: no connection; other 5xx and broken
// connections where the request is idempotent. 401 once, after refreshing credentials.
// Everything else is final.
//
// A refusal with 429, or with 5xx and Retry-After, holds back every call of the client for the
// time that the server asks for, and halves what is on the wire at a time; answers let that
// grow again up to max_in_flight.
class Client {
 public:
  // Checks the access data; no I/O. `loop` must outlive the client.
  static Result<std::unique_ptr<Client>> Create(net::Loop& loop, ClusterAccess access,
                                                ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Call Do(Request request, Callback<Response> done);

  Call Get(const ResourceRef& ref, Callback<Response> done, CallOptions options = {});
  // Every object of the collection, page by page; an expired continue token starts over.
  Call List(const ResourceRef& ref, Callback<ListResult> done, ListOptions options = {});
  // Server-side apply: creates or changes. `object` must not hold managedFields. A no-op
  // changes no resourceVersion.
  Call Apply(const ResourceRef& ref, const Value& object, Callback<Response> done,
             ApplyOptions options = {});
  // POST to the collection (ref.name is ignored). Not repeated when the outcome is unknown.
  Call Create(const ResourceRef& ref, const Value& object, Callback<Response> done,
              WriteOptions options = {});
  // PUT; `object` with metadata.resourceVersion is refused if the object changed (kAborted).
  Call Replace(const ResourceRef& ref, const Value& object, Callback<Response> done,
               WriteOptions options = {});
  Call Patch(const ResourceRef& ref, PatchType type, const Value& patch, Callback<Response> done,
             WriteOptions options = {});
  // An object that is gone already is kNotFound.
  Call Delete(const ResourceRef& ref, Callback<Response> done, DeleteOptions options = {});
  Call Watch(const ResourceRef& ref, WatchOptions options, WatchHandler handler);
  // One attempt, and a second one after a 401: who reads on after a failure knows best where.
  // request.timeout bounds the time until the answer begins; the body may take for ever (a dead
  // connection is found by PING). Runs beside max_in_flight, on the connections of watches.
  Call Stream(Request request, StreamHandler handler);

  const std::string& cluster() const;
  const ClusterAccess& access() const;
  net::Loop& loop() const;

  struct Stats {
    std::size_t in_flight = 0;
    std::size_t queued = 0;
    std::uint64_t requests = 0;  // attempts sent
    std::uint64_t retries = 0;
    std::uint64_t refused = 0;  // answers of 429, or of 5xx with Retry-After
    std::size_t limit = 0;      // calls on the wire at a time that the server takes now
  };
  Stats stats() const;

  struct Impl;

 private:
  friend class Informer;
  explicit Client(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

// Blocks for the result, for tests and command lines; not on the loop nor the executor.
//   auto pod = Wait<Response>([&](auto done) { client.Get(ref, std::move(done)); });
template <class T, class Start>
ApiResult<T> Wait(Start&& start) {
  std::promise<ApiResult<T>> promise;
  auto future = promise.get_future();
  start(Callback<T>([&promise](ApiResult<T> result) { promise.set_value(std::move(result)); }));
  return future.get();
}

}  // namespace swell::kube
