#pragma once
// The Job of a gate as an object, and what its status says. Internal to reconciler/gates. Pure.

#include <string>

#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/gates/job.h"

namespace swell::gates {

inline constexpr char kApplicationLabel[] = "swell.dev/application";
inline constexpr char kRolloutLabel[] = "swell.dev/rollout";
inline constexpr char kWaveLabel[] = "swell.dev/wave";
inline constexpr char kGateLabel[] = "swell.dev/gate";
// Digest of everything that a run of the gate is about.
inline constexpr char kRunAnnotation[] = "swell.dev/gate-run";

std::string JobNamespace(const JobRequest& request);

// What is POSTed: the user's labels, annotations and spec with ours. It is gone a day after its end
// whatever the spec says, should no server be there to delete it, and its pods are not restarted
// where the template does not say. kInvalidArgument for what is no batch/v1 Job.
Result<Value> MakeJob(const JobRequest& request);

enum class Whose {
  kThis,     // of this run of the gate
  kEarlier,  // of the same gate, for another plan or start of the wave
  kOther,    // not Swell's, or of another gate
};
Whose OwnerOf(const Value& job, const JobRequest& request);

enum class JobState { kRunning, kSucceeded, kFailed };
struct JobReport {
  JobState state = JobState::kRunning;
  std::string message;  // "is running (1 active, 2 failed)"
};
JobReport ReadJob(const Value& job);

// Of those pods the Job's own.
std::vector<Value> PodsOf(const Value& job, std::vector<Value> pods);

// The container of the pod whose log says why it failed; "" where none has ended badly.
std::string FailedContainer(const Value& pod);

}  // namespace swell::gates
