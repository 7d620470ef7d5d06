#pragma once
// What is under way on one cluster of a rollout. Internal to the runner.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reconciler/apply/apply.h"
#include "reconciler/kube/clients.h"
#include "server/control/runner.h"

namespace swell::control {

struct Runner::Work {
  std::string cluster;
  kube::ConnectionPtr connection;
  ObjectsPtr desired;
  // What the last apply tried to write; none where this process has not sent it.
  std::optional<std::vector<apply::ObjectResult>> applied;
  std::shared_ptr<apply::Explanations> explanations = std::make_shared<apply::Explanations>();
  // Shared with the apply that is under way: false stops its next write.
  std::shared_ptr<std::atomic<bool>> may_write;
  // The same for its SyncFail hooks, which a rollback lets run before it begins.
  std::shared_ptr<std::atomic<bool>> may_clean_up;
  bool sending = false;        // operations are under way
  bool looking = false;        // at its health
  bool look_again = false;     // there is news since the look began
  std::optional<Health> told;  // to the machine, last
  bool proven = false;         // what was written was read and is healthy
  net::TimerHandle next_look;
  std::move_only_function<void()> then;  // when what is under way has stopped
};

template <class Fn>
auto Runner::OnControl(Fn fn) {
  // By reference it might be gone: an answer of a cluster may come while the server ends.
  return [weak = weak_from_this(), control = services_.control.ref(),
          fn = std::make_shared<Fn>(std::move(fn))](auto... args) {
    control.Post([weak, fn, ... args = std::move(args)]() mutable {
      if (auto self = weak.lock(); self && !self->finished_) (*fn)(*self, std::move(args)...);
    });
  };
}

}  // namespace swell::control
