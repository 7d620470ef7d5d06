#pragma once
// The methods of helm's common.Values, which .Values, "." and .Template are. Internal to the room.

#include <string_view>

namespace swell::gotemplate {

struct Function;

// AsMap, Encode, PathValue, Table, YAML; nullptr for other names.
const Function* FindValuesMethod(std::string_view name);

}  // namespace swell::gotemplate
