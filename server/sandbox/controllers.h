#pragma once
// The controllers of a simulated cluster: what makes a Deployment roll out, a namespace empty
// itself, a dependent go with its owner. Event-driven: a change queues the objects that it
// concerns, each once; nothing polls.

#include <map>
#include <memory>
#include <set>
#include <string>

#include "server/sandbox/events.h"
#include "server/sandbox/objects.h"
#include "server/sandbox/owners.h"
#include "server/sandbox/scheduler.h"

namespace swell::sandbox {

struct ControllerOptions {
  Duration step_delay{400};
  bool workloads = true;  // false: only namespaces, owners and definitions are looked after
  std::string kubernetes_version = "v1.36.0";
};

// What a controller works with.
class ControllerEnv {
 public:
  ControllerEnv(Objects& objects, Scheduler& scheduler, ControllerOptions options)
      : objects(objects), scheduler(scheduler), options(std::move(options)), events(objects) {}
  virtual ~ControllerEnv() = default;

  // Reconciles the object `delay` from now; an earlier request that still waits wins.
  virtual void Queue(const ObjectRef& ref, Duration delay) = 0;

  ObjectPtr Find(const ObjectRef& ref) const {
    return objects.store().Find(*ref.resource, ref.ns, ref.name);
  }
  const Resource& Kind(std::string_view group, std::string_view kind) const {
    return *objects.registry().FindKind(group, kind);
  }
  // The objects of a kind that `owner` controls, in order of their names.
  std::vector<ObjectPtr> Controlled(const Stored& owner, const Resource& kind) const;
  Value Now() const;  // as a status stamps it
  // How soon a controller reacts: much faster than a pod starts.
  Duration react() const { return options.step_delay / 10; }

  Objects& objects;
  Scheduler& scheduler;
  ControllerOptions options;
  EventRecorder events;
  OwnerIndex owners;
};

class Controllers final : public ControllerEnv {
 public:
  // Creates the namespaces default and kube-system, and one node.
  Controllers(Objects& objects, Scheduler& scheduler, ControllerOptions options);
  ~Controllers() override;

  void Queue(const ObjectRef& ref, Duration delay) override;

 private:
  void OnChange(const Change& change);
  void Reconcile(const ObjectRef& ref);
  void Seed();

  std::map<ObjectRef, Timestamp> queued_;  // when it runs
  std::shared_ptr<Controllers*> self_;     // empties when this object goes
};

// One function a kind; each looks at the object as it is and takes the next step.
namespace controllers {

void Deployment(ControllerEnv& env, const ObjectPtr& object);
void ReplicaSet(ControllerEnv& env, const ObjectPtr& object);
void StatefulSet(ControllerEnv& env, const ObjectPtr& object);
void DaemonSet(ControllerEnv& env, const ObjectPtr& object);
void Job(ControllerEnv& env, const ObjectPtr& object);
void Pod(ControllerEnv& env, const ObjectPtr& object);  // scheduler and kubelet in one
void Service(ControllerEnv& env, const ObjectPtr& object);
void Ingress(ControllerEnv& env, const ObjectPtr& object);
void Claim(ControllerEnv& env, const ObjectPtr& object);
void Autoscaler(ControllerEnv& env, const ObjectPtr& object);
void DisruptionBudget(ControllerEnv& env, const ObjectPtr& object);
void Namespace(ControllerEnv& env, const ObjectPtr& object);
void Definition(ControllerEnv& env, const ObjectPtr& object);

// Deletion: what waits for dependents goes on when they are gone.
void Finalize(ControllerEnv& env, const Resource& resource, const ObjectPtr& object);
// The owner is gone: its dependents lose the reference, or go too.
void Orphaned(ControllerEnv& env, const ObjectRef& dependent);

}  // namespace controllers
}  // namespace swell::sandbox
