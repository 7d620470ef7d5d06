#pragma once
// Reading where an application's objects come from. Internal to the domain; see fields.h.

#include <string_view>

#include "base/value/value.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/fields.h"

namespace swell {

inline constexpr char kSelectsNothing[] =
    "selects nothing: give matchLabels, matchExpressions, names or all: true";

// Whether the URL's scheme is one that Swell fetches from.
bool KnownScheme(std::string_view url);

ClusterSelector ReadSelector(Fields fields);
Value ToValue(const ClusterSelector& selector);
// `spec.source`.
SourceSpec ReadSource(Fields fields);
// The object at `key`, checked field by field: parameters of renderer/kustomize/parameters.h.
Value ReadKustomize(Fields& fields, std::string_view key);

}  // namespace swell
