#include "base/telemetry/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <mutex>

#include "base/core/check.h"

namespace swell::telemetry {
namespace {

void AtomicAdd(std::atomic<double>& to, double by) {
  double now = to.load(std::memory_order_relaxed);
  while (!to.compare_exchange_weak(now, now + by, std::memory_order_relaxed)) {
  }
}

bool IsName(std::string_view text, bool colon) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (colon && c == ':');
  });
}

std::string Escape(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

std::string Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

// {a="b",c="d"}, with `extra` as last label; "" without any.
std::string LabelText(const MetricLabels& labels, const std::string& extra = "") {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += (out.empty() ? "" : ",") + name + "=\"" + Escape(value, true) + "\"";
  }
  if (!extra.empty()) out += (out.empty() ? "" : ",") + extra;
  return out.empty() ? out : "{" + out + "}";
}

}  // namespace

void Counter::Add(double by) {
  SWELL_CHECK(by >= 0);
  AtomicAdd(value_, by);
}

void Gauge::Add(double by) { AtomicAdd(value_, by); }

Histogram::Histogram(std::vector<double> bounds)
    : bounds_(std::move(bounds)),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {
  SWELL_CHECK(std::ranges::is_sorted(bounds_));
}

void Histogram::Observe(double value) {
  const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  AtomicAdd(sum_, value);
}

std::vector<std::uint64_t> Histogram::Counts() const {
  std::vector<std::uint64_t> out(bounds_.size() + 1);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = counts_[i].load(std::memory_order_relaxed);
  return out;
}

std::vector<double> LatencyBuckets() {
  return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
}

struct MetricsRegistry::Impl {
  enum class Type { kCounter, kGauge, kHistogram };
  struct Family {
    Type type;
    std::string help;
    // One of the three maps is in use. Nodes of a map stay where they are.
    std::map<MetricLabels, Counter> counters;
    std::map<MetricLabels, Gauge> gauges;
    std::map<MetricLabels, Histogram> histograms;
  };

  std::size_t max_series;
  std::mutex mutex;
  std::map<std::string, Family> families;
  std::vector<std::function<void()>> on_scrape;

  Family& Get(const std::string& name, const std::string& help, Type type, MetricLabels& labels) {
    SWELL_CHECK(IsName(name, true));
    for (const auto& [label, value] : labels) SWELL_CHECK(IsName(label, false));
    std::ranges::sort(labels);
    Family& family = families.try_emplace(name, Family{.type = type, .help = help}).first->second;
    SWELL_CHECK(family.type == type);
    return family;
  }

  template <class Map>
  typename Map::mapped_type* Find(Map& series, MetricLabels& labels) {
    auto found = series.find(labels);
    if (found == series.end() && series.size() >= max_series) {
      for (auto& [name, value] : labels) value = "_overflow";
      found = series.find(labels);
    }
    return found == series.end() ? nullptr : &found->second;
  }

  static std::string HistogramText(const std::string& name, const MetricLabels& labels,
                                   const Histogram& histogram) {
    std::string out;
    const auto counts = histogram.Counts();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      total += counts[i];
      const std::string bound =
          i < histogram.bounds().size() ? Number(histogram.bounds()[i]) : "+Inf";
      out += name + "_bucket" + LabelText(labels, "le=\"" + bound + "\"") + " " +
             std::to_string(total) + "\n";
    }
    out += name + "_sum" + LabelText(labels) + " " + Number(histogram.sum()) + "\n";
    out += name + "_count" + LabelText(labels) + " " + std::to_string(total) + "\n";
    return out;
  }

  static std::string FamilyText(const std::string& name, const Family& family) {
    static constexpr std::string_view kTypes[] = {"counter", "gauge", "histogram"};
    std::string out =
        "# HELP " + name + " " + Escape(family.help, false) + "\n# TYPE " + name + " ";
    out += kTypes[static_cast<int>(family.type)];
    out += "\n";
    for (const auto& [labels, counter] : family.counters) {
      out += name + LabelText(labels) + " " + Number(counter.value()) + "\n";
    }
    for (const auto& [labels, gauge] : family.gauges) {
      out += name + LabelText(labels) + " " + Number(gauge.value()) + "\n";
    }
    for (const auto& [labels, histogram] : family.histograms) {
      out += HistogramText(name, labels, histogram);
    }
    return out;
  }
};

MetricsRegistry::MetricsRegistry(std::size_t max_series) : impl_(std::make_unique<Impl>()) {
  impl_->max_series = max_series;
}
MetricsRegistry::~MetricsRegistry() = default;

Counter& MetricsRegistry::GetCounter(const std::string& name, const std::string& help,
                                     MetricLabels labels) {
  std::lock_guard lock(impl_->mutex);
  auto& series = impl_->Get(name, help, Impl::Type::kCounter, labels).counters;
  if (Counter* found = impl_->Find(series, labels)) return *found;
  return series[std::move(labels)];
}

Gauge& MetricsRegistry::GetGauge(const std::string& name, const std::string& help,
                                 MetricLabels labels) {
  std::lock_guard lock(impl_->mutex);
  auto& series = impl_->Get(name, help, Impl::Type::kGauge, labels).gauges;
  if (Gauge* found = impl_->Find(series, labels)) return *found;
  return series[std::move(labels)];
}

Histogram& MetricsRegistry::GetHistogram(const std::string& name, const std::string& help,
                                         std::vector<double> bounds, MetricLabels labels) {
  std::lock_guard lock(impl_->mutex);
  auto& series = impl_->Get(name, help, Impl::Type::kHistogram, labels).histograms;
  if (Histogram* found = impl_->Find(series, labels)) return *found;
  return series.try_emplace(std::move(labels), std::move(bounds)).first->second;
}

void MetricsRegistry::OnScrape(std::function<void()> fn) {
  std::lock_guard lock(impl_->mutex);
  impl_->on_scrape.push_back(std::move(fn));
}

std::string MetricsRegistry::PrometheusText() {
  std::vector<std::function<void()>> hooks;
  {
    std::lock_guard lock(impl_->mutex);
    hooks = impl_->on_scrape;
  }
  for (const auto& hook : hooks) hook();
  std::lock_guard lock(impl_->mutex);
  std::string out;
  for (const auto& [name, family] : impl_->families) out += Impl::FamilyText(name, family);
  return out;
}

}  // namespace swell::telemetry
