#include "base/telemetry/trace.h"

#include <random>

#include "base/core/strings.h"

namespace swell::telemetry {
namespace {

// Ids need be unique, not secret.
std::string RandomId(int hex_digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  std::string out;
  while (static_cast<int>(out.size()) < hex_digits) {
    std::uint64_t bits = random();
    for (int i = 0; i < 16 && static_cast<int>(out.size()) < hex_digits; ++i, bits >>= 4) {
      out += kHex[bits & 15];
    }
  }
  return out;
}

// Escapes as JSON demands; Quote's escapes are made for people.
std::string JsonString(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

void MemorySpanExporter::Export(const SpanData& span) {
  std::lock_guard lock(mutex_);
  if (capacity_ == 0) return;
  if (spans_.size() < capacity_) {
    spans_.push_back(span);
  } else {
    spans_[next_] = span;
    next_ = (next_ + 1) % capacity_;
  }
}

std::vector<SpanData> MemorySpanExporter::Spans() const {
  std::lock_guard lock(mutex_);
  std::vector<SpanData> out;
  for (std::size_t i = 0; i < spans_.size(); ++i)
    out.push_back(spans_[(next_ + i) % spans_.size()]);
  return out;
}

void MemorySpanExporter::Clear() {
  std::lock_guard lock(mutex_);
  spans_.clear();
  next_ = 0;
}

void JsonLinesSpanExporter::Export(const SpanData& span) {
  std::string line = "{\"name\":" + JsonString(span.name) + ",\"trace_id\":\"" +
                     span.context.trace_id + "\",\"span_id\":\"" + span.context.span_id + "\"";
  if (!span.parent_id.empty()) line += ",\"parent_id\":\"" + span.parent_id + "\"";
  line += ",\"start\":\"" + FormatTimestamp(span.start) + "\",\"end\":\"" +
          FormatTimestamp(span.end) + "\"";
  if (!span.attributes.empty()) {
    std::string attributes;
    for (const auto& [key, value] : span.attributes) {
      attributes += (attributes.empty() ? "" : ",") + JsonString(key) + ":" + JsonString(value);
    }
    line += ",\"attributes\":{" + attributes + "}";
  }
  if (!span.error.empty()) line += ",\"error\":" + JsonString(span.error);
  line += "}";
  std::lock_guard lock(mutex_);
  write_(line);
}

Span::Span(Span&& other) noexcept
    : tracer_(std::exchange(other.tracer_, nullptr)), data_(std::move(other.data_)) {}

Span& Span::operator=(Span&& other) noexcept {
  if (this != &other) {
    End();
    tracer_ = std::exchange(other.tracer_, nullptr);
    data_ = std::move(other.data_);
  }
  return *this;
}

void Span::SetAttribute(std::string key, std::string value) {
  if (!tracer_) return;
  for (auto& [name, old] : data_.attributes) {
    if (name == key) {
      old = std::move(value);
      return;
    }
  }
  data_.attributes.emplace_back(std::move(key), std::move(value));
}

void Span::SetError(std::string message) {
  if (tracer_) data_.error = std::move(message);
}

void Span::End() {
  Tracer* tracer = std::exchange(tracer_, nullptr);
  if (!tracer) return;
  data_.end = tracer->clock_.Now();
  tracer->exporter_.Export(data_);
}

Span Tracer::Start(std::string name, const SpanContext& parent, SpanAttributes attributes) {
  Span span;
  span.tracer_ = this;
  span.data_.name = std::move(name);
  span.data_.context.trace_id = parent.valid() ? parent.trace_id : RandomId(32);
  span.data_.context.span_id = RandomId(16);
  if (parent.valid()) span.data_.parent_id = parent.span_id;
  span.data_.attributes = std::move(attributes);
  span.data_.start = clock_.Now();
  return span;
}

}  // namespace swell::telemetry
