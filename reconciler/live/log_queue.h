#pragma once
// LogQueue: the lines of many containers become one stream, with a bounded memory: a container
// whose lines are not fetched is made to wait.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/live/log_lines.h"

namespace swell::live {

struct LogRecord {
  std::string cluster;
  std::string ns;
  std::string pod;  // "" in a note about the whole cluster
  std::string container;
  LogText line;
  std::string note;  // instead of a line: what happened to the container's part
};

// Thread-safe. Callbacks run on the thread whose call made them due, without any lock.
class LogQueue : public std::enable_shared_from_this<LogQueue> {
 public:
  // kTime waits until every open source has a line or has ended, then hands out the oldest:
  // for logs that end. kArrival hands out what there is.
  enum class Order { kArrival, kTime };
  struct Options {
    Order order = Order::kArrival;
    std::size_t max_sources = 50;
    std::size_t max_source_bytes = 128 * 1024;  // of lines that wait; more makes it pause
    std::size_t batch_records = 512;
    std::size_t batch_bytes = 256 * 1024;
  };
  static std::shared_ptr<LogQueue> Make(Options options);

  // --- who writes ---

  // One container's part. Handed back in Push and Close.
  struct Source;
  using SourcePtr = std::shared_ptr<Source>;
  // `throttle(true)` asks for no more lines, `throttle(false)` for more. nullptr: max_sources
  // are open already.
  SourcePtr Open(std::function<void(bool)> throttle);
  void Push(const SourcePtr& source, LogRecord record);
  void Close(const SourcePtr& source);  // what was pushed is still handed out; idempotent
  // Handed out after the lines that were there before it.
  void Note(LogRecord note);
  // Somebody may still open sources: the queue ends only after as many Releases.
  void Hold();
  void Release();
  // Ends everything with this error, unless it has ended.
  void Fail(Error error);

  // --- who reads ---

  // Calls `done` once: with what there is as soon as there is something, with nothing at the
  // end, or with the error. One Read at a time.
  using Done = std::move_only_function<void(Result<std::vector<LogRecord>>)>;
  void Read(Done done);

  std::size_t open_sources() const;
  std::size_t max_sources() const { return options_.max_sources; }

 private:
  explicit LogQueue(Options options) : options_(options) {}
  struct Waiting {
    std::uint64_t number = 0;  // in the order of arrival
    LogRecord record;
  };
  // What is due, to be run without the lock.
  struct Due;
  Due Settle();
  std::optional<LogRecord> Next();
  bool NoteIsDue() const;
  bool Ended() const;

  const Options options_;
  mutable std::mutex mutex_;     // guards everything below
  std::set<SourcePtr> sources_;  // open, or with lines
  std::deque<Waiting> notes_;
  std::uint64_t arrived_ = 0;
  std::size_t open_ = 0;
  int holds_ = 0;
  bool any_ = false;  // a source was opened or a note given
  std::optional<Error> error_;
  Done done_;
};

}  // namespace swell::live
