#pragma once
// A rollout on one screen: a line a wave with a bar and counts, and the clusters that matter
// under the waves at work.

#include <string>
#include <vector>

#include "base/core/clock.h"
#include "cli/output/terminal.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

// Pure: `now` is what bake times and ages count from. No line is wider than the terminal's
// width, and there are at most `terminal.height - 1` lines (never fewer than 3): clusters that
// need no attention are left out first, then waves that are over or not yet begun; what is
// left out is counted. No limits where width and height are 0.
std::vector<std::string> ProgressLines(const swell::v1::Rollout& rollout, Timestamp now,
                                       const Terminal& terminal);

// "12  sync of main 1a2b3c4 by ann": what the rollout is.
std::string RolloutTitle(const swell::v1::Rollout& rollout);

// What has happened between two states, one line a step: phases of waves and of clusters, the
// rollout's end or turn, and what a cluster says while it is verified. `before` may
// be a default message: then it is how things stand.
std::vector<std::string> StepLines(const swell::v1::Rollout& before,
                                   const swell::v1::Rollout& after);

}  // namespace swell::cli
