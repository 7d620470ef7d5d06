#pragma once
// Numbers as Go reads and prints them.

#include <optional>
#include <string>
#include <string_view>

namespace swell {

// Decimal floating point ("1", "-2.5e3", ".5"); nothing where the whole text is no number or
// is too large. Too small becomes 0.
std::optional<double> ParseFloat(std::string_view text);

// As encoding/json prints a float64: plain between 1e-6 and 1e21, else "1e+21", "1e-7".
// Requires a finite number.
std::string FormatFloatJson(double number);
// Appends the same.
void AppendFloatJson(std::string& out, double number);
// As strconv.FormatFloat(number, 'g', -1, 64): plain for decimal exponents from -4 to 5, else
// "1e+06", "1e-07"; "NaN", "+Inf", "-Inf". What go-yaml and fmt's %v print.
std::string FormatFloatG(double number);
// The same with the shortest digits that tell 32-bit floats apart: FormatFloat(x, 'g', -1, 32).
std::string FormatFloat32G(float number);

}  // namespace swell
