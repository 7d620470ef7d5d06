#include "reconciler/live/task_pool.h"

#include <utility>

namespace swell::live {

std::shared_ptr<TaskPool> TaskPool::Make(std::size_t limit, std::move_only_function<void()> done) {
  return std::shared_ptr<TaskPool>(new TaskPool(limit, std::move(done)));
}

void TaskPool::Run(std::vector<Task> tasks, std::size_t limit,
                   std::move_only_function<void()> done) {
  const auto pool = Make(limit, std::move(done));
  for (Task& task : tasks) pool->Add(std::move(task));
  pool->Pump();
}

void TaskPool::Pump() {
  // A task that ends in place comes back here: the loop below goes on, not the stack.
  if (pumping_) return;
  const auto self = shared_from_this();
  pumping_ = true;
  while (running_ < limit_ && !waiting_.empty()) {
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    task([self] {
      --self->running_;
      self->Pump();
    });
  }
  pumping_ = false;
  if (running_ == 0 && waiting_.empty() && done_) std::exchange(done_, nullptr)();
}

}  // namespace swell::live
