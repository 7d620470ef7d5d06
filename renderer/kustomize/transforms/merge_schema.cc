#include "renderer/kustomize/transforms/merge_schema.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {
namespace {

using schema::FieldInfo;
using schema::Shape;
using schema::TypeSchema;

class Builtin final : public MergeSchema {
 public:
  const TypeSchema* Find(const GroupVersionKind& gvk) const override {
    return schema::FindKustomizeType(gvk);
  }
};

constexpr std::string_view kDefinitions = "#/definitions/";
// A chain of $refs longer than this is a loop.
constexpr int kMaxRefs = 64;
// Levels of schemas that are written in place.
constexpr int kMaxDepth = 256;

// One object schema: named by the document, or written in place.
class Type final : public TypeSchema {
 public:
  Type() {
    self_.shape = Shape::kObject;
    self_.type = this;
  }

  std::string_view name() const override { return ""; }
  const FieldInfo& self() const override { return self_; }
  const FieldInfo* Descend(std::string_view key) const override {
    auto it = std::ranges::lower_bound(fields_, key, {}, &Field::first);
    if (it != fields_.end() && it->first == key) return &it->second;
    return has_values_ ? &values_ : nullptr;
  }
  std::span<const std::pair<std::string, FieldInfo>> fields() const override { return fields_; }

  // In the order of names.
  void Add(std::string_view name, FieldInfo info) {
    fields_.emplace_back(std::string(name), std::move(info));
  }
  // What each value of a map is.
  void SetValues(FieldInfo info) {
    values_ = std::move(info);
    has_values_ = true;
  }

 private:
  using Field = std::pair<std::string, FieldInfo>;
  FieldInfo self_;
  std::vector<Field> fields_;
  FieldInfo values_;
  bool has_values_ = false;
};

class OpenApi final : public MergeSchema {
 public:
  OpenApi(const Value& document, BuiltinTypes builtin)
      : definitions_(document["definitions"]), builtin_(builtin) {}

  Status Read() {
    for (const Member& definition : definitions_.members()) {
      const Value& kinds = definition.value["x-kubernetes-group-version-kind"];
      for (const Value& kind : kinds.items()) {
        GroupVersionKind gvk{kind["group"].str(), kind["version"].str(), kind["kind"].str()};
        kinds_[std::move(gvk)] = TRY(TypeOf(definition.value, 0));
      }
    }
    return {};
  }

  const TypeSchema* Find(const GroupVersionKind& gvk) const override {
    const TypeSchema* built_in =
        builtin_ == BuiltinTypes::kNone ? nullptr : schema::FindKustomizeType(gvk);
    if (built_in && builtin_ == BuiltinTypes::kOver) return built_in;
    auto it = kinds_.find(gvk);
    return it == kinds_.end() ? built_in : it->second;
  }

 private:
  // What $refs lead to: a schema of the document, or a built-in type; neither where they lead
  // nowhere.
  struct Target {
    const Value* schema = nullptr;
    const TypeSchema* type = nullptr;
  };

  Target Resolved(const Value& schema) const {
    const Value* at = &schema;
    for (int i = 0; i < kMaxRefs; ++i) {
      const Value* ref = at->Find("$ref");
      if (!ref) return {.schema = at};
      if (!ref->as_string().starts_with(kDefinitions)) return {};
      const std::string_view name = ref->as_string().substr(kDefinitions.size());
      const Value* next = definitions_.Find(name);
      const bool built_in =
          builtin_ == BuiltinTypes::kOver || (builtin_ == BuiltinTypes::kUnder && next == nullptr);
      const TypeSchema* type = built_in ? schema::FindKustomizeDefinition(name) : nullptr;
      if (type) return {.type = type};
      if (!next) return {};
      at = next;
    }
    return {};
  }

  // One for each schema of the document, made before its fields so that types may name
  // themselves.
  Result<const Type*> TypeOf(const Value& schema, int depth) {
    if (depth > kMaxDepth) {
      return Fail(ResourceExhausted("schemas are nested deeper than 256 levels"));
    }
    auto [it, fresh] = types_.try_emplace(&schema);
    if (!fresh) return it->second.get();
    it->second = std::make_unique<Type>();
    Type& type = *it->second;
    for (const Member& property : schema["properties"].members()) {
      type.Add(property.name(), TRY(FieldOf(property.value, depth + 1)));
    }
    const Value& values = schema["additionalProperties"];
    if (values.is_object()) type.SetValues(TRY(FieldOf(values, depth + 1)));
    return &type;
  }

  static bool IsList(const Value& schema) {
    const Value& type = schema["type"];
    return type.as_string() == "array" ||
           (type.is_array() && type.size() == 1 && type[0].as_string() == "array");
  }

  Result<FieldInfo> FieldOf(const Value& written, int depth) {
    const Target target = Resolved(written);
    FieldInfo field;
    field.shape = Shape::kObject;
    field.type = target.type;
    if (!target.schema) return field;
    const Value& schema = *target.schema;
    if (IsList(schema)) {
      field.shape = Shape::kList;
      ReadMergeRule(schema, field);
    }
    const Target described = field.shape == Shape::kList ? Resolved(schema["items"]) : target;
    field.type = described.type;
    if (described.schema && described.schema->is_object()) {
      field.type = TRY(TypeOf(*described.schema, depth));
    }
    return field;
  }

  static void ReadMergeRule(const Value& schema, FieldInfo& field) {
    for (std::string_view strategy :
         Split(schema["x-kubernetes-patch-strategy"].as_string(), ',')) {
      field.merge = field.merge || strategy == "merge";
    }
    const Value& keys = schema["x-kubernetes-list-map-keys"];
    for (const Value& key : keys.items()) field.merge_keys.push_back(key.str());
    const Value* key = schema.Find("x-kubernetes-patch-merge-key");
    if (!keys.is_array() && key) field.merge_keys.push_back(key->str());
  }

  const Value definitions_;
  const BuiltinTypes builtin_;
  std::map<const Value*, std::unique_ptr<Type>> types_;
  std::map<GroupVersionKind, const TypeSchema*> kinds_;
};

}  // namespace

std::shared_ptr<const MergeSchema> BuiltinMergeSchema() {
  static const std::shared_ptr<const MergeSchema> schema = std::make_shared<Builtin>();
  return schema;
}

Result<std::shared_ptr<const MergeSchema>> ParseMergeSchema(std::string_view text,
                                                            const std::string& file,
                                                            BuiltinTypes builtin) {
  yaml::ParseOptions options;
  options.file = file;
  const Value document = TRY_WRAP(yaml::Parse(text, options), "invalid schema file");
  if (!document.is_object() || !document["definitions"].is_object()) {
    return Fail(InvalidArgument("invalid schema file: " + file +
                                " is no OpenAPI document with definitions"));
  }
  auto schema = std::make_shared<OpenApi>(document, builtin);
  TRY_WRAP(schema->Read(), "invalid schema file " + file);
  return schema;
}

}  // namespace swell::kustomize
