#include "base/value/yaml_wording.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/core/strings.h"
#include "base/value/number.h"

namespace swell::yaml {
namespace {

SourceSpan SpanOf(const yaml_mark_t& mark, const std::string& file) {
  return {file, static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1};
}

// go-yaml's parser.fail: lines count from 0, but from 1 where the scanner complains, and line 0
// gives way to that of the context.
std::string GoWords(const yaml_parser_t& parser, std::string_view problem) {
  std::string where;
  std::size_t line = parser.context_mark.line;
  if (parser.problem_mark.line != 0) {
    line = parser.problem_mark.line + (parser.error == YAML_SCANNER_ERROR ? 1 : 0);
  }
  const bool reading = parser.error == YAML_READER_ERROR;
  if (line != 0 && !reading) where = "line " + std::to_string(line) + ": ";
  return "yaml: " + where + std::string(problem);
}

std::string OurWords(const yaml_parser_t& parser, std::string_view problem) {
  std::string words = "invalid YAML: " + std::string(problem);
  if (parser.error == YAML_READER_ERROR && parser.problem_value != -1) {
    char value[24];
    std::snprintf(value, sizeof value, " (#x%X)", static_cast<unsigned>(parser.problem_value));
    words += value;
  }
  if (parser.context) {
    words += std::string(" (") + parser.context + " from line " +
             std::to_string(parser.context_mark.line + 1) + ")";
  }
  return words;
}

std::string GoNumber(double number) {
  // Helm's integers are read as floats, but not by go-yaml.
  const bool whole = number == std::trunc(number) && std::fabs(number) < 9e18;
  return whole ? std::to_string(static_cast<std::int64_t>(number)) : FormatFloatG(number);
}

// Aliases can make a short text's value endless.
constexpr std::size_t kMaxShownBytes = 4096;

void Append(std::string& out, const Value& value) {
  auto next = [&out, first = true]() mutable {
    if (!first) out += ", ";
    first = false;
    return out.size() < kMaxShownBytes;
  };
  switch (value.type()) {
    case Value::Type::kNull:
      out += "interface {}(nil)";
      break;
    case Value::Type::kBool:
      out += value.as_bool() ? "true" : "false";
      break;
    case Value::Type::kInt:
      out += std::to_string(value.as_int());
      break;
    case Value::Type::kFloat:
      out += GoNumber(value.as_float());
      break;
    case Value::Type::kString:
      out += Quote(value.as_string().substr(0, kMaxShownBytes));
      break;
    case Value::Type::kArray:
      out += "[]interface {}{";
      for (const Value& item : value.items()) {
        if (!next()) break;
        Append(out, item);
      }
      out += '}';
      break;
    case Value::Type::kObject:
      out += "map[interface {}]interface {}{";
      for (const Member& member : value.members()) {
        if (!next()) break;
        out += Quote(member.name().substr(0, kMaxShownBytes)) + ":";
        Append(out, member.value);
      }
      out += '}';
      break;
  }
}

}  // namespace

SourceSpan SpanAt(std::string_view text, std::size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {file, static_cast<int>(lines) + 1, static_cast<int>(before.size() - line_start) + 1};
}

Error SyntaxError(const yaml_parser_t& parser, std::string_view text, const ParseOptions& options) {
  if (parser.error == YAML_MEMORY_ERROR) return ResourceExhausted("no memory to parse YAML");
  const char* const problem = parser.problem ? parser.problem : "unknown problem parsing YAML";
  const bool reading = parser.error == YAML_READER_ERROR;
  return InvalidArgument(options.wording == Wording::kGoYaml ? GoWords(parser, problem)
                                                             : OurWords(parser, problem))
      // libyaml reads ahead, so bad bytes are found by their offset, not by its mark.
      .At(reading ? SpanAt(text, parser.problem_offset, options.file)
                  : SpanOf(parser.problem_mark, options.file));
}

Error ScannerError(const yaml_mark_t& mark, const char* problem, const ParseOptions& options) {
  yaml_parser_t parser{};
  parser.error = YAML_SCANNER_ERROR;
  parser.problem_mark = mark;
  return InvalidArgument(options.wording == Wording::kGoYaml ? GoWords(parser, problem)
                                                             : OurWords(parser, problem))
      .At(SpanOf(mark, options.file));
}

std::string GoSyntax(const Value& value) {
  std::string out;
  Append(out, value);
  return out;
}

}  // namespace swell::yaml
