#pragma once
// What the API server knows of each kind beyond merging: defaults, canonical spelling, and the
// rules that refuse an object (facts: engine.md, B "Facts worth a design" and C).

#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "server/sandbox/message.h"
#include "server/sandbox/resource.h"

namespace swell::sandbox::kinds {

// Wrong JSON types in well-known places, which the server cannot decode at all.
ApiResult<Value> Decode(const Resource& resource, const Value& object);

// Nulls and empty lists gone, quantities canonical, a Secret's stringData folded into data.
Value Canonical(const Resource& resource, const Value& object);

// What the server fills in where nothing is given, but for what needs the cluster's state
// (addresses, uids): see allocate.h.
Value WithDefaults(const Resource& resource, const Value& object);

// Everything wrong with a new object, or with a change where `old` is not null.
std::vector<Cause> Validate(const Resource& resource, const Value& object, const Value* old);

// The rules for metadata that all kinds share.
std::vector<Cause> ValidateMetadata(const Resource& resource, const Value& object);

}  // namespace swell::sandbox::kinds
