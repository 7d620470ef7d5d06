#include "renderer/kustomize/crd_config.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/core/strings.h"
#include "base/value/yaml.h"

namespace swell::kustomize {
namespace {

// Types that refer to one another are followed this deep; kustomize itself would not end.
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxSpecs = 100'000;

// A field of a structure that Go's encoding/json reads: without regard to case.
const Value& FieldOf(const Value& object, std::string_view name) {
  static const Value kNone;
  for (const Member& member : object.members()) {
    if (ToLower(member.name()) == ToLower(name)) return member.value;
  }
  return kNone;
}

class CrdReader {
 public:
  CrdReader(const Value& types, Budget& budget) : types_(types), budget_(budget) {}

  Result<TransformerConfig> Read() {
    for (const Member& type : types_.members()) {
      const Value& properties = FieldOf(type.value, "Schema")["properties"];
      if (!properties.Has("kind") || !properties.Has("apiVersion") || !properties.Has("metadata")) {
        continue;
      }
      const std::string_view name = type.name();
      kind_ = {};
      kind_.kind = name.substr(name.rfind('.') + 1);
      TRY(ReadType(name, ""));
    }
    return std::move(config_);
  }

 private:
  FieldSpec SpecAt(std::string path) const { return {kind_, std::move(path), false}; }

  Status ReadType(std::string_view name, const std::string& path) {
    if (++depth_ > kMaxDepth) {
      return Fail(ResourceExhausted("types refer to one another more than 64 levels deep, at " +
                                    std::string(name)));
    }
    const Value* type = types_.Find(name);
    if (type) {
      const Value& properties = FieldOf(*type, "Schema")["properties"];
      for (const Member& property : properties.members()) {
        TRY(ReadProperty(property.value,
                         (path.empty() ? "" : path + "/") + std::string(property.name())));
      }
    }
    --depth_;
    return {};
  }

  Status ReadProperty(const Value& property, const std::string& path) {
    TRY(budget_.Spend(1 + path.size() / 32));
    if (++specs_ > kMaxSpecs) {
      return Fail(ResourceExhausted("more than 100000 fields of custom kinds"));
    }
    const FieldSpec spec = SpecAt(path);
    if (property["x-kubernetes-annotation"].is_string()) {
      TRY(MergeFieldSpecs(config_.common_annotations, {&spec, 1}, budget_));
    }
    if (property["x-kubernetes-label-selector"].is_string()) {
      TRY(MergeFieldSpecs(config_.common_labels, {&spec, 1}, budget_));
    }
    if (property["x-kubernetes-identity"].is_string()) {
      TRY(MergeFieldSpecs(config_.name_prefix, {&spec, 1}, budget_));
    }
    TRY(ReadReference(property, path));
    const Value& ref = property["$ref"];
    return ref.is_string() ? ReadType(ref.as_string(), path) : Status();
  }

  Status ReadReference(const Value& property, const std::string& path) {
    const Value& version = property["x-kubernetes-object-ref-api-version"];
    const Value& kind = property["x-kubernetes-object-ref-kind"];
    if (!version.is_string() || !kind.is_string()) return {};
    const Value& key = property["x-kubernetes-object-ref-name-key"];
    TransformerConfig more;
    more.name_references.push_back({GroupVersionKind{"", version.str(), kind.str()},
                                    {SpecAt(path + "/" + (key.is_string() ? key.str() : "name"))}});
    return MergeConfig(config_, more, budget_);
  }

  const Value& types_;
  Budget& budget_;
  GroupVersionKind kind_;
  TransformerConfig config_;
  std::size_t depth_ = 0;
  std::size_t specs_ = 0;
};

}  // namespace

Result<TransformerConfig> ParseCrdConfig(std::string_view text, const std::string& file,
                                         Budget& budget) {
  yaml::ParseOptions options;
  options.file = file;
  const Value types = TRY_WRAP(yaml::Parse(text, options),
                               "unable to parse open API definition from '" + file + "'");
  if (!types.is_object()) {
    return Fail(InvalidArgument("unable to parse open API definition from '" + file +
                                "': it is no object of types"));
  }
  return TRY_WRAP(CrdReader(types, budget).Read(), "unable to read the types of '" + file + "'");
}

}  // namespace swell::kustomize
