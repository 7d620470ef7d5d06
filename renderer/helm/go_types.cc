#include "renderer/helm/go_types.h"

#include "base/value/number.h"

namespace swell::helm {

std::string GoTypeName(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return "nil";
    case Value::Type::kBool:
      return "bool";
    case Value::Type::kInt:
      return "int64";
    case Value::Type::kFloat:
      return "float64";
    case Value::Type::kString:
      return "string";
    case Value::Type::kArray:
      return "[]interface {}";
    case Value::Type::kObject:
      return "map[string]interface {}";
  }
  return "";
}

std::string GoPrint(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return "<nil>";
    case Value::Type::kBool:
      return value.as_bool() ? "true" : "false";
    case Value::Type::kInt:
      return std::to_string(value.as_int());
    case Value::Type::kFloat:
      return FormatFloatG(value.as_float());
    case Value::Type::kString:
      return value.str();
    case Value::Type::kArray: {
      std::string out = "[";
      for (const Value& item : value.items()) {
        if (out.size() > 1) out += ' ';
        out += GoPrint(item);
      }
      return out + "]";
    }
    case Value::Type::kObject: {
      std::string out = "map[";
      for (const Member& m : value.members()) {
        if (out.size() > 4) out += ' ';
        out += m.name();
        out += ':';
        out += GoPrint(m.value);
      }
      return out + "]";
    }
  }
  return "";
}

std::string GoBadBool(const Value& value) {
  if (value.is_bool()) return GoPrint(value);
  if (value.is_null()) return "%!t(<nil>)";
  // Inside lists fmt marks every element for itself.
  if (value.is_array()) {
    std::string out = "[";
    for (const Value& item : value.items()) {
      if (out.size() > 1) out += ' ';
      out += GoBadBool(item);
    }
    return out + "]";
  }
  return "%!t(" + GoTypeName(value) + "=" + GoPrint(value) + ")";
}

}  // namespace swell::helm
