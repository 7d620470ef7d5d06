#include "base/runtime/executor.h"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/core/check.h"

namespace swell {

struct Executor::Impl {
  Options options;
  mutable std::mutex mutex;
  std::condition_variable work;  // there is a task, or it is over
  std::condition_variable idle;  // nothing is queued or running
  std::deque<Task> tasks;
  std::size_t running = 0;
  bool stopped = false;
  std::vector<std::thread> threads;

  void Run() {
    std::unique_lock lock(mutex);
    while (true) {
      work.wait(lock, [&] { return stopped || !tasks.empty(); });
      if (tasks.empty()) return;
      Task task = std::move(tasks.front());
      tasks.pop_front();
      ++running;
      lock.unlock();
      task();
      task = nullptr;  // what it holds goes before Drain returns
      lock.lock();
      --running;
      if (running == 0 && tasks.empty()) idle.notify_all();
    }
  }
};

Executor::Executor(Options options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  std::size_t count = impl_->options.threads;
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) {
    impl_->threads.emplace_back([impl = impl_.get()] { impl->Run(); });
    const std::string name = impl_->options.name.substr(0, 12) + std::to_string(i);
    pthread_setname_np(impl_->threads.back().native_handle(), name.substr(0, 15).c_str());
  }
}

Executor::~Executor() { Stop(); }

Status Executor::Post(Task task) {
  std::lock_guard lock(impl_->mutex);
  if (impl_->stopped) return Fail(Unavailable("executor " + impl_->options.name + " is stopped"));
  if (impl_->tasks.size() >= impl_->options.max_queued) {
    return Fail(ResourceExhausted("executor " + impl_->options.name + ": more than " +
                                  std::to_string(impl_->options.max_queued) +
                                  " tasks wait (max_queued)"));
  }
  impl_->tasks.push_back(std::move(task));
  impl_->work.notify_one();
  return {};
}

void Executor::Drain() {
  std::unique_lock lock(impl_->mutex);
  impl_->idle.wait(lock, [&] { return impl_->tasks.empty() && impl_->running == 0; });
}

void Executor::Stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
  }
  impl_->work.notify_all();
  for (std::thread& thread : impl_->threads) {
    SWELL_CHECK(thread.get_id() != std::this_thread::get_id());
    if (thread.joinable()) thread.join();
  }
}

std::size_t Executor::threads() const { return impl_->threads.size(); }

std::size_t Executor::queued() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->tasks.size();
}

}  // namespace swell
