#pragma once
// Reading and writing change windows. Internal to the domain; see fields.h.

#include "base/value/value.h"
#include "reconciler/domain/change_window.h"
#include "reconciler/domain/fields.h"

namespace swell {

// `spec` of a ChangeWindow; its name is the caller's to set.
ChangeWindow ReadWindow(Fields fields);
// The inverse: the spec, without what is at its default.
Value ToValue(const ChangeWindow& window);

}  // namespace swell
