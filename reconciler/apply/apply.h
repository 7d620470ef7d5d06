#pragma once
// Apply: one cluster's operations, executed with server-side apply. Asynchronous: no thread
// waits; everything is driven by the kube client's loop.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/runtime/executor.h"
#include "reconciler/apply/explanations.h"
#include "reconciler/diff/rules.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/health.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/domain/plan.h"
#include "reconciler/health/checks.h"
#include "reconciler/kube/clients.h"

namespace swell::apply {

struct ObjectResult {
  ObjectId id;
  OperationType done = OperationType::kNone;
  std::string uid;
  std::int64_t generation = 0;  // metadata.generation that the apply returned
  std::optional<Error> error;
};

struct ClusterResult {
  std::vector<ObjectResult> objects;  // one per operation that was tried, in order
  // What kept the apply from starting, or what failed: every object with its reason, the first ten.
  std::optional<Error> error;
  bool ok() const { return !error; }
};

// The user's own health checks, and what runs them.
struct UserChecks {
  health::Checks checks;
  const Clock* clock = nullptr;  // required where there are checks; outlives the work
  // Where the checks of a report run: they may take a third of a second, which the client's loop
  // has no time for. Null: on the loop all the same. Outlives the work.
  Executor* workers = nullptr;
};

// Whether the API server is asked about everything of a stage before the first write of it
// (server-side dry run): a refusal is then told with all others, and nothing was touched. Costs a
// request more for each object that changes; a stage with a single change is not asked about.
// kAlways: also about a single change. kAsked: DryRun has asked about the whole plan, so only what
// it had to leave out is asked about.
enum class Preflight : std::uint8_t { kOff, kDryRun, kAlways, kAsked };

// Which deletions are waited for until the objects are gone.
enum class AwaitDeletions {
  kWhereNeeded,  // those that something comes after, and for kGoneWait at most
  kAlways,       // all, until the deadline; an object that stays is an error
};
inline constexpr Duration kGoneWait = std::chrono::minutes(1);

// The results so far, and what goes on (or, with an error, does not).
using Checkpoint =
    std::function<void(std::vector<ObjectResult>, std::move_only_function<void(Status)>)>;

// The desired forms of the objects that operations name. Immutable: made once, it serves all the
// clusters that are to get the same.
class DesiredIndex {
 public:
  using Objects = std::shared_ptr<const std::vector<Object>>;
  using Operations = std::shared_ptr<const OperationSet>;

  // Either may be null: then nothing is found.
  DesiredIndex(Objects desired, Operations operations);
  // Whether it was made of these very two.
  bool IsOf(const Objects& desired, const Operations& operations) const {
    return desired == desired_ && operations == operations_;
  }
  // nullptr where the operations name what is not desired.
  const Object* Find(const ObjectId& id) const;

 private:
  Objects desired_;
  Operations operations_;
  std::map<ObjectId, const Object*> found_;
};

struct Request {
  kube::ConnectionPtr connection;  // its client writes, its discovery knows plurals and scopes
  std::shared_ptr<const std::vector<Object>> desired;  // plan::PrepareObjects' output
  ClusterPlan plan;
  std::shared_ptr<const DesiredIndex> index;  // of the two; null: it is made
  std::string application;
  SyncSpec sync;  // conflicts, adoption, recreation, propagation of deletions
  // What is ignored is not changed either: diff::WithoutIgnored.
  diff::RuleBook ignored;
  Preflight preflight = Preflight::kDryRun;
  Duration deadline = std::chrono::minutes(5);
  // Asked before every write: false stops the apply (server shutting down, lost its claim).
  std::function<bool()> may_write;
  UserChecks checks;  // for waves, phases and hooks that wait for health
  // Asked instead by SyncFail hooks, which run after the apply was stopped, too. None: may_write.
  std::function<bool()> may_write_after_failure;
  AwaitDeletions await_deletions = AwaitDeletions::kWhereNeeded;
  // Called on the loop when every PreDelete hook has succeeded, before anything is deleted: what
  // it records is what a deletion that is taken up again knows. May be none.
  Checkpoint checkpoint;
  // A stage that others wait for fails when it has been Degraded for so long without a break.
  Duration degraded_grace = std::chrono::seconds(60);
};

// Stages run in order (phase, wave, and within a stage Namespaces, then CRDs until Established
// with discovery refreshed, then the rest by rank); independent objects of a step run in
// parallel within the client's budget; one bad object does not hide the others' results of its
// step, but no later step starts. Hooks run to completion. Where later waves or phases wait, a
// stage's objects must be healthy first. Results that were reached before a failure are always
// told.
//
// Deletes come last, reverse order, with the uid as precondition, after a last look: an object
// that is not the application's any more stays and is an error, one that goes away already is not
// deleted again. A step of deletions ends when its objects are gone (AwaitDeletions). One that was
// deleted and lingers is told as kNone: it is still there.
//
// After a failure the plan's SyncFail hooks run, within a third of `deadline` and five minutes;
// the error that is told is the failure's own.
// `done` is called once, on the client's loop.
void Apply(Request request, std::move_only_function<void(ClusterResult)> done);

// Asks the API server about everything of a plan and writes nothing (reconciler/apply/preflight.h).
struct DryRunResult {
  std::optional<Error> unreachable;  // the cluster does not answer
  std::optional<Error> refused;      // what it refuses, and why
};
// `done` is called once, on the client's loop.
void DryRun(Request request, std::move_only_function<void(DryRunResult)> done);

// Reads the health of the desired objects once. Objects whose status lags behind the generation
// in `applied` count as Progressing.
struct HealthRequest {
  kube::ConnectionPtr connection;  // its client writes, its discovery knows plurals and scopes
  std::shared_ptr<const std::vector<Object>> desired;
  std::vector<ObjectResult> applied;
  UserChecks checks;
  // Where the next report finds what this one learns; null: it is asked anew.
  std::shared_ptr<Explanations> explanations;
};
struct HealthReport {
  // The worst, with the object and, where known, the pod, container and events behind it.
  Health health;
  std::vector<std::pair<ObjectId, Health>> objects;
};
void ReadHealth(HealthRequest request, std::move_only_function<void(Result<HealthReport>)> done);

}  // namespace swell::apply
