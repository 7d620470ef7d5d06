#pragma once
// One object as a diff looks at it: without what the server makes, Secrets in one spelling.

#include "base/value/value.h"

namespace swell::diff {

// Drops status, the server's metadata and the last-applied annotation; folds a Secret's
// stringData into data, base64, and turns its null values into ""; drops what the server says of
// every namespace.
Value Normalize(const Value& object);

// `object`, live or last applied, with its cpu utilization where `desired` states it, if both are
// HorizontalPodAutoscalers of autoscaling/v2: servers that store autoscaling/v1 keep it in a field
// of its own and give it back as the last metric. The order says nothing: the largest answer of all
// metrics counts. Any other object as it is.
Value WithCpuMetricAsIn(const Value& desired, const Value& object);

// Without the metadata that only the server writes: managedFields, resourceVersion, uid,
// generation, creationTimestamp, selfLink.
Value WithoutServerMetadata(Value object);

// Whether the object is a ClusterRole with an aggregationRule that states rules nevertheless.
bool StatesAggregatedRules(const Value& object);

// A ClusterRole with an aggregationRule without its rules: a controller fills them in, whatever
// is stated (often "rules: []"). Any other object as it is.
Value WithoutAggregatedRules(const Value& object);

// What kubectl's annotation on the object says was applied last, or null (also where the
// annotation is no JSON object).
Value LastAppliedAnnotation(const Value& object);

}  // namespace swell::diff
