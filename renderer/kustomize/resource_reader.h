#pragma once
// YAML text -> the objects in it, by kustomize's rules (facts: kustomize.md C5).

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {

// Every object of the text, lists expanded. Errors: malformed YAML, an object without kind or
// metadata.name. Nothing in the text gives no objects.
Result<std::vector<Value>> ReadObjects(std::string_view text, const std::string& file,
                                       Budget& budget);

// The keys of the text whose value is a null that is written out ("key: null", "key: ~"), not
// left away ("key:"): the parsed objects do not tell these apart.
std::set<std::string> KeysWithWrittenNull(const std::string& text);
// Whether some field of the object is null.
bool HasNull(const Value& object);

// An object as it was read. kustomize's own annotations may come with it: that it wants a hash,
// and who it was before. None of them is printed.
Result<Resource> ResourceFromFile(Value object, const std::string& file);

}  // namespace swell::kustomize
