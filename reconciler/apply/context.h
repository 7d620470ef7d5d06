#pragma once
// What the tasks of one apply share. Used on the client's loop alone.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/core/result.h"
#include "reconciler/apply/apply.h"
#include "reconciler/live/task_pool.h"

namespace swell::apply {

// Between two looks at something that is waited for: grows from the first to the last.
inline constexpr Duration kFirstPoll = std::chrono::milliseconds(100);
inline constexpr Duration kLastPoll = std::chrono::seconds(2);
// One call to the API server takes no longer than this, whatever the deadline.
inline constexpr Duration kCallTimeout = std::chrono::seconds(30);
inline constexpr Duration kPollTimeout = std::chrono::seconds(10);

class Context {
 public:
  explicit Context(Request request);

  kube::Client& client() { return *request_.connection->client; }
  kube::Discovery& discovery() { return *request_.connection->discovery; }
  const kube::ConnectionPtr& connection() const { return request_.connection; }
  net::Loop& loop() { return client().loop(); }
  const Request& request() const { return request_; }
  const std::vector<Operation>& operations() const;

  // The desired form of an object of the plan's operations; nullptr where the plan names what is
  // not desired.
  const Object* Find(const ObjectId& id) const { return request_.index->Find(id); }

  const SyncSpec& sync() const { return request_.sync; }
  diff::IgnoreRules Ignored(const ObjectId& id) const {
    return request_.ignored.For(id, request_.connection->cluster);
  }

  bool Expired() const { return Left() <= Duration(0); }
  Duration Left() const;
  // For one call: what is left of the deadline, but never nothing.
  Duration CallTimeout() const;
  // For a look at something that is waited for: another one follows.
  Duration PollTimeout() const;
  // Asked before every write: an error where the apply was told to stop or is out of time.
  Status MayWrite() const;
  // Calls `fn` after the pause, or as soon as the apply is told to stop or out of time: who waits
  // asks MayWrite before the next look.
  void After(Duration delay, std::move_only_function<void()> fn);

  template <class T>
  kube::Callback<T> OnLoop(kube::Callback<T> fn) {
    return live::OnLoop<T>(loop(), std::move(fn));
  }

 private:
  bool ToldToStop() const { return request_.may_write && !request_.may_write(); }
  void Tick(std::chrono::steady_clock::time_point until, std::move_only_function<void()> fn);

  Request request_;
  std::chrono::steady_clock::time_point deadline_;
};
using ContextPtr = std::shared_ptr<Context>;

// The next pause after `pause`.
Duration NextPoll(Duration pause);

using ResultDone = std::move_only_function<void(ObjectResult)>;
// With the operation's index in the plan.
using IndexedResult = std::pair<std::size_t, ObjectResult>;

// Each does one operation and calls `done` once, on the loop.
void ApplyObject(const ContextPtr& context, const Operation& operation, ResultDone done);
void RunHook(const ContextPtr& context, const Operation& operation, ResultDone done);

// How long a deletion waits until its object is gone.
enum class Gone { kNotAwaited, kAwaited, kRequired };
void DeleteObject(const ContextPtr& context, const Operation& operation, Gone gone,
                  ResultDone done);

// What holds an object that is being deleted, with the way out (plan::DescribeTerminating); of a
// Namespace also which objects in it are left. `live` is as it was read last.
void ExplainTerminating(const ContextPtr& context, const ObjectId& id, const Value& live,
                        std::move_only_function<void(std::string)> done);

// Waits until the object with that uid is gone. Errors: kAborted where another has its name now,
// kDeadlineExceeded with the finalizers that hold it and how to get out, kCancelled.
void AwaitGone(const ContextPtr& context, const kube::ResourceRef& ref, std::string uid,
               std::move_only_function<void(Status)> done);

// Waits until the CRD is Established.
void AwaitDefinition(const ContextPtr& context, const ObjectId& id,
                     std::move_only_function<void(Status)> done);

// Why the object is not healthy: what its newest ReplicaSet, its pods and the Warning events on
// them say (reconciler/health/explain.h), or "" where nothing is known; a failure to read them is
// not worth an error. At most five lists.
void ExplainObject(const kube::ConnectionPtr& connection, const Value& object,
                   std::move_only_function<void(std::string)> done);

}  // namespace swell::apply
