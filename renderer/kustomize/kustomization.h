#pragma once
// A kustomization file as data: what kustomize's api/types declares.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/transforms/generators.h"
#include "renderer/kustomize/transforms/metadata.h"
#include "renderer/kustomize/transforms/replacements.h"
#include "renderer/kustomize/transforms/selector.h"
#include "renderer/kustomize/transforms/sort.h"

namespace swell::kustomize {

struct LabelEntry {
  std::map<std::string, std::string> pairs;
  bool include_selectors = false;
  bool include_templates = false;
  std::vector<FieldSpec> fields;
};

struct PatchEntry {
  std::string path;
  std::string patch;
  std::optional<Selector> target;
  bool allow_name_change = false;
  bool allow_kind_change = false;
};

struct GeneratorEntry {
  GeneratorArgs args;
  std::vector<std::string> literals;
  std::vector<std::string> files;
  std::vector<std::string> envs;
};

// Either written in place or in a file of its own.
struct ReplacementEntry {
  std::string path;
  Replacement replacement;
};

struct Kustomization {
  std::string api_version;
  std::string kind;
  std::vector<std::string> resources;  // `bases` at the end
  std::vector<std::string> components;
  std::vector<std::string> configurations;
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

  bool is_component() const { return kind == "Component"; }
};

// Reads the first document of the text (YAML 1.1, as kustomize does) and checks it. `folder`
// is for messages. Errors: kInvalidArgument (no YAML, unknown fields, wrong types, empty file,
// wrong kind or apiVersion); kUnimplemented names fields that Swell refuses.
Result<Kustomization> ParseKustomization(std::string_view text, const std::string& folder);

// One replacement, or a list of them: what the file of a replacement's `path` holds.
Result<std::vector<Replacement>> ParseReplacements(const Value& document);

}  // namespace swell::kustomize
