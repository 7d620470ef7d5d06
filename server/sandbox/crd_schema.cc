#include "server/sandbox/crd_schema.h"

#include <algorithm>
#include <cmath>

#include "base/core/strings.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {
namespace {

using schema::FieldInfo;
using schema::ListType;
using schema::Shape;

constexpr int kMaxDepth = 128;  // of a document below its schema

bool KeepsUnknown(const Value& open_api) {
  return open_api["x-kubernetes-preserve-unknown-fields"].as_bool() ||
         open_api["x-kubernetes-embedded-resource"].as_bool();
}

Value Prune(const Value& value, const Value& open_api, int depth) {
  if (depth > kMaxDepth) return value;
  if (value.is_array()) {
    Value list = value;
    for (std::size_t i = 0; i < value.size(); ++i) {
      Value item = Prune(value[i], open_api["items"], depth + 1);
      if (!(item == value[i])) list = list.WithItem(i, std::move(item));
    }
    return list;
  }
  if (!value.is_object()) return value;
  const Value& properties = open_api["properties"];
  const Value& additional = open_api["additionalProperties"];
  Value kept = value;
  for (const Member& member : value.members()) {
    const Value* property = properties.Find(member.name());
    if (property == nullptr && additional.is_object()) property = &additional;
    if (property == nullptr) {
      if (!KeepsUnknown(open_api) && !additional.as_bool()) kept = kept.Without(member.name());
      continue;
    }
    Value child = Prune(member.value, *property, depth + 1);
    if (!(child == member.value)) kept = kept.With(member.name(), std::move(child));
  }
  return kept;
}

bool HasType(const Value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "number") return value.is_number();
  if (type == "integer") {
    return value.is_int() || (value.is_float() && value.as_float() == std::floor(value.as_float()));
  }
  return true;
}

std::string_view TypeName(const Value& value) {
  switch (value.type()) {
    case Value::Type::kNull:
      return "null";
    case Value::Type::kBool:
      return "boolean";
    case Value::Type::kInt:
      return "integer";
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

class Validator {
 public:
  std::vector<Cause> causes;

  void Check(const Value& value, const Value& open_api, const std::string& path, int depth) {
    if (depth > kMaxDepth || causes.size() > 50) return;
    if (value.is_null() && open_api["nullable"].as_bool()) return;
    if (!CheckType(value, open_api, path)) return;
    CheckScalar(value, open_api, path);
    for (const Value& name : open_api["required"].items()) {
      if (value.is_object() && !value.Has(name.as_string())) {
        causes.push_back(errors::Required(Below(path, name.as_string()), ""));
      }
    }
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
      Check(value[i], open_api["items"], path + "[" + std::to_string(i) + "]", depth + 1);
    }
    for (const Member& member : value.members()) {
      const Value* property = open_api["properties"].Find(member.name());
      if (property == nullptr) property = open_api.Find("additionalProperties");
      if (property != nullptr && property->is_object()) {
        Check(member.value, *property, Below(path, member.name()), depth + 1);
      }
    }
  }

 private:
  static std::string Below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }

  bool CheckType(const Value& value, const Value& open_api, const std::string& path) {
    if (open_api["x-kubernetes-int-or-string"].as_bool()) return true;
    const std::string_view type = open_api["type"].as_string();
    if (type.empty() || HasType(value, type)) return true;
    causes.push_back({"FieldValueTypeInvalid",
                      "Invalid value: " + Quote(TypeName(value)) + ": " + path +
                          " in body must be of type " + std::string(type) + ": " +
                          Quote(TypeName(value)),
                      path});
    return false;
  }

  void CheckScalar(const Value& value, const Value& open_api, const std::string& path) {
    const auto& allowed = open_api["enum"];
    if (allowed.is_array() && std::none_of(allowed.items().begin(), allowed.items().end(),
                                           [&](const Value& one) { return one == value; })) {
      std::vector<std::string> names;
      for (const Value& one : allowed.items()) names.push_back(one.str());
      causes.push_back(errors::Unsupported(path, value, names));
    }
    const auto limit = [&](const char* key, auto holds, const std::string& words) {
      const Value* bound = open_api.Find(key);
      if (bound == nullptr || holds(bound->as_float())) return;
      causes.push_back(errors::InvalidValue(path, value, path + " in body should " + words));
    };
    if (value.is_number()) {
      const double number = value.as_float();
      limit(
          "minimum", [&](double low) { return number >= low; },
          "be greater than or equal to " + Number(open_api["minimum"]));
      limit(
          "maximum", [&](double high) { return number <= high; },
          "be less than or equal to " + Number(open_api["maximum"]));
    }
    if (value.is_string()) {
      const auto length = static_cast<double>(value.as_string().size());
      limit(
          "minLength", [&](double low) { return length >= low; },
          "be at least " + Number(open_api["minLength"]) + " chars long");
      limit(
          "maxLength", [&](double high) { return length <= high; },
          "be at most " + Number(open_api["maxLength"]) + " chars long");
    }
    if (value.is_array()) {
      const auto length = static_cast<double>(value.size());
      limit(
          "minItems", [&](double low) { return length >= low; },
          "have at least " + Number(open_api["minItems"]) + " items");
      limit(
          "maxItems", [&](double high) { return length <= high; },
          "have at most " + Number(open_api["maxItems"]) + " items");
    }
  }

  static std::string Number(const Value& bound) { return std::to_string(bound.as_int()); }
};

