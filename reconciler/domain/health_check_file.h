#pragma once
// Health checks for every application of a server, from a file of their own.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "reconciler/domain/application.h"

namespace swell {

// Reads `healthChecks: [{group, kind, lua}]`, the fields of an Application's spec.healthChecks.
// kInvalidArgument with the field's path and place, as ParseResource. An empty file is no check.
Result<std::vector<HealthCheck>> ParseHealthChecks(std::string_view text, const std::string& file);

}  // namespace swell
