#include "renderer/funcs/sigs_yaml.h"

#include <charconv>

#include "base/value/yaml.h"

namespace swell::funcs {
namespace {

// Where the parser of base/value/yaml.h says "PROBLEM (CONTEXT from line N)".
struct Parts {
  std::string problem;
  std::string context;
  int context_line = 0;  // from 1; 0 for none
};

Parts Take(std::string_view message) {
  constexpr std::string_view kPrefix = "invalid YAML: ";
  constexpr std::string_view kFrom = " from line ";
  if (message.starts_with(kPrefix)) message.remove_prefix(kPrefix.size());
  Parts parts;
  const std::size_t from = message.rfind(kFrom);
  const std::size_t open = message.rfind(" (", from);
  if (from == std::string_view::npos || open == std::string_view::npos || !message.ends_with(')')) {
    parts.problem = message;
    return parts;
  }
  parts.problem = message.substr(0, open);
  parts.context = message.substr(open + 2, from - open - 2);
  const char* digits = message.data() + from + kFrom.size();
  std::from_chars(digits, message.data() + message.size() - 1, parts.context_line);
  return parts;
}

}  // namespace

std::string GoYamlMessage(const Error& error) {
  const Parts parts = Take(error.message());
  // go-yaml shows the context's line, from 0 where the parser complains and from 1 where the
  // scanner does, and no line at all for the first.
  const bool scanner = parts.context.starts_with("while scanning") ||
                       parts.problem.find("not allowed in this context") != std::string::npos;
  int line = parts.context_line - 1;
  if (line <= 0) line = error.span() ? error.span()->line - 1 : 0;
  std::string where;
  if (line > 0) where = "line " + std::to_string(scanner ? line + 1 : line) + ": ";
  if (parts.problem == "control characters are not allowed" ||
      parts.problem.starts_with("control characters are not allowed (")) {
    return "yaml: control characters are not allowed";
  }
  return "yaml: " + where + parts.problem;
}

Result<Value> ParseSigsYaml(std::string_view text, bool integers_as_float) {
  yaml::ParseOptions options;
  options.integers_as_float = integers_as_float;
  options.reject_duplicate_keys = false;
  options.first_document_only = true;
  auto documents = yaml::ParseAll(text, options);
  if (!documents) {
    // YAML's infinities and NaN have no form in JSON.
    const std::string& message = documents.error().message();
    for (const auto& [yaml, json] :
         {std::pair{".inf", "+Inf"}, {"-.inf", "-Inf"}, {".nan", "NaN"}}) {
      if (!message.starts_with(std::string("unsupported value: ") + yaml)) continue;
      return Fail(InvalidArgument(
          std::string("error converting YAML to JSON: json: unsupported value: ") + json));
    }
    return Fail(Error(documents.error().code(),
                      "error converting YAML to JSON: " + GoYamlMessage(documents.error())));
  }
  if (documents->empty()) return Value();
  return documents->front().value;
}

std::string_view GoJsonKind(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return "null";
    case Value::Type::kBool:
      return "bool";
    case Value::Type::kInt:
    case Value::Type::kFloat:
      return "number";
    case Value::Type::kString:
      return "string";
    case Value::Type::kArray:
      return "array";
    case Value::Type::kObject:
      return "object";
  }
  return "";
}

}  // namespace swell::funcs
