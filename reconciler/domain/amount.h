#pragma once
// A number of clusters, or a share of them: `maxFailures: 2`, `maxUnavailable: 10%`.

#include <algorithm>

namespace swell {

struct Amount {
  int value = 0;
  bool percent = false;

  // Of `total` clusters. Shares are rounded down, as the limits that they are: 10% of 9 is none.
  int Of(int total) const {
    return percent ? static_cast<int>(static_cast<long>(total) * value / 100) : value;
  }
  // The same, for limits of which less than one would mean that nothing ever moves.
  int AtLeastOneOf(int total) const { return std::max(1, Of(total)); }
  friend bool operator==(const Amount&, const Amount&) = default;
};

}  // namespace swell
