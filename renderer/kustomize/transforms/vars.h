#pragma once
// `vars`: "$(NAME)" in certain fields stands for a field of some object. Deprecated in favour
// of replacements, still honoured.

#include <span>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/field_spec.h"
#include "renderer/kustomize/transforms/resource_map.h"

namespace swell::kustomize {

struct Var {
  std::string name;
  ResourceId object;  // ns "" matches any namespace
  std::string field_path = "metadata.name";
};

// Notes at each var's object that the var means it. Errors: several objects fit.
Status BindVars(ResourceMap& map, std::span<const Var> vars);

// Adds to the build's vars. kInvalidArgument where a name is there already.
Status MergeVars(std::vector<Var>& vars, std::span<const Var> more, Budget& budget);

// Once at the end: reads every var's value and puts it into the fields of `specs`. Errors: a
// var that no object was bound to, a field that its object does not have.
Status ResolveVars(ResourceMap& map, std::vector<Var> vars, std::span<const FieldSpec> specs);

}  // namespace swell::kustomize
