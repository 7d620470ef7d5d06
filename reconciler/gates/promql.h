#pragma once
// Restricts a PromQL expression to some series, as prom-label-proxy does. Internal to
// reconciler/gates. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"

namespace swell::gates {

// The query with a matcher more in every vector selector: label="c1" of one value,
// label=~"c1|c2" of several. What the selectors have already stays, also matchers of that label.
// Nothing else of the query changes.
//
// Reads the query's structure by promql/parser/generated_parser.y of Prometheus 3, as far as it
// decides what is a selector: a query that this refuses Prometheus refuses, or it has duration
// expressions that nobody knew yet. What it takes Prometheus may still refuse (unknown functions,
// types, numbers). kInvalidArgument with the place in the query, for a label that is no name of
// letters, digits and "_", and for a query without any selector. Requires a value.
Result<std::string> RestrictQuery(std::string_view query, std::string_view label,
                                  const std::vector<std::string>& values);

}  // namespace swell::gates
