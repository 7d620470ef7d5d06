#pragma once
// What a YAML scalar means: go-yaml's resolve.go for both of its generations. Internal to
// base/value.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/value/yaml.h"

namespace swell::yaml {

enum class ScalarKind : std::uint8_t { kString, kNull, kBool, kInt, kFloat, kTimestamp };

struct Scalar {
  ScalarKind kind = ScalarKind::kString;
  bool boolean = false;
  std::int64_t integer = 0;
  // kFloat, and kInt beyond int64 (then too_big is set).
  double number = 0;
  bool too_big = false;
  std::uint64_t unsigned_integer = 0;  // where too_big is set
};

// A plain scalar without a tag. NaN and infinities are kFloat.
Scalar ResolvePlain(std::string_view text, Schema schema);

// Whether no schema could read the plain scalar as anything but a string; quick.
bool IsSurelyString(std::string_view text);

// The value of a plain scalar without a tag; false where it is NaN or an infinity. `scalar` is
// what ResolvePlain says of the text.
bool PlainValue(const Scalar& scalar, std::string_view text, const ParseOptions& options,
                Value& out);
bool PlainValue(std::string_view text, const ParseOptions& options, Value& out);

// Turns a scalar into the string that it is as a mapping key; false for null and collections.
bool ToKey(Value& key);

// The RFC 3339 form of a YAML timestamp ("2020-1-2" -> "2020-01-02T00:00:00Z"), as go-yaml v3
// decodes and encoding/json prints it; nothing where the text is none.
std::optional<std::string> CanonicalTimestamp(std::string_view text);

// Whether YAML 1.1 would read the text as a base 60 number ("1:30"), which go-yaml quotes.
bool IsBase60(std::string_view text);

}  // namespace swell::yaml
