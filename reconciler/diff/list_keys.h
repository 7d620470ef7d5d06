#pragma once

#include "base/value/value.h"

namespace swell::diff {

// The object with the keys of keyed lists filled in where they are left to their default (the
// protocol of a port). API servers before 1.23 refuse a server-side apply that leaves one out:
// "associative list with keys has an element that omits key field". Quantities that are numbers
// become strings: the same servers refuse those, too ("expected string").
Value WithListKeys(const Value& object);

}  // namespace swell::diff
