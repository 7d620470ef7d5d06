#pragma once
// Reads answers of Prometheus' query API. Internal to reconciler/gates. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"

namespace swell::gates {

struct Sample {
  std::int64_t time_ms = 0;  // since the epoch
  double value = 0;          // may be NaN or infinite
};

struct Series {
  Value labels;  // an object of strings; empty of a scalar
  std::vector<Sample> samples;
  // `{cluster="c1",job="web"}`, the metric's name first; "" without labels. Cut where long.
  std::string Show() const;
};

struct QueryAnswer {
  std::vector<Series> series;
  std::vector<std::string> warnings;
};

// The body of a success. kUnavailable for what is no such answer (no JSON, status error, a part of
// the data only), kFailedPrecondition for data that has no plain numbers: histograms, strings, and
// a range of values where one was asked for.
enum class Asked { kInstant, kRange };
Result<QueryAnswer> ReadQueryAnswer(std::string_view body, Asked asked);

// What the body of a failure says: "bad_data: parse error …", or "".
std::string ReadQueryError(std::string_view body);

}  // namespace swell::gates
