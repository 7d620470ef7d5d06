#pragma once
// A kustomization file as data: what kustomize's api/types declares.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/entries.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/kustomize/transforms/sort.h"
#include "renderer/kustomize/transforms/vars.h"

namespace swell::kustomize {

struct Kustomization {
  std::string file;       // as messages show it
  std::string file_name;  // "kustomization.yaml", as it is called in its folder
  std::string api_version;
  std::string kind;
  std::vector<std::string> resources;  // `bases` at the end
  std::vector<std::string> components;
  std::vector<std::string> configurations;
  std::vector<std::string> generators;    // of built-in kinds: paths or YAML in place
  std::vector<std::string> transformers;  // likewise
  std::vector<std::string> validators;    // likewise
  std::vector<std::string> crds;
  std::map<std::string, std::string> openapi;  // "path" or "version"
  std::vector<Var> vars;
  std::vector<HelmChart> helm_charts;
  HelmGlobals helm_globals;
  std::string name_prefix;
  std::string name_suffix;
  std::string ns;
  std::map<std::string, std::string> common_labels;
  std::vector<LabelEntry> labels;
  std::map<std::string, std::string> common_annotations;
  std::vector<std::string> patches_strategic_merge;
  std::vector<PatchEntry> patches_json6902;
  std::vector<PatchEntry> patches;
  std::vector<Image> images;
  std::vector<Replica> replicas;
  std::vector<ReplacementEntry> replacements;
  std::vector<GeneratorEntry> config_maps;
  std::vector<GeneratorEntry> secrets;
  GeneratorOptions generator_options;
  std::optional<SortOptions> sort_options;
  std::vector<std::string> build_metadata;
  std::vector<std::string> warnings;  // of deprecated fields, in kustomize's words

  bool is_component() const { return kind == "Component"; }
};

// Reads the first document of the text (YAML 1.1, as kustomize does) and checks it. `folder`
// is for messages, and so is the name of the file in it. Errors: kInvalidArgument (no YAML, unknown
// fields, wrong types, empty file, wrong kind or apiVersion); kUnimplemented names fields that
// Swell refuses.
Result<Kustomization> ParseKustomization(std::string_view text, const std::string& folder,
                                         const std::string& file_name, Budget& budget);

}  // namespace swell::kustomize
