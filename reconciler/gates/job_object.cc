#include "reconciler/gates/job_object.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/domain/application.h"
#include "reconciler/gates/request.h"

namespace swell::gates {
namespace {

constexpr std::size_t kMaxName = 63;
constexpr int kSecondsKept = 24 * 60 * 60;

bool IsAlnum(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// At most 63 bytes of what `allowed` names, letters or digits at both ends; where that is not what
// the text was, the beginning of its digest stands for the rest.
std::string Fit(std::string_view text, std::string_view allowed) {
  std::string out;
  for (const char c : text) {
    out += IsAlnum(c) || allowed.find(c) != std::string_view::npos ? c : '-';
  }
  if (out.size() <= kMaxName && out == text && !out.empty() && IsAlnum(out.front()) &&
      IsAlnum(out.back())) {
    return out;
  }
  const std::string digest = Digest::Of(text).Hex().substr(0, 8);
  std::erase_if(out, [begun = false](char c) mutable {
    begun = begun || IsAlnum(c);
    return !begun;
  });
  out = out.substr(0, kMaxName - digest.size() - 1);
  while (!out.empty() && !IsAlnum(out.back())) out.pop_back();
  return out.empty() ? "x-" + digest : out + "-" + digest;
}

std::string LabelValue(std::string_view text) { return Fit(text, "-_."); }

std::vector<std::pair<std::string, std::string>> Labels(const JobRequest& request) {
  return {{kApplicationLabel, LabelValue(request.application)},
          {kRolloutLabel, LabelValue(request.rollout)},
          {kWaveLabel, LabelValue(request.wave)},
          {kGateLabel, LabelValue(request.gate)}};
}

std::string RunOf(const JobRequest& request) {
  return Hasher()
      .Add("gate-run")
      .Add(request.application)
      .Add(request.rollout)
      .Add(request.wave)
      .Add(request.gate)
      .Add(request.plan)
      .Add(static_cast<std::int64_t>(request.wave_started_at.time_since_epoch().count()))
      .Add(json::Write(request.job))
      .Finish()
      .Hex();
}

bool IsTrue(const Value& condition, std::string_view type) {
  return condition["type"].as_string() == type && condition["status"].as_string() == "True";
}

std::string Because(const Value& condition) {
  const std::string reason = condition["reason"].str();
  const std::string message = condition["message"].str();
  if (reason.empty() && message.empty()) return "";
  return ": " + Foreign(reason + (reason.empty() || message.empty() ? "" : ": ") + message);
}

}  // namespace

std::string JobName(const JobRequest& request) {
  const std::string text = request.gate + "-" + request.rollout + "-" + request.wave;
  const std::string lower = ToLower(text);
  if (lower == text) return Fit(text, "-");
  // Two gates whose names differ by their letters' case alone.
  return Fit(lower.substr(0, kMaxName - 9) + "-" + Digest::Of(text).Hex().substr(0, 8), "-");
}

std::string JobNamespace(const JobRequest& request) {
  const std::string own = request.job["metadata"]["namespace"].str();
  if (!own.empty()) return own;
  return request.ns.empty() ? "default" : request.ns;
}

Result<Value> MakeJob(const JobRequest& request) {
  const std::string version = request.job["apiVersion"].str();
  const std::string kind = request.job["kind"].str();
  if ((!version.empty() && version != "batch/v1") || (!kind.empty() && kind != "Job")) {
    return Fail(
        InvalidArgument("the gate's job is a " + version + " " + kind + ", not a batch/v1 Job"));
  }
  const Value& given = request.job["metadata"];
  Value labels = given["labels"];
  Value spec = request.job["spec"].With("ttlSecondsAfterFinished", Value(kSecondsKept));
  for (const auto& [name, value] : Labels(request)) {
    labels = labels.With(name, Value(value));
    spec = spec.WithAt({"template", "metadata", "labels", name}, Value(value));
  }
  if (spec["template"]["spec"]["restartPolicy"].is_null()) {
    spec = spec.WithAt({"template", "spec", "restartPolicy"}, Value("Never"));
  }
  const Value annotations = given["annotations"]
                                .With(kOwnerAnnotation, Value(request.application))
                                .With(kRunAnnotation, Value(RunOf(request)));
  return Value::Object({{"apiVersion", Value("batch/v1")},
                        {"kind", Value("Job")},
                        {"metadata", Value::Object({{"name", Value(JobName(request))},
                                                    {"namespace", Value(JobNamespace(request))},
                                                    {"labels", labels},
                                                    {"annotations", annotations}})},
                        {"spec", spec}});
}

Whose OwnerOf(const Value& job, const JobRequest& request) {
  const Value& metadata = job["metadata"];
  const bool ours = std::ranges::all_of(Labels(request), [&](const auto& label) {
    return metadata["labels"][label.first].as_string() == label.second;
  });
  const Value& annotations = metadata["annotations"];
  if (!ours || annotations[kOwnerAnnotation].as_string() != request.application ||
      !annotations.Has(kRunAnnotation)) {
    return Whose::kOther;
  }
  return annotations[kRunAnnotation].as_string() == RunOf(request) ? Whose::kThis : Whose::kEarlier;
}

JobReport ReadJob(const Value& job) {
  const Value& status = job["status"];
  for (const Value& condition : status["conditions"].items()) {
    if (IsTrue(condition, "Complete")) return {JobState::kSucceeded, "succeeded"};
    if (IsTrue(condition, "Failed")) return {JobState::kFailed, "failed" + Because(condition)};
  }
  if (job["spec"]["suspend"].as_bool()) {
    return {JobState::kRunning, "is suspended (spec.suspend)"};
  }
  std::string counts;
  for (const char* key : {"active", "succeeded", "failed"}) {
    const std::int64_t count = status[key].as_int();
    if (count == 0) continue;
    counts += (counts.empty() ? "" : ", ") + std::to_string(count) + " " + key;
  }
  return {JobState::kRunning, "is running" + (counts.empty() ? "" : " (" + counts + ")")};
}

std::vector<Value> PodsOf(const Value& job, std::vector<Value> pods) {
  const std::string_view uid = job["metadata"]["uid"].as_string();
  std::erase_if(pods, [&](const Value& pod) {
    return std::ranges::none_of(
        pod["metadata"]["ownerReferences"].items(),
        [&](const Value& owner) { return owner["uid"].as_string() == uid; });
  });
  return pods;
}

std::string FailedContainer(const Value& pod) {
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const Value& status : pod["status"][list].items()) {
      for (const char* state : {"state", "lastState"}) {
        const Value& ended = status[state]["terminated"];
        if (!ended.is_null() && ended["exitCode"].as_int() != 0) return status["name"].str();
      }
    }
  }
  return "";
}

}  // namespace swell::gates
