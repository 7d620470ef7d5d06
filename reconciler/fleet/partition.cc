#include "reconciler/fleet/partition.h"

#include <algorithm>

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

std::vector<WaveProgress> Partition(const StrategySpec& strategy,
                                    const std::vector<Cluster>& selected) {
  std::vector<Cluster> left = selected;
  std::ranges::sort(left, {}, &Cluster::name);
  const std::size_t total = left.size();

  std::vector<WaveProgress> waves;
  const auto take = [&](const WaveSpec& spec, std::size_t limit, const ClusterSelector* selector) {
    WaveProgress wave;
    wave.name = spec.name;
    wave.bake = spec.bake;
    wave.max_parallel = spec.max_parallel;
    std::vector<Cluster> rest;
    for (Cluster& cluster : left) {
      const bool mine = wave.clusters.size() < limit && (!selector || Matches(*selector, cluster));
      if (mine) {
        wave.clusters.push_back(cluster.name);
      } else {
        rest.push_back(std::move(cluster));
      }
    }
    left = std::move(rest);
    waves.push_back(std::move(wave));
  };

  for (const WaveSpec& spec : strategy.waves) {
    if (spec.count) {
      take(spec, static_cast<std::size_t>(*spec.count), nullptr);
    } else if (spec.percent) {
      const auto percent = static_cast<std::size_t>(*spec.percent);
      take(spec, std::max<std::size_t>(1, (total * percent + 99) / 100), nullptr);
    } else if (!spec.clusters.empty()) {
      take(spec, total, &spec.clusters);
    } else {
      take(spec, total, nullptr);
    }
  }
  if (!left.empty())
    take(WaveSpec{.name = strategy.waves.empty() ? "all" : "rest"}, total, nullptr);
  return waves;
}

}  // namespace swell::fleet