const FieldInfo& MetadataInfo() {
  static const FieldInfo info = [] {
    const schema::TypeSchema* type = schema::FindType({"", "v1", "ConfigMap"});
    const FieldInfo* found = type == nullptr ? nullptr : type->Descend("metadata");
    return found == nullptr ? FieldInfo() : *found;
  }();
  return info;
}

}  // namespace

class CrdSchema::Type final : public schema::TypeSchema {
 public:
  std::string_view name() const override { return "custom"; }
  const FieldInfo& self() const override { return self_; }
  const FieldInfo* Descend(std::string_view key) const override {
    const auto found = std::ranges::lower_bound(fields_, key, {}, &Entry::first);
    return found != fields_.end() && found->first == key ? &found->second : nullptr;
  }
  std::span<const std::pair<std::string, FieldInfo>> fields() const override { return fields_; }

  using Entry = std::pair<std::string, FieldInfo>;
  FieldInfo self_;
  std::vector<Entry> fields_;
};

FieldInfo CrdSchema::InfoOf(const Value& open_api, std::vector<std::shared_ptr<Type>>& own) {
  FieldInfo info;
  info.default_value = open_api["default"];
  const std::string_view type = open_api["type"].as_string();
  const Value& additional = open_api["additionalProperties"];
  if (type == "array") {
    info.shape = Shape::kList;
    const std::string_view list = open_api["x-kubernetes-list-type"].as_string();
    info.list_type = list == "map"   ? ListType::kMap
                     : list == "set" ? ListType::kSet
                                     : ListType::kAtomic;
    for (const Value& key : open_api["x-kubernetes-list-map-keys"].items()) {
      info.list_keys.push_back(key.str());
    }
    const FieldInfo item = InfoOf(open_api["items"], own);
    if (item.shape == Shape::kObject) info.type = item.type;
  } else if (additional.is_object()) {
    info.shape = Shape::kMap;
    const FieldInfo item = InfoOf(additional, own);
    if (item.shape == Shape::kObject) info.type = item.type;
  } else if (type == "object" || open_api.Has("properties")) {
    info.shape = Shape::kObject;
    auto fields = std::make_shared<Type>();
    own.push_back(fields);
    for (const Member& property : open_api["properties"].members()) {
      fields->fields_.emplace_back(property.name(), InfoOf(property.value, own));
    }
    info.type = fields.get();
    fields->self_ = info;
  }
  info.atomic_map = open_api["x-kubernetes-map-type"].as_string() == "atomic";
  return info;
}

CrdSchema::CrdSchema(const Value& open_api) : schema_(open_api) {
  root_ = InfoOf(open_api, types_);
  root_.shape = Shape::kObject;
  root_.default_value = Value();
  auto top = std::make_shared<Type>();
  if (root_.type != nullptr) {
    top->fields_.assign(root_.type->fields().begin(), root_.type->fields().end());
  }
  std::erase_if(top->fields_, [](const auto& field) { return field.first == "metadata"; });
  top->fields_.emplace_back("metadata", MetadataInfo());
  std::ranges::sort(top->fields_, {}, &Type::Entry::first);
  root_.type = top.get();
  top->self_ = root_;
  types_.push_back(std::move(top));
}

CrdSchema::~CrdSchema() = default;

const FieldInfo& CrdSchema::root() const { return root_; }

Value CrdSchema::Pruned(const Value& object) const {
  if (!schema_.is_object()) return object;
  Value pruned = Prune(object, schema_, 0);
  for (const char* key : {"apiVersion", "kind", "metadata"}) {
    if (const Value* kept = object.Find(key)) pruned = pruned.With(key, *kept);
  }
  return pruned;
}

std::vector<Cause> CrdSchema::Validate(const Value& object) const {
  Validator validator;
  validator.Check(object.Without("metadata"), schema_.WithoutAt({"properties", "metadata"}), "", 0);
  return std::move(validator.causes);
}

}  // namespace swell::sandbox
