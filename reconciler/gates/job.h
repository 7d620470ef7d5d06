#pragma once
// Gates that are Jobs: a smoke test that runs on every cluster of a wave. docs/gates.md.
//
// A Job has a name of its own for rollout, wave and gate, so that a restarted server finds the one
// that it made. It stays until the gate is judged: only then no cluster's test runs twice because
// another's is slower.

#include <functional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/value/value.h"
#include "reconciler/gates/gates.h"
#include "reconciler/kube/clients.h"

namespace swell::gates {

// Which Job it is.
struct JobRequest {
  std::string application;
  std::string rollout;  // "web-12"
  std::string wave;
  std::string gate;
  // A Job that ran for another plan, or another time that the wave was begun, is no evidence.
  Digest plan;
  Timestamp wave_started_at;
  // Where it runs when its metadata names no namespace: the application's. "" is default.
  std::string ns;
  Value job;                                    // JobGate::job
  Duration timeout = std::chrono::seconds(30);  // of each call to the API server
};

// At most 63 bytes, as the labels of its pods allow: "smoke-web-12-canary".
std::string JobName(const JobRequest& request);

// Looks at the cluster's Job and makes it where there is none: kHold while it runs, kPass or kFail
// when it has ended; a failure with what its pod and the last line of its log say. kHold also where
// the cluster does not answer, refuses it, or has a Job of that name that is not this one: one of
// an earlier run is deleted, anybody else's is left alone. Writes nothing else, and does not delete
// the Job that it judges. `done` is called once, on the loop of the connection's client.
void EvaluateJob(kube::ConnectionPtr connection, JobRequest request,
                 std::move_only_function<void(Answer)> done);

// Deletes the Job with its pods, where it is there and is this one. On the same loop.
void DeleteJob(kube::ConnectionPtr connection, JobRequest request,
               std::move_only_function<void(Status)> done);

// A cluster of the wave, and how it is reached.
struct JobCluster {
  std::string name;
  Result<kube::ConnectionPtr> connection;
};

// The gate over all its clusters, to be asked again while it holds: kPass when every Job has
// succeeded, kFail as soon as one has failed. Then all are deleted before `done` is called, so that
// the next time that the gate is asked its Jobs run anew. No clusters are kHold. `done` is called
// once, on some cluster's loop, or in place where there is none to ask.
void EvaluateJobs(std::vector<JobCluster> clusters, JobRequest request,
                  std::move_only_function<void(Answer)> done);

// For a gate that nobody asks any more, as of a cancelled rollout: deletes what EvaluateJobs left.
// The first error names its cluster. `done` as of EvaluateJobs.
void DeleteJobs(std::vector<JobCluster> clusters, JobRequest request,
                std::move_only_function<void(Status)> done);

}  // namespace swell::gates
