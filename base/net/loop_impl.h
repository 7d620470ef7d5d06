#pragma once
// The inside of Loop, for base/net's own sources (this header brings in Boost.Asio).

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/net/loop.h"

namespace swell::net {

struct Loop::Impl : std::enable_shared_from_this<Loop::Impl> {
  using Steady = std::chrono::steady_clock;
  using TimerPtr = std::shared_ptr<TimerHandle::State>;
  using Timers = std::multimap<Steady::time_point, TimerPtr>;

  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  boost::asio::steady_timer alarm{io};
  std::thread thread;
  std::atomic<std::thread::id> thread_id;

  std::mutex mutex;
  std::deque<Function> posted;  // guarded by mutex
  bool stopped = false;         // guarded by mutex

  // Of the loop's thread alone.
  Timers timers;
  Steady::time_point alarm_at = Steady::time_point::max();
  // What sockets read into: one buffer a loop instead of one a connection.
  std::array<char, 128 * 1024> read_buffer;

  bool InThread() const { return thread_id.load() == std::this_thread::get_id(); }
  // False, and `fn` left alone, once stopped.
  bool Post(Function& fn);
  void RunPosted();
  void AddTimer(Steady::time_point at, TimerPtr timer);
  void SetAlarm();
  void RunTimers();
};

// No Asio object inside: a handle may outlive its loop.
struct TimerHandle::State {
  std::weak_ptr<Loop::Impl> loop;
  std::atomic<bool> cancelled = false;
  // Of the loop's thread alone.
  Loop::Function fn;
  bool queued = false;
  Loop::Impl::Timers::iterator where;
};

}  // namespace swell::net
