#pragma once
// The field paths of replacements: "spec.containers.[name=web].image", "metadata.annotations.
// [a.b/c]", "spec.rules.*.host", with creation of what is absent.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/transforms/budget.h"

namespace swell::kustomize {

// Splits at '.', keeps "[a=b.c]" whole and unwraps "[a.b]".
std::vector<std::string> SplitReplacementPath(std::string_view path);

// What an absent end of a path is made as.
enum class MakeEnd : std::uint8_t { kNever, kScalar, kMap, kList };

struct PathEdit {
  Value value;
  int matches = 0;  // fields that the path selected
};

// Sets every field that the path selects. Without `make` absent fields are no match.
// Errors: an index out of range, a step that does not fit.
Result<PathEdit> EditPath(const Value& root, const std::vector<std::string>& path, MakeEnd make,
                          const std::function<Result<Value>(const Value&)>& set, Budget& budget);

// The one field of a source path (no wildcards); nullptr where there is none.
Result<const Value*> FindPath(const Value& root, const std::vector<std::string>& path,
                              Budget& budget);

}  // namespace swell::kustomize
