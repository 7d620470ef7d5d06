#pragma once
// The Events that controllers and the kubelet of a simulated cluster write, worded as the real
// ones word them.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "server/sandbox/objects.h"

namespace swell::sandbox {

enum class EventType { kNormal, kWarning };

// Belongs to the cluster's thread.
class EventRecorder {
 public:
  // So many are kept; a real server forgets them after an hour.
  static constexpr std::size_t kMaxEvents = 1'000;

  // `objects` must outlive it.
  explicit EventRecorder(Objects& objects) : objects_(objects) {}

  // One that repeats an earlier one counts it up. `field`: the part of the object that it is
  // about ("spec.containers{web}"), or "". No-op where the namespace is going.
  void Record(const Resource& kind, const Stored& object, EventType type, std::string_view reason,
              const std::string& message, std::string_view component, std::string_view field = "");

 private:
  using Key = std::pair<std::string, std::string>;  // namespace, name

  bool CountUp(const Resource& events, const Key& key, const Value& now);
  void Forget(const Resource& events);

  Objects& objects_;
  std::map<std::string, Key> known_;               // what it says -> the Event
  std::deque<std::pair<std::string, Key>> order_;  // oldest first
  std::uint64_t made_ = 0;
};

}  // namespace swell::sandbox
