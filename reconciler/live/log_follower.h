#pragma once
// LogFollower: reads the logs of an application's containers in one cluster into a LogQueue; with
// follow it goes on: containers that start later, restart, or come back with their API server
// are picked up without losing or repeating a line.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/kube/clients.h"
#include "reconciler/live/log_queue.h"
#include "reconciler/live/reader.h"
#include "reconciler/live/tree.h"

namespace swell::live {

enum class LogMode { kOnce, kFollow };
enum class LogInstance { kCurrent, kPrevious };  // the container, or the one before its restart

struct LogOptions {
  std::optional<ObjectPattern> object;  // the pods of this object
  std::string pod;                      // one pod
  std::string container;                // "" is all
  LogMode mode = LogMode::kOnce;
  LogInstance instance = LogInstance::kCurrent;
  std::optional<std::int64_t> tail;     // lines of the past, of each container
  Duration since{0};                    // how far back; 0: all
  std::optional<Timestamp> since_time;  // from then on, instead of tail and since
  Duration poll = std::chrono::seconds(3);
  std::size_t max_line = 64 * 1024;
  // Counts the streams that are open; may be null.
  std::shared_ptr<std::atomic<int>> streams;
};

class LogFollower {
 public:
  // Begins. `objects` are the application's in that cluster.
  static std::shared_ptr<LogFollower> Start(kube::ConnectionPtr connection,
                                            std::vector<Wanted> objects, LogOptions options,
                                            std::shared_ptr<LogQueue> queue);
  virtual ~LogFollower() = default;
  // Ends every stream. Must be called; thread-safe, idempotent, does not wait.
  virtual void Stop() = 0;
};

}  // namespace swell::live
