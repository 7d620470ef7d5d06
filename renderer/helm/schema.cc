#include "renderer/helm/schema.h"

#include "renderer/helm/go_types.h"
#include "renderer/jsonschema/schema.h"

namespace swell::helm {
namespace {

std::string Violations(const Chart& chart, const Value& values) {
  std::string out;
  if (!chart.schema.empty()) {
    auto schema = jsonschema::Schema::Compile(chart.schema);
    const Status status = schema ? schema->Validate(values) : Fail(schema.error());
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
    out += Violations(*sub, own);
  }
  return out;
}

}  // namespace

Status ValidateSchemas(const Chart& chart, const Value& values) {
  std::string violations = Violations(chart, values);
  if (violations.empty()) return {};
  if (violations.ends_with('\n')) violations.pop_back();
  return Fail(InvalidArgument(
      "values don't meet the specifications of the schema(s) in the following chart(s):\n" +
      violations));
}

}  // namespace swell::helm
