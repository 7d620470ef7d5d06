#include "renderer/kustomize/resource_reader.h"

#include <re2/re2.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {
namespace {

// That an object may bring along in kustomize's own annotations.
constexpr std::size_t kMaxPreviousIds = 1'000;

// As Go prints a map[string]string.
std::string GoMap(const Value& map) {
  std::string text = "map[";
  for (const Member& member : map.members()) {
    if (text.size() > 4) text += ' ';
    text += std::string(member.name()) + ":" + ScalarText(member.value);
  }
  return text + "]";
}

std::string GoMetadata(const Value& object) {
  const Value& metadata = object["metadata"];
  return "{{" + object["apiVersion"].str() + " " + object["kind"].str() + "} {{" +
         ScalarText(metadata["name"]) + " " + ScalarText(metadata["namespace"]) + "} " +
         GoMap(metadata["labels"]) + " " + GoMap(metadata["annotations"]) + "}}";
}

Status CheckObject(const Value& object) {
  if (!object.is_object()) return Fail(InvalidArgument("missing Resource metadata"));
  const std::string_view kind = object["kind"].as_string();
  if (kind.empty()) return Fail(InvalidArgument("missing kind in object " + GoMetadata(object)));
  if (kind.ends_with("List")) return {};
  if (ScalarText(object["metadata"]["name"]).empty()) {
    return Fail(InvalidArgument("missing metadata.name in object " + GoMetadata(object)));
  }
  return {};
}

bool IsEmpty(const Value& value) {
  return value.is_null() || ((value.is_object() || value.is_array()) && value.empty());
}

bool HasLinesInAnnotations(const Value& object) {
  for (const Member& member : object["metadata"]["annotations"].members()) {
    if (member.value.as_string().contains('\n')) return true;
  }
  return std::ranges::any_of(object["items"].items(), HasLinesInAnnotations);
}

// kustomize makes new texts of the annotations, which are then not folded any more.
Value WithAnnotationsOf(const Value& object, const Value& written) {
  Value result = object;
  if (const Value* annotations = written["metadata"].Find("annotations")) {
    result = result.With("metadata", object["metadata"].With("annotations", *annotations));
  }
  const Value& items = object["items"];
  if (!items.is_array()) return result;
  std::vector<Value> all;
  for (std::size_t i = 0; i < items.size(); ++i) {
    all.push_back(WithAnnotationsOf(items[i], written["items"][i]));
  }
  return result.With("items", Value::Array(std::move(all)));
}

}  // namespace

Result<std::vector<Value>> ReadObjects(std::string_view text, const std::string& file,
                                       Budget& budget) {
  yaml::ParseOptions options;
  options.file = file;
  options.schema = yaml::Schema::kYaml12;
  options.through_kyaml = true;
  std::vector<yaml::Document> documents =
      TRY_WRAP(yaml::ParseAll(text, options), "MalformedYAMLError");
  if (text.contains('>') && std::ranges::any_of(documents, [](const yaml::Document& document) {
        return HasLinesInAnnotations(document.value);
      })) {
    options.through_kyaml = false;
    const auto written = TRY_WRAP(yaml::ParseAll(text, options), "MalformedYAMLError");
    for (std::size_t i = 0; i < documents.size(); ++i) {
      documents[i].value = WithAnnotationsOf(documents[i].value, written[i].value);
    }
  }
  std::deque<Value> queue;
  for (const yaml::Document& document : documents) {
    TRY_WRAP(budget.Parsed(document.value), file);
    if (IsEmpty(document.value)) continue;
    TRY(CheckObject(document.value));
    queue.push_back(document.value);
  }
  std::vector<Value> objects;
  const std::size_t most = budget.limits().max_objects;
  while (!queue.empty()) {
    if (queue.size() + objects.size() > most) {
      return Fail(ResourceExhausted(file + " holds more than " + std::to_string(most) +
                                    " objects (budget max_objects)"));
    }
    const Value object = std::move(queue.front());
    queue.pop_front();
    const Value* items =
        object["kind"].as_string().ends_with("List") ? object.Find("items") : nullptr;
    if (!items) {
      objects.push_back(object);
      continue;
    }
    if (!items->is_array() && !items->is_null()) {
      return Fail(InvalidArgument("expected array in " + object["kind"].str() + "/items"));
    }
    // The items of a list come after everything else of the file.
    for (const Value& item : items->items()) {
      if (IsEmpty(item)) continue;
      TRY(CheckObject(item));
      queue.push_back(item);
    }
  }
  return objects;
}

Result<Resource> ResourceFromFile(Value object, const std::string& file) {
  constexpr std::string_view kInternal = "internal.config.kubernetes.io/";
  const Value annotations = object["metadata"]["annotations"];
  std::vector<Member> kept;
  auto internal = [&](std::string_view name) {
    return annotations[std::string(kInternal) + std::string(name)].str();
  };
  for (const Member& member : annotations.members()) {
    if (!member.name().starts_with(kInternal)) kept.push_back(member);
  }
  if (kept.size() == annotations.size()) return Resource(std::move(object), file);
  object = object.With("metadata",
                       object["metadata"].With("annotations", Value::Object(std::move(kept))));
  Resource resource(std::move(object), file);
  resource.needs_hash = internal("needsHashSuffix") == "enabled";
  const std::string all_names = internal("previousNames");
  const std::string all_namespaces = internal("previousNamespaces");
  const std::string all_kinds = internal("previousKinds");
  const std::vector<std::string_view> names = Split(all_names, ',');
  const std::vector<std::string_view> namespaces = Split(all_namespaces, ',');
  const std::vector<std::string_view> kinds = Split(all_kinds, ',');
  if (all_names.empty() || names.size() != namespaces.size() || names.size() != kinds.size()) {
    return resource;
  }
  if (names.size() > kMaxPreviousIds) {
    return Fail(ResourceExhausted(file + ": an object has " + std::to_string(names.size()) +
                                  " previous names; at most " + std::to_string(kMaxPreviousIds) +
                                  " are taken"));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    resource.AddPreviousId(std::string(kinds[i]), std::string(names[i]),
                           std::string(namespaces[i]));
  }
  return resource;
}

std::set<std::string> KeysWithWrittenNull(const std::string& text) {
  static const RE2 kWritten(
      R"re(["']?([^\s"':,{}\[\]]+)["']?[ \t]*:[ \t]+(?:null|Null|NULL|~)(?:[\s,}\]]|$))re");
  std::set<std::string> keys;
  re2::StringPiece rest(text);
  std::string key;
  while (RE2::FindAndConsume(&rest, kWritten, &key)) keys.insert(key);
  return keys;
}

bool HasNull(const Value& object) {
  if (object.is_array()) return std::ranges::any_of(object.items(), HasNull);
  return std::ranges::any_of(object.members(), [](const Member& member) {
    return member.value.is_null() || HasNull(member.value);
  });
}

}  // namespace swell::kustomize
