#include "base/net/loop.h"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <future>
#include <utility>

#include "base/core/check.h"
#include "base/net/loop_impl.h"

namespace swell::net {

bool Loop::Impl::Post(Function& fn) {
  const bool inside = InThread();
  bool due = false;
  {
    std::lock_guard lock(mutex);
    if (stopped) return false;
    posted.push_back(std::move(fn));
    posted_inside = posted_inside || inside;
    due = std::exchange(turn_due, true);
  }
  // Without the lock, which the thread that is woken wants first.
  if (!due || (inside && gathering)) TurnSoon();
  return true;
}

void Loop::Impl::TurnSoon() {
  if (InThread()) gathering = false;
  boost::asio::post(io, [this] { RunPosted(); });
}

// Takes what is there now and leaves what these functions post for the next turn, so that
// sockets and timers are not starved.
void Loop::Impl::RunPosted() {
  std::deque<Function> batch;
  {
    std::lock_guard lock(mutex);
    batch.swap(posted);
    posted_inside = false;
  }
  const bool worked = !batch.empty();
  while (!batch.empty()) {
    if (io.stopped()) return;
    Function fn = std::move(batch.front());
    batch.pop_front();
    fn();
  }
  EndTurn(worked);
}

void Loop::Impl::EndTurn(bool worked) {
  bool gathers = false;
  {
    std::lock_guard lock(mutex);
    gathers = worked && gather.count() > 0 && !posted_inside;
    turn_due = gathers || !posted.empty();
    if (!turn_due) return;
  }
  if (!gathers) return TurnSoon();
  gathering = true;
  gathered.expires_after(gather);
  gathered.async_wait([this](const boost::system::error_code& error) {
    if (!error && std::exchange(gathering, false)) RunPosted();
  });
}

void Loop::Impl::AddTimer(Steady::time_point at, TimerPtr timer) {
  if (timer->cancelled) return;
  timer->queued = true;
  auto* state = timer.get();
  state->where = timers.emplace(at, std::move(timer));
  SetAlarm();
}

void Loop::Impl::SetAlarm() {
  if (timers.empty() || timers.begin()->first >= alarm_at) return;
  alarm_at = timers.begin()->first;
  alarm.expires_at(alarm_at);
  alarm.async_wait([this](const boost::system::error_code& error) {
    if (!error) RunTimers();
  });
}

void Loop::Impl::RunTimers() {
  alarm_at = Steady::time_point::max();
  const auto now = Steady::now();
  while (!timers.empty() && timers.begin()->first <= now && !io.stopped()) {
    TimerPtr timer = std::move(timers.begin()->second);
    timers.erase(timers.begin());
    timer->queued = false;
    if (timer->cancelled.exchange(true)) continue;
    Function fn = std::move(timer->fn);
    fn();
  }
  SetAlarm();
}

void TimerHandle::Cancel() {
  if (!state_ || state_->cancelled.exchange(true)) return;
  auto loop = state_->loop.lock();
  if (!loop) return;
  Loop::Function remove = [state = state_, raw = loop.get()] {
    if (state->queued) raw->timers.erase(state->where);
    state->queued = false;
    state->fn = nullptr;
  };
  if (loop->InThread()) {
    remove();
  } else {
    loop->Post(remove);
  }
}

Loop::Loop(const std::string& name, std::chrono::milliseconds gather)
    : impl_(std::make_shared<Impl>()) {
  impl_->gather = gather;
  impl_->thread = std::thread([impl = impl_.get(), name] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    impl->thread_id = std::this_thread::get_id();
    impl->io.run();
  });
  impl_->thread_id = impl_->thread.get_id();
}

Loop::~Loop() {
  SWELL_CHECK(!InLoopThread());
  Stop();
  impl_->timers.clear();
}

bool Loop::InLoopThread() const { return impl_->InThread(); }

Loop::Ref Loop::ref() const { return Ref(impl_); }

void Loop::Ref::Post(Function fn) const { impl_->Post(fn); }

bool Loop::Ref::InLoopThread() const { return impl_->InThread(); }

void Loop::Post(Function fn) { impl_->Post(fn); }

TimerHandle Loop::PostAfter(std::chrono::milliseconds delay, Function fn) {
  auto state = std::make_shared<TimerHandle::State>();
  state->loop = impl_;
  state->fn = std::move(fn);
  // A delay beyond any process's life must not overflow the clock.
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);
  const auto at = Impl::Steady::now() + std::min(delay, kLongest);
  if (InLoopThread()) {
    impl_->AddTimer(at, state);
  } else {
    Post([impl = impl_.get(), at, state] { impl->AddTimer(at, state); });
  }
  return TimerHandle(state);
}

void Loop::Run(Function fn) {
  if (InLoopThread()) return fn();
  std::promise<void> done;
  auto ended = done.get_future();
  // A stop destroys the function, and with it the promise: that ends the waiting too.
  Post([fn = std::move(fn), done = std::move(done)]() mutable {
    fn();
    done.set_value();
  });
  ended.wait();
}

void Loop::Stop() {
  std::deque<Function> dropped;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
    dropped.swap(impl_->posted);
  }
  impl_->io.stop();
  dropped.clear();
  if (!InLoopThread() && impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace swell::net
