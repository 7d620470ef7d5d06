#pragma once
// Two states of an object to lay side by side for people. Pure.

#include "base/value/value.h"
#include "reconciler/diff/diff.h"

namespace swell::diff {

struct Preview {
  Value before;
  Value after;
};

// The live object, and the same with what an apply would change and nothing else: what is only
// spelt differently, defaulted, ignored or somebody else's is alike on both sides. Without status,
// the server's own metadata and the last-applied annotation. Values of Secrets are "***", of those
// that change "*** (before)" and "*** (after)".
//
// Null for a state that is not there: `live` of an object to create, `desired` of one to delete.
Preview PreviewApply(const Value& desired, const Value& live, const Value& last_applied,
                     const Options& options = {});

}  // namespace swell::diff
