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

  std::mutex mutex;  // guards what follows
  std::deque<Function> posted;
  bool posted_inside = false;  // by the loop's own thread: some of `posted`
  bool turn_due = false;       // it is seen to that `posted` will run
  bool stopped = false;

  // Of the loop's thread alone.
  std::chrono::milliseconds gather{0};
  boost::asio::steady_timer gathered{io};
  bool gathering = false;  // the turn that is due begins when `gathered` strikes
  Timers timers;
  Steady::time_point alarm_at = Steady::time_point::max();
  // What sockets read into: one buffer a loop instead of one a connection.
  std::array<char, 128 * 1024> read_buffer;

  bool InThread() const { return thread_id.load() == std::this_thread::get_id(); }
  // False, and `fn` left alone, once stopped.
  bool Post(Function& fn);
  void TurnSoon();
  void RunPosted();
  // `worked`: the turn had something to run.
  void EndTurn(bool worked);
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
