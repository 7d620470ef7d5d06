#pragma once
// Executor: a fixed number of threads for work that blocks or computes.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/core/result.h"

namespace swell {

// Thread-safe. Tasks start in the order in which they were posted. They must not throw.
class Executor {
 public:
  using Task = std::move_only_function<void()>;

  struct Options {
    std::string name = "worker";  // shown by debuggers (at most 12 bytes, a number follows)
    std::size_t threads = 0;      // 0: as many as the machine has cores
    std::size_t max_queued = 100'000;
  };

  explicit Executor(Options options);
  // As Stop.
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // kResourceExhausted when the queue is full (nothing is lost silently: the caller still
  // has its work and decides), kUnavailable after Stop. For work that may pile up use a
  // KeyedQueue, which coalesces.
  [[nodiscard]] Status Post(Task task);

  // Waits until the queue is empty and every thread idle. Tasks may post further ones.
  void Drain();
  // Runs what is queued, then joins. Not from one of its own threads. Idempotent.
  void Stop();

  std::size_t threads() const;
  std::size_t queued() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swell
