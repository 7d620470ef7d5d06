#pragma once
// What runs in the clusters, as the engine tells it: trees, events, logs.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/live/events.h"
#include "reconciler/live/log_queue.h"
#include "reconciler/live/tree.h"

namespace swell::control {

struct TreeRequest {
  std::string application;
  std::string cluster;  // "" is every one that holds the application
  int depth = 0;        // levels; 0 is all
  bool unhealthy = false;
};

struct ClusterTree {
  std::string cluster;
  std::string error;  // why it could not be read; the rest is empty then
  std::vector<live::TreeNode> objects;
  std::vector<std::string> warnings;  // what is not shown, and why
};

struct LiveEventsRequest {
  std::string application;
  std::string cluster;  // as above
  std::string object;   // KIND/NAME, with what it owns; "" is all
  bool warnings = false;
  int limit = 200;  // the newest of all clusters
};

struct LiveEvents {
  struct One {
    std::string cluster;
    live::LiveEvent event;
  };
  std::vector<One> events;                                  // the newest last
  std::vector<std::pair<std::string, std::string>> unread;  // cluster, error
  std::vector<std::string> warnings;
};

struct LogsRequest {
  std::string application;
  std::string cluster;  // as above
  std::string object;   // KIND/NAME: its pods
  std::string pod;
  std::string container;  // "" is all
  bool follow = false;
  std::optional<std::int64_t> tail;     // lines of the past, of each container
  Duration since{0};                    // 0 is all
  std::optional<Timestamp> since_time;  // instead of tail and since
  bool previous = false;
};

// One call's logs. Thread-safe.
class LogSession {
 public:
  // Closes every stream; what is still on its way is dropped.
  virtual ~LogSession() = default;
  // As LogQueue::Read.
  virtual void Read(live::LogQueue::Done done) = 0;
};

}  // namespace swell::control
