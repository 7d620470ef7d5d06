#include <re2/re2.h>

#include <optional>
#include <string>
#include <utility>

#include "renderer/kustomize/transforms/metadata.h"

namespace swell::kustomize {
namespace {

constexpr std::size_t kMaxDepth = 512;

struct ImageParts {
  std::string name;
  std::string tag;
  std::string digest;
};

// "host:5000/a/b:tag@sha256:…": the first ':' and '@' after the first slash count.
ImageParts SplitImage(const std::string& image) {
  std::size_t start = image.find('/');
  if (start == image.npos || start == 0) start = 0;
  const std::size_t at = image.find('@', start);
  std::size_t colon = image.find(':', start);
  if (at != image.npos && colon != image.npos && at < colon) colon = image.npos;
  ImageParts parts;
  parts.name = image.substr(0, std::min(at, colon));
  if (colon != image.npos) {
    parts.tag = image.substr(colon + 1, at == image.npos ? image.npos : at - colon - 1);
  }
  if (at != image.npos) parts.digest = image.substr(at + 1);
  return parts;
}

class Updater {
 public:
  explicit Updater(const Image& image)
      : image_(image),
        pattern_("^" + image.name + R"((:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$)",
                 RE2::Quiet) {}

  bool ok() const { return pattern_.ok(); }
  std::string error() const { return pattern_.error(); }

  Result<Value> Update(const Value& old) const {
    if (old.is_array() || old.is_object()) {
      return Fail(InvalidArgument("an image must be a scalar"));
    }
    const std::string text = ScalarText(old);
    if (!RE2::PartialMatch(text, pattern_)) return old;
    ImageParts parts = SplitImage(text);
    if (!image_.new_name.empty()) parts.name = image_.new_name;
    if (!image_.new_tag.empty() || !image_.digest.empty()) {
      parts.tag = image_.new_tag;
      parts.digest = image_.digest;
    } else if (!image_.tag_suffix.empty()) {
      parts.tag += image_.tag_suffix;
      parts.digest.clear();
    }
    std::string result = parts.name;
    if (!parts.tag.empty()) result += ":" + parts.tag;
    if (!parts.digest.empty()) result += "@" + parts.digest;
    return Value(result);
  }

 private:
  const Image& image_;
  RE2 pattern_;
};

// The first pass: the image of each item of any list called containers or initContainers, at
// any depth.
class ContainerWalk {
 public:
  explicit ContainerWalk(const Updater& updater) : updater_(updater) {}

  Result<Value> Walk(const Value& node, std::size_t depth = 0) const {
    if (depth > kMaxDepth) {
      return Fail(ResourceExhausted("an object is nested deeper than 512 levels"));
    }
    if (node.is_array()) {
      std::vector<Value> items;
      bool changed = false;
      for (const Value& item : node.items()) {
        items.push_back(TRY(Walk(item, depth + 1)));
        changed = changed || !Same(items.back(), item);
      }
      return changed ? Value::Array(std::move(items)) : node;
    }
    Value result = node;
    for (const Member& member : node.members()) {
      if (!member.value.is_array() && !member.value.is_object()) continue;
      Value value = TRY(Walk(member.value, depth + 1));
      const std::string_view key = member.name();
      if ((key == "containers" || key == "initContainers") && value.is_array()) {
        value = TRY(UpdateItems(value));
      }
      if (!Same(value, member.value)) result = result.With(key, std::move(value));
    }
    return result;
  }

 private:
  static bool Same(const Value& a, const Value& b) { return a.SharesWith(b) || a == b; }

  Result<Value> UpdateItems(const Value& list) const {
    Value result = list;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Value* image = list[i].Find("image");
      if (!image || image->is_null()) continue;
      Value updated = TRY(updater_.Update(*image));
      if (updated == *image) continue;
      result = result.WithItem(i, list[i].With("image", std::move(updated)));
    }
    return result;
  }

  const Updater& updater_;
};

}  // namespace

Status SetImage(ResourceMap& map, const Image& image, std::span<const FieldSpec> specs) {
  const Updater updater(image);
  if (!updater.ok()) {
    return Fail(InvalidArgument("images: the name \"" + image.name +
                                "\" is no regular expression: " + updater.error()));
  }
  const ContainerWalk walk(updater);
  const FieldSetter set = [&](const Value& old) { return updater.Update(old); };
  for (std::size_t i = 0; i < map.size(); ++i) {
    Value object = map.at(i).value();
    if (object["kind"].as_string() == "CustomResourceDefinition") continue;
    object = TRY(walk.Walk(object));
    for (const FieldSpec& spec : specs) {
      object = TRY(ApplyFieldSpec(object, map.at(i).id().gvk, spec, CreateKind::kNever, set));
    }
    map.SetValue(i, std::move(object));
  }
  return {};
}

}  // namespace swell::kustomize
