#pragma once
// values.schema.json of a chart and its subcharts.

#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/jsonschema/schema.h"

namespace swell::helm {

// `values`: the coalesced values. The error lists every chart whose schema refuses them, in
// helm's shape.
Status ValidateSchemas(const Chart& chart, const Value& values,
                       const jsonschema::Limits& limits = {});

}  // namespace swell::helm
