#pragma once
// Which fields each transformer touches: kustomize's defaults (its builtinpluginconsts) plus
// what `configurations` add.

#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/transforms/field_spec.h"

namespace swell::kustomize {

// Fields that hold the name of an object of the target kind.
struct NameReference {
  GroupVersionKind target;
  std::vector<FieldSpec> referrers;
};

struct TransformerConfig {
  std::vector<FieldSpec> name_prefix;
  std::vector<FieldSpec> name_suffix;
  std::vector<FieldSpec> ns;
  std::vector<FieldSpec> common_labels;
  std::vector<FieldSpec> labels;
  std::vector<FieldSpec> template_labels;
  std::vector<FieldSpec> common_annotations;
  std::vector<NameReference> name_references;
  std::vector<FieldSpec> var_references;
  std::vector<FieldSpec> images;
  std::vector<FieldSpec> replicas;
};

// What kustomize has built in, as of 5.8.1.
const TransformerConfig& DefaultConfig();

// One file of `configurations`. kInvalidArgument names an unknown field.
Result<TransformerConfig> ParseConfig(const Value& document, std::string_view file);

// Adds what is new and puts all into the order of kinds. A spec that an earlier one includes is
// not added, so what a kind's own spec comes before depends on the order; a configuration that
// gives a default's path for one kind takes it away from all others, as with kustomize.
// kInvalidArgument where two specs differ in `create` alone.
Status MergeConfig(TransformerConfig& config, const TransformerConfig& more, Budget& budget);

}  // namespace swell::kustomize
