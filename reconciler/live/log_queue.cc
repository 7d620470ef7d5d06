#include "reconciler/live/log_queue.h"

#include <algorithm>
#include <utility>

namespace swell::live {
namespace {

constexpr std::size_t kMaxNotes = 1'000;  // further ones are dropped: lines matter more

std::size_t SizeOf(const LogRecord& record) {
  return sizeof record + record.cluster.size() + record.ns.size() + record.pod.size() +
         record.container.size() + record.line.text.size();
}

}  // namespace

struct LogQueue::Source {
  std::function<void(bool)> throttle;
  std::deque<Waiting> lines;
  std::size_t bytes = 0;
  bool open = true;
  bool throttled = false;
};

struct LogQueue::Due {
  Done done;
  Result<std::vector<LogRecord>> result;
  std::vector<std::pair<SourcePtr, bool>> throttles;

  void Run() {
    for (const auto& [source, wait] : throttles) source->throttle(wait);
    if (done) done(std::move(result));
  }
};

std::shared_ptr<LogQueue> LogQueue::Make(Options options) {
  return std::shared_ptr<LogQueue>(new LogQueue(options));
}

LogQueue::SourcePtr LogQueue::Open(std::function<void(bool)> throttle) {
  const std::lock_guard lock(mutex_);
  if (open_ >= options_.max_sources) return nullptr;
  auto source = std::make_shared<Source>();
  source->throttle = std::move(throttle);
  sources_.insert(source);
  ++open_;
  any_ = true;
  return source;
}

void LogQueue::Push(const SourcePtr& source, LogRecord record) {
  std::unique_lock lock(mutex_);
  if (error_ || !source->open) return;
  source->bytes += SizeOf(record);
  source->lines.push_back({++arrived_, std::move(record)});
  Due due = Settle();
  if (source->bytes > options_.max_source_bytes && !std::exchange(source->throttled, true)) {
    due.throttles.emplace_back(source, true);
  }
  lock.unlock();
  due.Run();
}

void LogQueue::Close(const SourcePtr& source) {
  std::unique_lock lock(mutex_);
  if (!std::exchange(source->open, false)) return;
  --open_;
  if (source->lines.empty()) sources_.erase(source);
  Due due = Settle();
  lock.unlock();
  due.Run();
}

void LogQueue::Note(LogRecord note) {
  std::unique_lock lock(mutex_);
  any_ = true;
  if (error_ || notes_.size() >= kMaxNotes) return;
  notes_.push_back({++arrived_, std::move(note)});
  Due due = Settle();
  lock.unlock();
  due.Run();
}

void LogQueue::Hold() {
  const std::lock_guard lock(mutex_);
  ++holds_;
}

void LogQueue::Release() {
  std::unique_lock lock(mutex_);
  --holds_;
  Due due = Settle();
  lock.unlock();
  due.Run();
}

void LogQueue::Fail(Error error) {
  std::unique_lock lock(mutex_);
  if (error_) return;
  error_ = std::move(error);
  for (const SourcePtr& source : sources_) {
    source->lines.clear();
    source->bytes = 0;
  }
  notes_.clear();
  Due due = Settle();
  lock.unlock();
  due.Run();
}

void LogQueue::Read(Done done) {
  std::unique_lock lock(mutex_);
  done_ = std::move(done);
  Due due = Settle();
  lock.unlock();
  due.Run();
}

std::size_t LogQueue::open_sources() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

bool LogQueue::Ended() const { return holds_ <= 0 && sources_.empty() && notes_.empty(); }

bool LogQueue::NoteIsDue() const {
  return !notes_.empty() && std::ranges::none_of(sources_, [&](const SourcePtr& source) {
    return !source->lines.empty() && source->lines.front().number < notes_.front().number;
  });
}

std::optional<LogRecord> LogQueue::Next() {
  if (NoteIsDue()) {
    LogRecord note = std::move(notes_.front().record);
    notes_.pop_front();
    return note;
  }
  if (options_.order == Order::kTime && holds_ > 0) return std::nullopt;
  SourcePtr oldest;
  for (const SourcePtr& source : sources_) {
    if (source->lines.empty()) {
      if (options_.order == Order::kTime) return std::nullopt;
      continue;
    }
    const auto nanos = [](const SourcePtr& s) { return s->lines.front().record.line.nanos; };
    if (!oldest || nanos(source) < nanos(oldest)) {
      oldest = source;
    }
  }
  if (!oldest) return std::nullopt;
  LogRecord record = std::move(oldest->lines.front().record);
  oldest->lines.pop_front();
  oldest->bytes -= SizeOf(record);
  if (oldest->lines.empty() && !oldest->open) sources_.erase(oldest);
  return record;
}

LogQueue::Due LogQueue::Settle() {
  Due due;
  if (!done_) return due;
  if (error_) {
    due.result = swell::Fail(*error_);
    due.done = std::exchange(done_, nullptr);
    return due;
  }
  std::vector<LogRecord> batch;
  std::size_t bytes = 0;
  while (batch.size() < options_.batch_records && bytes < options_.batch_bytes) {
    auto record = Next();
    if (!record) break;
    bytes += SizeOf(*record);
    batch.push_back(std::move(*record));
  }
  for (const SourcePtr& source : sources_) {
    if (source->throttled && source->open && source->bytes < options_.max_source_bytes / 2) {
      source->throttled = false;
      due.throttles.emplace_back(source, false);
    }
  }
  if (batch.empty() && !Ended()) return due;
  if (batch.empty() && !std::exchange(any_, true)) {
    due.result = swell::Fail(NotFound("no container matches: nothing to read"));
  } else {
    due.result = std::move(batch);
  }
  due.done = std::exchange(done_, nullptr);
  return due;
}

}  // namespace swell::live
