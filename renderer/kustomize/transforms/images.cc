#include <algorithm>
#include <string>
#include <utility>

#include "base/core/strings.h"
#include "renderer/kustomize/transforms/metadata.h"
#include "renderer/kustomize/transforms/selector.h"

namespace swell::kustomize {
namespace {

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
  static Result<Updater> For(const Image& image, Budget& budget) {
    auto pattern =
        Pattern::Compile("^" + image.name + R"((:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$)",
                         Pattern::Anchor::kAnywhere);
    if (!pattern) {
      return Fail(std::move(pattern).error().Wrap("images: the name " + Quote(image.name) +
                                                  " is no regular expression"));
    }
    TRY(budget.Spend(pattern->CompileSteps()));
    return Updater(image, budget, *std::move(pattern));
  }

  Result<Value> Update(const Value& old) const {
    if (old.is_array() || old.is_object()) {
      return Fail(InvalidArgument("an image must be a scalar"));
    }
    const std::string text = ScalarText(old);
    budget_.Note(pattern_.MatchSteps(text));
    if (!pattern_.Matches(text)) return old;
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
  Updater(const Image& image, Budget& budget, Pattern pattern)
      : image_(image), budget_(budget), pattern_(std::move(pattern)) {}

  const Image& image_;
  Budget& budget_;
  Pattern pattern_;
};

// The first pass: the image of each item of any list called containers or initContainers, at
// any depth.
class ContainerWalk {
 public:
  ContainerWalk(const Updater& updater, Budget& budget) : updater_(updater), budget_(budget) {}

  // No deeper than objects are.
  Result<Value> Walk(const Value& node) const {
    TRY(budget_.Spend(1 + node.size()));
    if (node.is_array()) return WalkList(node);
    if (node.is_object()) return WalkMap(node);
    return node;
  }

 private:
  Result<Value> WalkList(const Value& node) const {
    std::vector<Value> items;
    bool changed = false;
    for (const Value& item : node.items()) {
      items.push_back(TRY(Walk(item)));
      changed = changed || !Same(items.back(), item);
    }
    return changed ? Value::Array(std::move(items)) : node;
  }

  Result<Value> WalkMap(const Value& node) const {
    std::vector<Member> members;
    const std::span<const Member> old = node.members();
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (!old[i].value.is_array() && !old[i].value.is_object()) continue;
      Value value = TRY(Walk(old[i].value));
      const std::string_view key = old[i].name();
      if ((key == "containers" || key == "initContainers") && value.is_array()) {
        value = TRY(UpdateItems(value));
      }
      if (Same(value, old[i].value)) continue;
      if (members.empty()) members.assign(old.begin(), old.end());
      members[i].value = std::move(value);
    }
    return members.empty() ? node : Value::Object(std::move(members));
  }

  static bool Same(const Value& a, const Value& b) { return a.SharesWith(b) || a == b; }

  Result<Value> UpdateItems(const Value& list) const {
    std::vector<Value> items(list.items().begin(), list.items().end());
    bool changed = false;
    for (Value& item : items) {
      const Value* image = item.Find("image");
      if (!image || image->is_null()) continue;
      Value updated = TRY(updater_.Update(*image));
      if (updated == *image) continue;
      changed = true;
      item = item.With("image", std::move(updated));
    }
    return changed ? Value::Array(std::move(items)) : list;
  }

  const Updater& updater_;
  Budget& budget_;
};

}  // namespace

Status SetImage(ResourceMap& map, const Image& image, std::span<const FieldSpec> specs) {
  const Updater updater = TRY(Updater::For(image, map.budget()));
  const ContainerWalk walk(updater, map.budget());
  const FieldSetter set = [&](const Value& old) { return updater.Update(old); };
  for (std::size_t i = 0; i < map.size(); ++i) {
    Value object = map.at(i).value();
    if (object["kind"].as_string() == "CustomResourceDefinition") continue;
    object = TRY(walk.Walk(object));
    for (const FieldSpec& spec : specs) {
      object = TRY(
          ApplyFieldSpec(object, map.at(i).id().gvk, spec, CreateKind::kNever, set, map.budget()));
    }
    TRY(map.SetValue(i, std::move(object)));
  }
  return {};
}

}  // namespace swell::kustomize
