#pragma once
// Strings in the four styles of YAML scalars, as go-yaml's emitter writes them. Internal to
// base/value.

#include <cstddef>
#include <limits>
#include <string_view>

#include "base/value/yaml_output.h"
#include "base/value/yaml_shape.h"

namespace swell::yaml {

inline constexpr std::size_t kNoFolding = std::numeric_limits<std::size_t>::max();

// Where a scalar stands.
struct Place {
  std::size_t line_start = 0;  // where the line that it starts on starts in the output
  std::size_t indent = 0;      // of the lines that it goes on in
  // Lines are broken at a blank that stands beyond this column. kNoFolding for keys in front
  // of a ':' and for all of go-yaml v3.
  std::size_t width = 80;
};

// Appends the text, which may stand in this style by ShapeOf. Requires valid UTF-8.
void AppendScalar(Output& out, std::string_view text, ByteKinds kinds, Style style,
                  const Place& place);

// Whether the text ends with one of YAML 1.1's line breaks.
bool EndsWithBreak(std::string_view text);

}  // namespace swell::yaml
