#pragma once
// Which clusters an application selects, and how they split into waves.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/rollout.h"

namespace swell::fleet {

bool Matches(const ClusterSelector& selector, const Cluster& cluster);

// Sorted by name.
std::vector<Cluster> Select(const ClusterSelector& selector, const std::vector<Cluster>& clusters);

// Every selected cluster lands in exactly one wave: a wave takes, of the clusters that no
// earlier wave took, those that its selector matches, or its count, or its percentage of all
// selected clusters (rounded up, at least one; in name order), or one of each value of its
// spreadBy label (the first by name; those without the label are left to later waves). Clusters
// that no wave takes form a last wave "rest". A wave without clusters stays in the list and passes.
std::vector<WaveProgress> Partition(const StrategySpec& strategy,
                                    const std::vector<Cluster>& selected);

}  // namespace swell::fleet
