#pragma once
// A small metrics registry: counters, gauges, histograms, printed in Prometheus' text
// format. Instruments are made once and kept; updating one is an atomic operation.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace swell::telemetry {

// Label names and values of one series, in any order; values may hold any text.
using MetricLabels = std::vector<std::pair<std::string, std::string>>;

// Only grows. Thread-safe.
class Counter {
 public:
  void Add(double by = 1);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Goes up and down. Thread-safe.
class Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  void Add(double by);
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Counts observations in buckets. Thread-safe; a scrape that runs at the same time may see
// an observation in the buckets before it sees it in the sum.
class Histogram {
 public:
  // `bounds`: upper bounds, ascending; +Inf is implied.
  explicit Histogram(std::vector<double> bounds);
  void Observe(double value);
  const std::vector<double>& bounds() const { return bounds_; }
  // Per bucket (not cumulative), +Inf last.
  std::vector<std::uint64_t> Counts() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// 5 ms to 60 s, for durations in seconds.
std::vector<double> LatencyBuckets();

// Owns the instruments; references stay valid while the registry lives. Asking again for
// the same name and labels gives the same instrument. CHECKs on names that Prometheus does
// not allow and on one name used for two types. Thread-safe.
//
// A family keeps at most `max_series` series, so that labels taken from input cannot grow
// without bound: further label sets share one series whose label values are "_overflow".
class MetricsRegistry {
 public:
  explicit MetricsRegistry(std::size_t max_series = 10'000);
  ~MetricsRegistry();
  MetricsRegistry(const MetricsRegistry&) = delete;
  MetricsRegistry& operator=(const MetricsRegistry&) = delete;

  Counter& GetCounter(const std::string& name, const std::string& help, MetricLabels labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help, MetricLabels labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          std::vector<double> bounds, MetricLabels labels = {});
  // Runs before each scrape: to set gauges from what is true now. Must not call
  // PrometheusText.
  void OnScrape(std::function<void()> fn);

  // Text format 0.0.4 (Content-Type: text/plain; version=0.0.4), families by name, series
  // by labels.
  std::string PrometheusText();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swell::telemetry
