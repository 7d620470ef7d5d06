#include "reconciler/fleet/partition.h"

#include <algorithm>
#include <set>

namespace swell::fleet {
namespace {

bool MatchesExpression(const ClusterSelector::Expression& e, const Labels& labels) {
  const auto it = labels.find(e.key);
  const bool has = it != labels.end();
  const auto listed = [&] { return std::ranges::find(e.values, it->second) != e.values.end(); };
  if (e.op == "Exists") return has;
  if (e.op == "DoesNotExist") return !has;
  if (e.op == "In") return has && listed();
  return !has || !listed();  // NotIn, as in Kubernetes: true where the label is absent
}

}  // namespace

bool Matches(const ClusterSelector& selector, const Cluster& cluster) {
  if (selector.all) return true;
  if (selector.empty()) return false;
  for (const auto& [key, value] : selector.match_labels) {
    const auto it = cluster.labels.find(key);
    if (it == cluster.labels.end() || it->second != value) return false;
  }
  if (!selector.names.empty() &&
      std::ranges::find(selector.names, cluster.name) == selector.names.end()) {
    return false;
  }
  return std::ranges::all_of(selector.match_expressions,
                             [&](const auto& e) { return MatchesExpression(e, cluster.labels); });
}

std::vector<Cluster> Select(const ClusterSelector& selector, const std::vector<Cluster>& clusters) {
  std::vector<Cluster> out;
  std::ranges::copy_if(clusters, std::back_inserter(out),
                       [&](const Cluster& c) { return Matches(selector, c); });
  std::ranges::sort(out, {}, &Cluster::name);
  return out;
}

namespace {

// Takes clusters out of those that are left, wave by wave.
class Partitioner {
 public:
  explicit Partitioner(const std::vector<Cluster>& selected) : left_(selected) {
    std::ranges::sort(left_, {}, &Cluster::name);
    total_ = left_.size();
  }

  WaveProgress Take(const WaveSpec& spec) {
    if (spec.count) return TakeFirst(spec, static_cast<std::size_t>(*spec.count));
    if (spec.percent) {
      const auto percent = static_cast<std::size_t>(*spec.percent);
      return TakeFirst(spec, std::max<std::size_t>(1, (total_ * percent + 99) / 100));
    }
    if (!spec.spread_by.empty()) {
      std::set<std::string> seen;
      return TakeIf(spec, [&](const Cluster& cluster) {
        const auto label = cluster.labels.find(spec.spread_by);
        return label != cluster.labels.end() && seen.insert(label->second).second;
      });
    }
    if (spec.clusters.empty()) return TakeFirst(spec, total_);
    return TakeIf(spec, [&](const Cluster& c) { return Matches(spec.clusters, c); });
  }

  bool empty() const { return left_.empty(); }

 private:
  WaveProgress TakeFirst(const WaveSpec& spec, std::size_t limit) {
    return TakeIf(spec,
                  [n = std::size_t{0}, limit](const Cluster&) mutable { return n++ < limit; });
  }

  template <class Mine>
  WaveProgress TakeIf(const WaveSpec& spec, Mine mine) {
    WaveProgress wave;
    wave.name = spec.name;
    std::vector<Cluster> rest;
    for (Cluster& cluster : left_) {
      if (mine(cluster)) {
        wave.clusters.push_back(cluster.name);
      } else {
        rest.push_back(std::move(cluster));
      }
    }
    left_ = std::move(rest);
    SetLimits(spec, wave);
    return wave;
  }

  static void SetLimits(const WaveSpec& spec, WaveProgress& wave) {
    const int size = static_cast<int>(wave.clusters.size());
    wave.bake = spec.bake;
    if (spec.max_parallel.value > 0) wave.max_parallel = spec.max_parallel.AtLeastOneOf(size);
    if (spec.max_unavailable.value > 0) {
      wave.max_unavailable = spec.max_unavailable.AtLeastOneOf(size);
    }
    if (spec.max_failures) wave.max_failures = spec.max_failures->Of(size);
    wave.deadline = spec.deadline.value_or(Duration{0});
    if (spec.approvals.count > 0) wave.approvals.push_back({.name = kApprovalGate});
    for (const GateSpec& gate : spec.gates) wave.gates.push_back({.name = gate.name});
  }

  std::vector<Cluster> left_;
  std::size_t total_ = 0;
};

}  // namespace

std::vector<WaveProgress> Partition(const StrategySpec& strategy,
                                    const std::vector<Cluster>& selected) {
  Partitioner partitioner(selected);
  std::vector<WaveProgress> waves;
  for (const WaveSpec& spec : strategy.waves) waves.push_back(partitioner.Take(spec));
  if (!partitioner.empty()) {
    waves.push_back(partitioner.Take(WaveSpec{.name = strategy.waves.empty() ? "all" : "rest"}));
  }
  return waves;
}

}  // namespace swell::fleet
