#include "renderer/helm/go_decode.h"

#include <charconv>

#include "base/core/strings.h"
#include "base/value/number.h"
#include "renderer/funcs/sigs_yaml.h"

namespace swell::helm {
namespace {

// strconv.FormatFloat(f, 'g', -1, 32): what a YAML float becomes in a string field.
std::string FormatFloat32(double number) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(number));
  double shortest = number;
  std::from_chars(buffer, end.ptr, shortest);
  return FormatFloatG(shortest);
}

constexpr std::string_view kDecoding = "error unmarshaling JSON: while decoding JSON: ";

}  // namespace

Result<GoStruct> GoStruct::Parse(std::string_view yaml, std::string name, std::string type) {
  return Of(TRY(funcs::ParseSigsYaml(yaml, false)), std::move(name), std::move(type));
}

Result<GoStruct> GoStruct::Of(const Value& value, std::string name, std::string type) {
  if (!value.is_object() && !value.is_null()) {
    return Fail(InvalidArgument(std::string(kDecoding) + "json: cannot unmarshal " +
                                std::string(funcs::GoJsonKind(value)) + " into Go value of type " +
                                type));
  }
  GoStruct out;
  out.value_ = value;
  out.name_ = std::move(name);
  return out;
}

Result<GoStruct> GoStruct::Nested(std::string_view field, std::string_view type,
                                  const Value& value) const {
  if (!value.is_object() && !value.is_null()) return Fail(Mismatch(value, field, type));
  GoStruct out;
  out.value_ = value;
  out.name_ = name_;
  out.path_ = path_ + std::string(field) + ".";
  return out;
}

const Value& GoStruct::Find(std::string_view field) const {
  if (const Value* exact = value_.Find(field)) return *exact;
  const std::string lower = ToLower(field);
  for (const Member& m : value_.members()) {
    if (m.name().size() == field.size() && ToLower(m.name()) == lower) return m.value;
  }
  static const Value kNull;
  return kNull;
}

Error GoStruct::Mismatch(const Value& value, std::string_view field, std::string_view type) const {
  return InvalidArgument(std::string(kDecoding) + "json: cannot unmarshal " +
                         std::string(funcs::GoJsonKind(value)) + " into Go struct field " + name_ +
                         "." + path_ + std::string(field) + " of type " + std::string(type));
}

Result<std::string> GoStruct::ScalarText(const Value& value, std::string_view field) const {
  switch (value.type()) {
    case Value::Type::kNull:
      return std::string();
    case Value::Type::kBool:
      return std::string(value.as_bool() ? "true" : "false");
    case Value::Type::kInt:
      return std::to_string(value.as_int());
    case Value::Type::kFloat:
      return FormatFloat32(value.as_float());
    case Value::Type::kString:
      return value.str();
    default:
      return Fail(Mismatch(value, field, "string"));
  }
}

Status GoStruct::Read(std::string_view field, std::string& out) const {
  const Value& value = Find(field);
  if (!value.is_null()) out = TRY(ScalarText(value, field));
  return {};
}

Status GoStruct::Read(std::string_view field, bool& out) const {
  const Value& value = Find(field);
  if (value.is_null()) return {};
  if (!value.is_bool()) return Fail(Mismatch(value, field, "bool"));
  out = value.as_bool();
  return {};
}

Status GoStruct::Read(std::string_view field, std::vector<std::string>& out) const {
  const Value& value = Find(field);
  if (value.is_null()) return {};
  if (!value.is_array()) return Fail(Mismatch(value, field, "[]string"));
  out.clear();
  for (const Value& item : value.items()) out.push_back(TRY(ScalarText(item, field)));
  return {};
}

Status GoStruct::Read(std::string_view field, std::map<std::string, std::string>& out) const {
  const Value& value = Find(field);
  if (value.is_null()) return {};
  if (!value.is_object()) return Fail(Mismatch(value, field, "map[string]string"));
  for (const Member& m : value.members()) {
    out[std::string(m.name())] = TRY(ScalarText(m.value, field));
  }
  return {};
}

Result<std::vector<Value>> GoStruct::Items(std::string_view field) const {
  const Value& value = Find(field);
  if (value.is_null()) return std::vector<Value>();
  if (!value.is_array()) return Fail(Mismatch(value, field, "[]*v2." + std::string(field)));
  return std::vector<Value>(value.items().begin(), value.items().end());
}

}  // namespace swell::helm
