#include "base/runtime/cancel.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace swell {

namespace internal {

struct CancelState {
  using Callbacks = std::map<unsigned long, std::move_only_function<void()>>;
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  std::string why;
  Callbacks callbacks;
  unsigned long next_id = 1;
  unsigned long running = 0;  // id of the callback that runs now
  std::thread::id runner;
};

}  // namespace internal

CancelRegistration::CancelRegistration(CancelRegistration&& other) noexcept
    : state_(std::move(other.state_)), id_(std::exchange(other.id_, 0)) {}

CancelRegistration& CancelRegistration::operator=(CancelRegistration&& other) noexcept {
  if (this != &other) {
    Reset();
    state_ = std::move(other.state_);
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void CancelRegistration::Reset() {
  if (!state_) return;
  const auto state = std::move(state_);
  internal::CancelState::Callbacks::node_type dropped;  // destroyed outside of the lock
  std::unique_lock lock(state->mutex);
  dropped = state->callbacks.extract(id_);
  // A callback may drop its own registration: it must not wait for itself.
  state->changed.wait(
      lock, [&] { return state->running != id_ || state->runner == std::this_thread::get_id(); });
  lock.unlock();
}

bool CancelToken::cancelled() const {
  if (!state_) return false;
  std::lock_guard lock(state_->mutex);
  return state_->cancelled;
}

Error CancelToken::error() const {
  std::string why = "cancelled";
  if (state_) {
    std::lock_guard lock(state_->mutex);
    if (state_->cancelled) why = state_->why;
  }
  return Error(ErrorCode::kCancelled, std::move(why));
}

CancelRegistration CancelToken::OnCancel(std::move_only_function<void()> fn) const {
  if (!state_) return {};
  {
    std::lock_guard lock(state_->mutex);
    if (!state_->cancelled) {
      const unsigned long id = state_->next_id++;
      state_->callbacks.emplace(id, std::move(fn));
      return CancelRegistration(state_, id);
    }
  }
  fn();
  return {};
}

CancelSource::CancelSource() : state_(std::make_shared<internal::CancelState>()) {}

void CancelSource::Cancel(std::string why) {
  const auto state = state_;
  std::unique_lock lock(state->mutex);
  if (std::exchange(state->cancelled, true)) return;
  state->why = std::move(why);
  state->runner = std::this_thread::get_id();
  while (!state->callbacks.empty()) {
    auto node = state->callbacks.extract(state->callbacks.begin());
    state->running = node.key();
    lock.unlock();
    node.mapped()();
    node.mapped() = nullptr;
    lock.lock();
    state->running = 0;
    state->changed.notify_all();
  }
}

}  // namespace swell
