#include "renderer/kustomize/decode.h"

#include <algorithm>
#include <utility>

#include "base/core/strings.h"

namespace swell::kustomize {
namespace {

const char* JsonType(const Value& value) {
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
  return "value";
}

}  // namespace

Error WrongType(const Value& value, const std::string& where, std::string_view wanted) {
  return InvalidArgument("json: cannot unmarshal " + std::string(JsonType(value)) +
                         " into Go struct field " + where + " of type " + std::string(wanted));
}

Status ReadStruct(const Value& value, const std::string& type, const std::vector<FieldRule>& rules,
                  UnknownFields unknown) {
  if (value.is_null()) return {};
  if (!value.is_object()) {
    return Fail(InvalidArgument("json: cannot unmarshal " + std::string(JsonType(value)) +
                                " into Go value of type types." + type));
  }
  for (const Member& member : value.members()) {
    const std::string name = ToLower(member.name());
    auto rule =
        std::ranges::find_if(rules, [&](const FieldRule& r) { return ToLower(r.name) == name; });
    if (rule == rules.end()) {
      if (unknown == UnknownFields::kIgnore) continue;
      return Fail(InvalidArgument("json: unknown field " + Quote(member.name())));
    }
    if (member.value.is_null()) continue;
    TRY(rule->read(member.value, type + "." + std::string(rule->name)));
  }
  return {};
}

FieldReader Into(std::string& out) {
  return [&out](const Value& value, const std::string& where) -> Status {
    if (!value.is_string()) return Fail(WrongType(value, where, "string"));
    out = value.str();
    return {};
  };
}

FieldReader Into(std::optional<std::string>& out) {
  return [&out](const Value& value, const std::string& where) -> Status {
    if (!value.is_string()) return Fail(WrongType(value, where, "string"));
    out = value.str();
    return {};
  };
}

FieldReader Into(bool& out) {
  return [&out](const Value& value, const std::string& where) -> Status {
    if (!value.is_bool()) return Fail(WrongType(value, where, "bool"));
    out = value.as_bool();
    return {};
  };
}

FieldReader Into(std::int64_t& out) {
  return [&out](const Value& value, const std::string& where) -> Status {
    if (!value.is_int()) return Fail(WrongType(value, where, "int64"));
    out = value.as_int();
    return {};
  };
}

FieldReader Into(std::vector<std::string>& out) {
  return [&out](const Value& value, const std::string& where) -> Status {
    if (!value.is_array()) return Fail(WrongType(value, where, "[]string"));
    for (const Value& item : value.items()) {
      if (!item.is_string() && !item.is_null()) return Fail(WrongType(item, where, "string"));
      out.push_back(item.str());
    }
    return {};
  };
}

FieldReader Into(std::map<std::string, std::string>& out) {
  return [&out](const Value& value, const std::string& where) -> Status {
    if (!value.is_object()) return Fail(WrongType(value, where, "map[string]string"));
    for (const Member& member : value.members()) {
      if (!member.value.is_string() && !member.value.is_null()) {
        return Fail(WrongType(member.value, where, "string"));
      }
      out[std::string(member.name())] = member.value.str();
    }
    return {};
  };
}

FieldReader Into(Value& out) {
  return [&out](const Value& value, const std::string&) -> Status {
    out = value;
    return {};
  };
}

}  // namespace swell::kustomize
