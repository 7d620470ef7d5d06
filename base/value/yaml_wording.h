#pragma once
// How the libyaml reader words what it refuses. Internal to base/value.

#include <yaml.h>

#include <string>
#include <string_view>

#include "base/core/error.h"
#include "base/value/value.h"
#include "base/value/yaml.h"

namespace swell::yaml {

// The place of a byte of `text`.
SourceSpan SpanAt(std::string_view text, std::size_t offset, const std::string& file);

// A complaint of the scanner's that libyaml itself does not make.
Error ScannerError(const yaml_mark_t& mark, const char* problem, const ParseOptions& options);

// What a parser that failed over `text` has to say, with its place.
Error SyntaxError(const yaml_parser_t& parser, std::string_view text, const ParseOptions& options);

// Go's %#v of what go-yaml v2 decodes into an interface{}:
// map[interface {}]interface {}{"a":interface {}(nil)}. Keys are always shown as strings,
// and what is long is cut.
std::string GoSyntax(const Value& value);

}  // namespace swell::yaml
