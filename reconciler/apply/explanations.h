#pragma once
// What was found out about unhealthy objects, kept between the reports of one rollout: health is
// read every second, and pods, ReplicaSets and events are five lists for each object.

#include <chrono>
#include <map>
#include <string>

#include "base/core/clock.h"
#include "reconciler/domain/plan.h"

namespace swell::apply {

// Used on one client's loop alone.
class Explanations {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // So long an object that says the same of itself is not asked about again.
  static constexpr Duration kFresh = std::chrono::seconds(10);

  // What was kept of the object while it said `message` of itself; nullptr: ask.
  const std::string* Find(const ObjectId& id, const std::string& message, Time now) const {
    const auto found = kept_.find(id);
    if (found == kept_.end() || found->second.message != message) return nullptr;
    return now - found->second.at < kFresh ? &found->second.text : nullptr;
  }
  void Keep(const ObjectId& id, const std::string& message, std::string text, Time now) {
    kept_[id] = {message, std::move(text), now};
  }

 private:
  struct Kept {
    std::string message;
    std::string text;
    Time at;
  };
  std::map<ObjectId, Kept> kept_;  // of the application's objects: as many as it has
};

}  // namespace swell::apply
