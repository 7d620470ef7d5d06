#pragma once

#include <string>

#include "base/value/value.h"

namespace swell::apply {

// A LabelSelector as the query parameter labelSelector wants it: "app=web,tier in (a,b),!old".
std::string SelectorText(const Value& selector);

}  // namespace swell::apply
