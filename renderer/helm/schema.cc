#include "renderer/helm/schema.h"

#include "renderer/helm/go_types.h"

namespace swell::helm {
namespace {

// Appends what is wrong to `out`. Fails where a budget ends, which is no verdict on the values.
Status Violations(const Chart& chart, const Value& values, const jsonschema::Limits& limits,
                  std::string& out) {
  if (!chart.schema.empty()) {
    auto schema = jsonschema::Schema::Compile(chart.schema);
    Status status = schema ? schema->Validate(values, limits) : Fail(schema.error());
    if (!status && status.error().code() == ErrorCode::kResourceExhausted) {
      return Fail(std::move(status).error().Wrap("values.schema.json of chart " + chart.name()));
    }
    if (!status) out += chart.name() + ":\n" + status.error().ToString() + "\n";
  }
  for (const ChartPtr& sub : chart.dependencies) {
    const Value& own = values[sub->name()];
    if (own.is_null()) continue;
    if (!own.is_object()) {
      out += sub->name() + ":\ninvalid type for values: expected object (map), got " +
             GoTypeName(own) + "\n";
      continue;
    }
    TRY(Violations(*sub, own, limits, out));
  }
  return {};
}

}  // namespace

Status ValidateSchemas(const Chart& chart, const Value& values, const jsonschema::Limits& limits) {
  std::string violations;
  TRY(Violations(chart, values, limits, violations));
  if (violations.empty()) return {};
  if (violations.ends_with('\n')) violations.pop_back();
  return Fail(InvalidArgument(
      "values don't meet the specifications of the schema(s) in the following chart(s):\n" +
      violations));
}

}  // namespace swell::helm
