#include "renderer/schema/custom_types.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace swell::schema {
namespace {

constexpr int kMaxDepth = 100;

// What controller-gen writes for a resource.Quantity.
constexpr std::string_view kQuantityPattern =
    R"(^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?)"
    R"((([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$)";

// Patterns that let through durations as Go writes them and nothing else: Flux' toolkit, the
// Gateway API.
constexpr std::array<std::string_view, 3> kDurationPatterns = {
    R"(^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$)",
    R"(^([0-9]+(\.[0-9]+)?(s|m|h))+$)",
    R"(^([0-9]{1,5}(h|m|s|ms)){1,4}$)",
};

// Fields that are durations though their CRDs say nothing of it; their controllers write them anew.
bool IsKnownDuration(std::string_view name) {
  return name.starts_with("cert-manager.io.") &&
         (name.ends_with(".spec.duration") || name.ends_with(".spec.renewBefore"));
}

Scalar ScalarOf(const Value& schema, std::string_view name) {
  const std::string_view pattern = schema["pattern"].as_string();
  if (schema["x-kubernetes-int-or-string"].as_bool()) {
    return pattern == kQuantityPattern ? Scalar::kQuantity : Scalar::kIntOrString;
  }
  if (schema["type"].as_string() != "string") return Scalar::kOther;
  const std::string_view format = schema["format"].as_string();
  if (format == "byte") return Scalar::kBytes;
  if (format == "duration") return Scalar::kDuration;
  const bool duration = std::ranges::find(kDurationPatterns, pattern) != kDurationPatterns.end();
  return duration || IsKnownDuration(name) ? Scalar::kDuration : Scalar::kOther;
}

// A default with the defaults of what it contains filled in, as the API server does.
Value Completed(const Value& value, const Value& schema, int depth) {
  if (depth > kMaxDepth) return value;
  Value out = value;
  if (value.is_object()) {
    for (const Member& property : schema["properties"].members()) {
      const Value& held = value[property.name()];
      const Value& start = held.is_null() ? property.value["default"] : held;
      if (start.is_null()) continue;
      out = out.With(property.name(), Completed(start, property.value, depth + 1));
    }
  }
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      out = out.WithItem(i, Completed(value[i], schema["items"], depth + 1));
    }
  }
  return out;
}

bool HasFacts(const FieldInfo& info) {
  return info.shape != Shape::kOther || info.scalar != Scalar::kOther ||
         !info.default_value.is_null();
}

}  // namespace

class CrdTypes::Type final : public TypeSchema {
 public:
  explicit Type(std::string name) : name_(std::move(name)) {}

  std::string_view name() const override { return name_; }
  const FieldInfo& self() const override { return self_; }
  const FieldInfo* Descend(std::string_view key) const override {
    const auto found = std::ranges::lower_bound(fields_, key, {}, &Field::first);
    return found != fields_.end() && found->first == key ? &found->second : nullptr;
  }
  std::span<const std::pair<std::string, FieldInfo>> fields() const override { return fields_; }

  using Field = std::pair<std::string, FieldInfo>;
  std::string name_;
  FieldInfo self_;
  std::vector<Field> fields_;  // sorted: as the schema's members are
};

class CrdTypes::Reader {
 public:
  explicit Reader(std::vector<std::unique_ptr<Type>>& types) : types_(types) {}

  // Nothing where the schema is too large.
  FieldInfo Read(const Value& schema, const std::string& name, int depth) {
    FieldInfo info;
    if (++fields_ > kMaxFields || depth > kMaxDepth) return info;
    info.default_value = Completed(schema["default"], schema, 0);
    info.scalar = ScalarOf(schema, name);
    const std::string_view type = schema["type"].as_string();
    const Value& additional = schema["additionalProperties"];
    info.atomic_map = schema["x-kubernetes-map-type"].as_string() == "atomic";
    if (type == "array") {
      ReadList(schema, info, name, depth);
    } else if (schema["properties"].is_object()) {
      ReadObject(schema, info, name, depth);
    } else if (additional.is_object()) {
      info.shape = Shape::kMap;
      info.type = Wrapped(Read(additional, name, depth + 1), name);
    } else if (type == "object") {
      // Nothing is said of what it holds.
      info.shape =
          schema["x-kubernetes-preserve-unknown-fields"].as_bool() ? Shape::kOther : Shape::kMap;
    }
    return info;
  }

