#include "reconciler/gates/prometheus_answer.h"

#include <cmath>
#include <limits>
#include <optional>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/number.h"
#include "reconciler/gates/request.h"

namespace swell::gates {
namespace {

constexpr std::size_t kMaxLabels = 200;  // bytes of them in a message
constexpr std::size_t kMaxWarnings = 3;

Error Odd(const std::string& what) {
  return Unavailable("its answer is not one of Prometheus' query API: " + what);
}

std::optional<double> ReadNumber(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf" || text == "Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  return ParseFloat(text);
}

// [1764277200.123, "0.5"]
Result<Sample> ReadSample(const Value& pair) {
  const auto value = ReadNumber(pair[1].as_string());
  if (pair.size() != 2 || !pair[0].is_number() || !pair[1].is_string() || !value) {
    return Fail(Odd("a sample is " + Foreign(json::Write(pair))));
  }
  return Sample{std::llround(pair[0].as_float() * 1000), *value};
}

Result<Series> ReadSeries(const Value& item, Asked asked) {
  Series out;
  out.labels = item["metric"];
  if (item.Has("histogram") || item["histograms"].size() > 0) {
    return Fail(FailedPrecondition("the query gives histograms, which no threshold is of: " +
                                   out.Show() + "; take histogram_quantile or the like of it"));
  }
  if (asked == Asked::kInstant) {
    out.samples.push_back(TRY(ReadSample(item["value"])));
    return out;
  }
  for (const Value& pair : item["values"].items()) out.samples.push_back(TRY(ReadSample(pair)));
  return out;
}

std::vector<std::string> ReadWarnings(const Value& answer) {
  std::vector<std::string> out;
  for (const Value& warning : answer["warnings"].items()) {
    if (out.size() == kMaxWarnings) {
      out.push_back("and " + std::to_string(answer["warnings"].size() - kMaxWarnings) + " more");
      break;
    }
    out.push_back(Foreign(warning.as_string()));
  }
  return out;
}

}  // namespace

std::string Series::Show() const {
  std::vector<std::string> parts;
  for (const Member& label : labels.members()) {
    if (label.name() == "__name__") continue;
    parts.push_back(label.key.str() + "=" + Quote(label.value.as_string()));
  }
  const std::string name = labels["__name__"].str();
  if (parts.empty()) return name;
  std::string out = name + "{" + Join(parts, ",") + "}";
  if (out.size() <= kMaxLabels) return out;
  std::size_t cut = kMaxLabels;
  while ((out[cut] & 0xc0) == 0x80) --cut;  // not inside a character
  return out.substr(0, cut) + "...";
}

Result<QueryAnswer> ReadQueryAnswer(std::string_view body, Asked asked) {
  const auto parsed = json::Parse(body);
  if (!parsed) return Fail(Odd(parsed.error().ToString()));
  const Value& answer = *parsed;
  if (answer["status"].as_string() != "success") {
    const std::string error = ReadQueryError(body);
    return Fail(error.empty() ? Odd("no status success") : Unavailable("it answers " + error));
  }
  // VictoriaMetrics says so when some of its nodes did not answer.
  if (answer["isPartial"].as_bool()) return Fail(Unavailable("it answers with a part of the data"));
  QueryAnswer out;
  out.warnings = ReadWarnings(answer);
  const std::string type = answer["data"]["resultType"].str();
  const Value& result = answer["data"]["result"];
  if (type == "scalar" && asked == Asked::kInstant) {
    out.series.push_back({Value::EmptyObject(), {TRY(ReadSample(result))}});
    return out;
  }
  if (type == "matrix" && asked == Asked::kInstant) {
    return Fail(FailedPrecondition(
        "the query gives ranges of values: take a function of them, such as rate or "
        "avg_over_time, or set range"));
  }
  if (type == "string") return Fail(FailedPrecondition("the query gives a text, not numbers"));
  if (type != (asked == Asked::kInstant ? "vector" : "matrix") || !result.is_array()) {
    return Fail(Odd("its resultType is " + Quote(Foreign(type))));
  }
  for (const Value& item : result.items()) out.series.push_back(TRY(ReadSeries(item, asked)));
  return out;
}

std::string ReadQueryError(std::string_view body) {
  const auto parsed = json::Parse(body);
  if (!parsed || (*parsed)["status"].as_string() != "error") return "";
  return Foreign((*parsed)["errorType"].str() + ": " + (*parsed)["error"].str());
}

}  // namespace swell::gates
