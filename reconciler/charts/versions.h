#pragma once
// Which version of a chart is meant, as helm picks it.

#include <string>
#include <vector>

#include "base/core/result.h"

namespace swell::charts {

// Sorts by precedence, newest first; what is no version comes last.
void SortNewestFirst(std::vector<std::string>& versions);

// Whether `wanted` names one version, not a range: then a registry needs no list of its tags.
bool IsExactVersion(const std::string& wanted);

// The index of the version that is meant: the one with exactly this text, else the newest that
// satisfies the constraint. "" is the newest stable one. `versions` are sorted newest first.
// kNotFound, or kInvalidArgument for what is no constraint.
Result<std::size_t> PickVersion(const std::vector<std::string>& versions,
                                const std::string& wanted);

}  // namespace swell::charts