  bool exhausted() const { return fields_ > kMaxFields; }

 private:
  void ReadList(const Value& schema, FieldInfo& info, const std::string& name, int depth) {
    info.shape = Shape::kList;
    const std::string_view list = schema["x-kubernetes-list-type"].as_string();
    if (list == "set") info.list_type = ListType::kSet;
    if (list == "map") {
      info.list_type = ListType::kMap;
      for (const Value& key : schema["x-kubernetes-list-map-keys"].items()) {
        info.list_keys.push_back(key.str());
      }
      std::ranges::sort(info.list_keys);
    }
    info.type = Wrapped(Read(schema["items"], name, depth + 1), name);
  }

  void ReadObject(const Value& schema, FieldInfo& info, const std::string& name, int depth) {
    info.shape = Shape::kObject;
    Type& type = *types_.emplace_back(std::make_unique<Type>(name));
    info.type = &type;
    std::vector<Type::Field> fields;
    for (const Member& property : schema["properties"].members()) {
      const std::string field(property.name());
      FieldInfo child = Read(property.value, name + "." + field, depth + 1);
      if (HasFacts(child)) fields.emplace_back(field, std::move(child));
    }
    type.fields_ = std::move(fields);
    type.self_ = info;
  }

  // A type to hang the facts about items or values on; nullptr where there are none.
  const TypeSchema* Wrapped(FieldInfo info, const std::string& name) {
    if (info.shape == Shape::kObject) return info.type;
    if (!HasFacts(info)) return nullptr;
    Type& type = *types_.emplace_back(std::make_unique<Type>(name));
    type.self_ = std::move(info);
    return &type;
  }

  std::vector<std::unique_ptr<Type>>& types_;
  std::size_t fields_ = 0;
};

CrdTypes::CrdTypes() = default;
CrdTypes::~CrdTypes() = default;

Result<std::shared_ptr<const CrdTypes>> CrdTypes::Read(const Value& crd) {
  const Value& spec = crd["spec"];
  const std::string group = spec["group"].str();
  const std::string kind = spec["names"]["kind"].str();
  const std::string name = "CustomResourceDefinition " + crd["metadata"]["name"].str();
  if (group.empty() || kind.empty()) {
    return Fail(InvalidArgument(name + ": spec.group and spec.names.kind must be given"));
  }
  std::shared_ptr<CrdTypes> out(new CrdTypes);
  Reader reader(out->types_);
  const auto add = [&](const std::string& version, const Value& schema) {
    if (version.empty() || !schema.is_object()) return;
    const std::string type = group + "." + version + "." + kind;
    const FieldInfo root = reader.Read(schema, type, 0);
    if (root.shape == Shape::kObject) out->kinds_[{group, version, kind}] = root.type;
  };
  // v1beta1 may have one schema for all versions, and one version outside the list.
  const Value& common = spec["validation"]["openAPIV3Schema"];
  add(spec["version"].str(), common);
  for (const Value& version : spec["versions"].items()) {
    const Value& own = version["schema"]["openAPIV3Schema"];
    add(version["name"].str(), own.is_object() ? own : common);
  }
  if (reader.exhausted()) {
    return Fail(ResourceExhausted(name + " has more than " + std::to_string(kMaxFields) +
                                  " fields (budget schema fields)"));
  }
  return out;
}

bool IsCrd(const Value& object) {
  return object["kind"].as_string() == "CustomResourceDefinition" &&
         object["apiVersion"].as_string().starts_with("apiextensions.k8s.io/");
}

void CustomTypes::Add(std::shared_ptr<const CrdTypes> crd) {
  for (const auto& [gvk, type] : crd->kinds()) kinds_.emplace(gvk, type);
  crds_.push_back(std::move(crd));
}

const TypeSchema* CustomTypes::Find(const GroupVersionKind& gvk) const {
  const auto found = kinds_.find(gvk);
  return found == kinds_.end() ? nullptr : found->second;
}

}  // namespace swell::schema
