#pragma once
// Numbers against thresholds, and how both are shown. Internal to reconciler/gates. Pure.

#include <string>

#include "reconciler/domain/gate_spec.h"

namespace swell::gates {

bool Holds(const Threshold& threshold, double value);

// How far the value is on the wrong side: of two values the one with more says more about why the
// threshold does not hold.
double Badness(const Threshold& threshold, double value);

// "0.002 < 0.01", "0.02 is not < 0.01". Six significant digits, or all where those would show the
// value as what it is compared with.
std::string Show(const Threshold& threshold, double value);
std::string ShowNumber(double value);

}  // namespace swell::gates
