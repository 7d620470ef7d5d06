#include "renderer/kustomize/transforms/origin.h"

#include <utility>
#include <vector>

#include "base/value/yaml.h"

namespace swell::kustomize {
namespace {

struct Line {
  std::string_view key;
  const std::string* text;
};

void AddLines(std::string& yaml, const std::vector<Line>& lines, std::string_view indent) {
  for (const auto& [key, text] : lines) {
    if (text->empty()) continue;
    yaml += indent;
    yaml += key;
    yaml += ": ";
    yaml += yaml::Write(Value(*text));  // ends the line
  }
}

// In the order of kustomize's structures, which is not that of names.
std::string ToYaml(const Origin& origin) {
  std::string yaml;
  AddLines(yaml,
           {{"path", &origin.path},
            {"repo", &origin.repo},
            {"ref", &origin.ref},
            {"configuredIn", &origin.configured_in}},
           "");
  std::string by;
  AddLines(by,
           {{"apiVersion", &origin.api_version},
            {"kind", &origin.kind},
            {"name", &origin.name},
            {"namespace", &origin.ns}},
           "  ");
  if (!by.empty()) yaml += "configuredBy:\n" + by;
  return yaml;
}

// The text as an item of a list.
std::string AsItem(std::string_view yaml) {
  std::string item;
  while (!yaml.empty()) {
    const std::size_t end = yaml.find('\n') + 1;
    item += item.empty() ? "- " : "  ";
    item += yaml.substr(0, end);
    yaml.remove_prefix(end);
  }
  return item;
}

Value WithAnnotation(const Value& object, std::string_view key, std::string text) {
  const Value& metadata = object["metadata"];
  const Value* annotations = metadata.Find("annotations");
  const Value before =
      annotations && annotations->is_object() ? *annotations : Value::EmptyObject();
  return object.With("metadata",
                     metadata.With("annotations", before.With(key, Value(std::move(text)))));
}

}  // namespace

Origin Origin::Below(std::string_view below) const {
  Origin origin = *this;
  // As Go's filepath.Join: "." and ".." are taken out, wherever that leads.
  std::vector<std::string_view> parts;
  const std::string joined = path + "/" + std::string(below);
  for (std::size_t start = 0; start <= joined.size();) {
    const std::size_t end = std::min(joined.find('/', start), joined.size());
    const std::string_view part = std::string_view(joined).substr(start, end - start);
    start = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string clean;
  for (std::string_view part : parts) {
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  origin.path = std::move(clean);
  return origin;
}

Value WithOrigin(const Value& object, const Origin& origin) {
  return WithAnnotation(object, kOriginKey, ToYaml(origin));
}

Value WithoutAnnotation(const Value& object, std::string_view key) {
  const Value& annotations = object["metadata"]["annotations"];
  if (!annotations.Has(key)) return object;
  const Value rest = annotations.Without(key);
  const Value& metadata = object["metadata"];
  return object.With("metadata", rest.empty() ? metadata.Without("annotations")
                                              : metadata.With("annotations", rest));
}

Status AddOrigin(ResourceMap& map, const Origin& origin) {
  for (std::size_t i = 0; i < map.size(); ++i) {
    const Value& object = map.at(i).value();
    if (object["metadata"]["annotations"].Has(kOriginKey)) continue;
    TRY(map.SetValue(i, WithOrigin(object, origin)));
  }
  return {};
}

Status AddTransformation(ResourceMap& map, const Origin& by) {
  const std::string item = AsItem(ToYaml(by));
  for (std::size_t i = 0; i < map.size(); ++i) {
    const Value& object = map.at(i).value();
    const Value& annotations = object["metadata"]["annotations"];
    if (!annotations.Has(kOriginKey)) {
      TRY(map.SetValue(i, WithOrigin(object, by)));
      continue;
    }
    TRY(map.SetValue(i, WithAnnotation(object, kTransformationsKey,
                                       annotations[kTransformationsKey].str() + item)));
  }
  return {};
}

}  // namespace swell::kustomize
