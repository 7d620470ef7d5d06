#pragma once
// --output: how data is printed.

#include <string>
#include <string_view>

#include "base/core/result.h"
#include "base/value/value.h"
#include "cli/output/terminal.h"

namespace swell::cli {

enum class Format { kTable, kJson, kYaml };

// "table", "json", "yaml"; kInvalidArgument for others.
Result<Format> ParseFormat(std::string_view text);

// The document as JSON (indented) or YAML. Requires a format other than kTable.
std::string PrintValue(const Value& value, Format format);

// A unified diff with removed lines red and added ones green, each indented by `indent`.
std::string PaintDiff(const Terminal& terminal, std::string_view unified, int indent);

}  // namespace swell::cli
