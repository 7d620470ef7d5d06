#pragma once
// Loop: one thread that runs network events, timers and posted functions. A handful of
// loops serve a whole fleet: no thread a cluster (DESIGN, rule 8).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace swell::net {

class Loop;

// A scheduled call. Copies share it. Dropping every copy does not cancel it.
// Thread-safe.
class TimerHandle {
 public:
  TimerHandle() = default;
  // Prevents the call. When called on the loop's own thread the function is certain not
  // to run afterwards; from other threads it may be running already. Idempotent.
  void Cancel();

 private:
  friend class Loop;
  struct State;
  explicit TimerHandle(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

// All public functions are thread-safe. The functions given run on the loop's thread,
// must not block, and must not throw.
class Loop {
 public:
  using Function = std::move_only_function<void()>;

  // Starts the thread. `name` is shown by debuggers (at most 15 bytes). With `gather`, a loop that
  // has just run something waits so long for what other threads post before it runs that: all of
  // it costs one wake-up. Neither its timers nor its sockets wait, nor what it posts itself.
  explicit Loop(const std::string& name = "loop", std::chrono::milliseconds gather = {});
  // Stops and joins. Must not be destroyed on its own thread.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs `fn` soon, in the order of the calls. After Stop it is destroyed without running.
  void Post(Function fn);
  // Runs `fn` once, no earlier than `delay` from now (steady clock).
  TimerHandle PostAfter(std::chrono::milliseconds delay, Function fn);
  // Runs `fn` on the loop and waits for it. Runs it in place when already on the loop.
  // Returns without running it if the loop is stopped.
  void Run(Function fn);
  bool InLoopThread() const;

  // Ends the thread after the function that is running; what is still queued is dropped.
  // Joins unless called on the loop's thread. Idempotent. Servers and clients that live on
  // the loop must be destroyed (or closed) before.
  void Stop();

  // Posts to the loop, also from code that may run after it is gone: then the function is
  // destroyed without running. Copies share; thread-safe.
  class Ref;
  Ref ref() const;

  // For the sources of base/net alone (loop_impl.h).
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

class Loop::Ref {
 public:
  void Post(Function fn) const;
  bool InLoopThread() const;

 private:
  friend class Loop;
  explicit Ref(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

}  // namespace swell::net
