#include "renderer/funcs/sigs_yaml.h"

#include "base/value/yaml.h"

namespace swell::funcs {
Result<Value> ParseSigsYaml(std::string_view text, bool integers_as_float) {
  yaml::ParseOptions options;
  options.integers_as_float = integers_as_float;
  options.reject_duplicate_keys = false;
  options.first_document_only = true;
  options.wording = yaml::Wording::kGoYaml;
  auto documents = yaml::ParseAll(text, options);
  if (!documents) {
    return Fail(Error(documents.error().code(),
                      "error converting YAML to JSON: " + documents.error().message()));
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
