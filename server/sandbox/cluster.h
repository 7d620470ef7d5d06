#pragma once
// One simulated Kubernetes cluster: an API server with its objects and the controllers that
// make workloads progress. For trying Swell, for tests and for scale figures; it runs nothing.

#include <cstdint>
#include <memory>
#include <string>

#include "base/core/clock.h"
#include "server/sandbox/interner.h"
#include "server/sandbox/message.h"
#include "server/sandbox/scheduler.h"
#include "server/sandbox/watches.h"

namespace swell::sandbox {

struct ClusterOptions {
  std::string name = "sandbox";
  std::string kubernetes_version = "v1.36.0";
  Duration step_delay{400};    // from one state of a pod to the next
  std::size_t history = 1000;  // changes that a watch can resume over
  Duration bookmark_every = std::chrono::seconds(60);
  bool controllers = true;  // false: objects stay as they were written
  std::uint64_t seed = 1;   // of uids and generated names
};

// Belongs to one thread: everything is called there, and the scheduler calls back there.
// Scheduler, clock and interner must outlive it.
class Cluster {
 public:
  Cluster(ClusterOptions options, Scheduler& scheduler, const Clock& clock, Interner& interner);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Answers one request. Where the response holds a watch ticket, the caller opens the stream
  // and calls StartWatch.
  Response Handle(const Request& request);
  void StartWatch(std::uint64_t id, std::shared_ptr<WatchSink> sink);
  void StopWatch(std::uint64_t id);

  const std::string& name() const;
  std::size_t object_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swell::sandbox
