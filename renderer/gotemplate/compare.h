#pragma once
// Comparisons: reflect.DeepEqual and the built-ins eq and lt.

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/value.h"

namespace swell::gotemplate {

// reflect.DeepEqual of two interface values: types must agree (3 and 3.0 differ).
Result<bool> DeepEqual(const Any& a, const Any& b, Budget& budget);

// text/template's eq of two values and lt; errors are Go's ("incompatible types for
// comparison: float64 and int").
Result<bool> BasicEqual(const Any& a, const Any& b, Budget& budget);
Result<bool> BasicLess(const Any& a, const Any& b);

}  // namespace swell::gotemplate
