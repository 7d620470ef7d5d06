#pragma once
// Trace spans: what was done, in what order, how long it took, and what caused it.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/clock.h"

namespace swell::telemetry {

using SpanAttributes = std::vector<std::pair<std::string, std::string>>;

// What names a span to its children, also across threads and processes. Zero = none.
struct SpanContext {
  std::string trace_id;  // 32 hex digits; "" = none
  std::string span_id;   // 16 hex digits
  bool valid() const { return !trace_id.empty(); }
  friend bool operator==(const SpanContext&, const SpanContext&) = default;
};

// A finished span.
struct SpanData {
  std::string name;
  SpanContext context;
  std::string parent_id;  // 16 hex digits, or "" at the root
  Timestamp start{};
  Timestamp end{};
  SpanAttributes attributes;
  std::string error;  // "" = ended well
};

// Takes finished spans. Thread-safe; must not block for long.
class SpanExporter {
 public:
  virtual ~SpanExporter() = default;
  virtual void Export(const SpanData& span) = 0;
};

// Keeps the last `capacity` spans, oldest first.
class MemorySpanExporter final : public SpanExporter {
 public:
  explicit MemorySpanExporter(std::size_t capacity = 10'000) : capacity_(capacity) {}
  void Export(const SpanData& span) override;
  std::vector<SpanData> Spans() const;
  void Clear();

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::vector<SpanData> spans_;
  std::size_t next_ = 0;  // where the next one goes once full
};

// Hands each span to `write` as one line of JSON (without newline).
class JsonLinesSpanExporter final : public SpanExporter {
 public:
  explicit JsonLinesSpanExporter(std::function<void(std::string_view line)> write)
      : write_(std::move(write)) {}
  void Export(const SpanData& span) override;

 private:
  std::mutex mutex_;
  std::function<void(std::string_view)> write_;
};

class Tracer;

// A span in progress; ends when destroyed. Move-only, not thread-safe. A default one
// records nothing, so code need not ask whether tracing is on.
class Span {
 public:
  Span() = default;
  Span(Span&& other) noexcept;
  Span& operator=(Span&& other) noexcept;
  ~Span() { End(); }

  void SetAttribute(std::string key, std::string value);
  // Marks it as failed. The message must not hold secrets (an Error never does).
  void SetError(std::string message);
  void End();  // idempotent
  const SpanContext& context() const { return data_.context; }

 private:
  friend class Tracer;
  Tracer* tracer_ = nullptr;
  SpanData data_;
};

// Makes spans. Thread-safe. `clock` and `exporter` must outlive it, and it its spans.
class Tracer {
 public:
  Tracer(const Clock& clock, SpanExporter& exporter) : clock_(clock), exporter_(exporter) {}
  // Without a valid parent it starts a trace of its own.
  Span Start(std::string name, const SpanContext& parent = {}, SpanAttributes attributes = {});

 private:
  friend class Span;
  const Clock& clock_;
  SpanExporter& exporter_;
};

}  // namespace swell::telemetry
