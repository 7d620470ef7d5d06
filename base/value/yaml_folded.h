#pragma once
// What go-yaml v3 makes of folded block scalars that it reads, writes as such and reads again, as
// kustomize has it do on the way to JSON. Internal to base/value.

#include <string>
#include <string_view>

namespace swell::yaml {

// The text as it is afterwards: a line that is indented gets an empty one before it, and so on.
std::string RereadFolded(std::string_view text);

}  // namespace swell::yaml
