#pragma once
// One question to many clusters: a few at a time, all within one time limit.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/kube/clients.h"
#include "reconciler/live/reader.h"

namespace swell::control {

// A cluster that holds an application, and the objects that it has there.
struct LiveTarget {
  std::string cluster;
  Result<kube::ConnectionPtr> connection;
  std::vector<live::Wanted> objects;
};

// Asks every target and waits for the answers, in the targets' order. `ask` gets a target and
// the callback for its answer, which may come on any thread. Not from a network loop.
template <class T>
std::vector<Result<T>> Gather(
    const std::vector<LiveTarget>& targets, std::size_t max_parallel, Duration limit,
    const std::function<void(const LiveTarget&, std::function<void(Result<T>)>)>& ask) {
  struct State {
    std::mutex mutex;
    std::condition_variable arrived;
    std::vector<std::optional<Result<T>>> answers;  // guarded by mutex
    std::size_t running = 0;                        // guarded by mutex
  };
  const auto state = std::make_shared<State>();
  state->answers.resize(targets.size());
  const auto end = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(state->mutex);
  const auto wait_until = [&](auto ready) { return state->arrived.wait_until(lock, end, ready); };
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].connection) {
      state->answers[i] = Fail(targets[i].connection.error());
      continue;
    }
    if (!wait_until([&] { return state->running < max_parallel; })) break;
    ++state->running;
    lock.unlock();
    ask(targets[i], [state, i](Result<T> answer) {
      const std::lock_guard guard(state->mutex);
      state->answers[i] = std::move(answer);
      --state->running;
      state->arrived.notify_all();
    });
    lock.lock();
  }
  wait_until([&] { return state->running == 0; });
  std::vector<Result<T>> out;
  for (std::optional<Result<T>>& answer : state->answers) {
    if (answer) {
      out.push_back(std::move(*answer));
    } else {
      out.push_back(
          Fail(Error(ErrorCode::kDeadlineExceeded, "no answer within " + FormatDuration(limit))));
    }
  }
  return out;
}

}  // namespace swell::control
