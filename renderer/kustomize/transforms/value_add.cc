#include "renderer/kustomize/transforms/value_add.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/core/strings.h"
#include "renderer/kustomize/transforms/field_spec.h"
#include "renderer/kustomize/transforms/metadata.h"
#include "renderer/kustomize/transforms/path_matcher.h"

namespace swell::kustomize {
namespace {

// "a/b" with the part at the position (from 0); an absolute path stays absolute.
std::string WithPathPart(const std::string& path, std::size_t position, const std::string& part) {
  std::vector<std::string> parts;
  if (!path.empty()) {
    for (std::string_view piece : Split(path, '/')) parts.emplace_back(piece);
    if (path == "/") parts.pop_back();
  }
  position = std::min(position, parts.size());
  if (!parts.empty() && parts[0].empty() && position < parts.size()) ++position;
  parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(position), part);
  return Join(parts, "/");
}

}  // namespace

Status AddValue(ResourceMap& map, std::span<const std::size_t> positions,
                const std::string& field_path, int path_position, const std::string& text) {
  if (field_path == "metadata/namespace") return SetNamespaceOf(map, positions, text);
  const std::vector<std::string> path = SplitFieldPath(field_path);
  const auto set = [&](const Value& old) -> Result<Value> {
    if (old.is_array() || old.is_object()) {
      return Fail(InvalidArgument("wrong node kind: expected ScalarNode at " + field_path));
    }
    if (path_position <= 0) return Value(text);
    return Value(WithPathPart(ScalarText(old), static_cast<std::size_t>(path_position - 1), text));
  };
  for (std::size_t i : positions) {
    PathEdit edit = TRY(EditPath(map.at(i).value(), path, MakeEnd::kScalar, set, map.budget()));
    TRY(map.SetValue(i, std::move(edit.value)));
  }
  return {};
}

}  // namespace swell::kustomize
