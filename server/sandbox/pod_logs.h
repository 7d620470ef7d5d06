#pragma once
// What the containers of simulated pods "write", and GET …/pods/NAME/log, also with follow.
//
// A container says when it starts, when it is ready, why it ends, and while it runs a line every
// five seconds. Annotations of the pod change that, for tests:
//   sandbox.swell.dev/log-interval: "200ms"    between two lines
//   sandbox.swell.dev/log-text: "…"            a further line at the start, as it is
//   sandbox.swell.dev/log-bytes: "10000000"    a further line of so many bytes

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/sandbox/message.h"
#include "server/sandbox/objects.h"
#include "server/sandbox/route.h"
#include "server/sandbox/scheduler.h"
#include "server/sandbox/watches.h"

namespace swell::sandbox {

struct LogLine {
  std::int64_t nanos = 0;  // since 1970; grows from line to line
  std::string text;
};

// The newest lines of a container, at most 2,000, the oldest first; 400 where there are none to
// be had, as a kubelet says it. `previous`: of the one before the last restart.
ApiResult<std::vector<LogLine>> LinesOf(const Stored& pod, const std::string& container,
                                        bool previous, Timestamp now);

// Not thread-safe. Objects and scheduler must outlive it.
class PodLogs {
 public:
  PodLogs(Objects& objects, Scheduler& scheduler);
  ~PodLogs();

  // Requires a route to the log of a pod. With follow the answer holds a ticket for Start.
  Response Handle(const Route& route, const Request& request);

  // Ids of followers have their top bit set: they share one space with those of watches.
  static bool Owns(std::uint64_t id) { return (id >> 63) != 0; }
  void Start(std::uint64_t id, std::shared_ptr<WatchSink> sink);
  void Stop(std::uint64_t id);
  void AbortAll();
  // While muted nothing is sent; unmuting cuts every stream, as for watches.
  void SetMuted(bool muted);
  std::size_t size() const { return followers_.size(); }

 private:
  struct Follower;
  void Step(std::uint64_t id);

  Objects& objects_;
  Scheduler& scheduler_;
  std::map<std::uint64_t, std::unique_ptr<Follower>> followers_;
  std::uint64_t next_id_ = 1ULL << 63;
  bool muted_ = false;
  std::shared_ptr<PodLogs*> self_;  // empties when this object goes
};

}  // namespace swell::sandbox
