#pragma once
// TaskPool: asynchronous tasks, a few at a time. For code that lives on one loop: not
// thread-safe, takes no lock.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "base/net/loop.h"
#include "reconciler/kube/client.h"

namespace swell::live {

class TaskPool : public std::enable_shared_from_this<TaskPool> {
 public:
  // A task calls its argument once, on the loop, when it has ended; in place is fine.
  using Finished = std::move_only_function<void()>;
  using Task = std::move_only_function<void(Finished)>;

  // Runs the tasks in their order, at most `limit` (> 0) at a time, then calls `done`. Tasks
  // may add further ones while one of them runs. Keeps itself alive until then.
  static void Run(std::vector<Task> tasks, std::size_t limit, std::move_only_function<void()> done);
  static std::shared_ptr<TaskPool> Make(std::size_t limit, std::move_only_function<void()> done);
  void Add(Task task) { waiting_.push_back(std::move(task)); }
  // Starts what waits. Calls `done` at once where there is nothing.
  void Pump();

 private:
  TaskPool(std::size_t limit, std::move_only_function<void()> done)
      : limit_(limit), done_(std::move(done)) {}

  std::size_t limit_;
  std::move_only_function<void()> done_;
  std::deque<Task> waiting_;
  std::size_t running_ = 0;
  bool pumping_ = false;
};

// A client's callback that goes on on the loop, where it must not block.
template <class T>
kube::Callback<T> OnLoop(net::Loop& loop, kube::Callback<T> fn) {
  return kube::Callback<T>::Brief([&loop, fn = std::move(fn)](kube::ApiResult<T> result) mutable {
    if (loop.InLoopThread()) return fn(std::move(result));
    loop.Post(
        [fn = std::move(fn), result = std::move(result)]() mutable { fn(std::move(result)); });
  });
}

}  // namespace swell::live
