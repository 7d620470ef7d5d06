#pragma once
// The entries of a kustomization's lists, and how each is read from its value.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/decode.h"
#include "renderer/kustomize/transforms/generators.h"
#include "renderer/kustomize/transforms/metadata.h"
#include "renderer/kustomize/transforms/replacements.h"
#include "renderer/kustomize/transforms/selector.h"
#include "renderer/kustomize/transforms/sort.h"
#include "renderer/kustomize/transforms/vars.h"

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
  std::string config;  // of a plugin, as YAML, for messages
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

struct HelmGlobals {
  std::string chart_home = "charts";
};

// A chart that lies in the repository, rendered in process.
struct HelmChart {
  std::string name;
  std::string version;
  std::string repo;
  std::string release_name;  // "": made by the template or, without one, from chart and clock
  std::string name_template;
  std::string ns;
  std::string values_file;  // "" is the chart's own values.yaml
  std::vector<std::string> additional_values_files;
  Value values_inline;
  std::string values_merge = "override";  // or "merge", "replace"
  bool include_crds = false;
  bool skip_hooks = false;
  bool skip_tests = false;
  std::vector<std::string> api_versions;
  std::string kube_version;
};

// A wrong type, and where it is refused an unknown field, is kInvalidArgument in the words of Go's
// encoding/json.
Status ReadSelector(const Value& value, Selector& selector, UnknownFields unknown);
Status ReadFieldSpec(const Value& value, FieldSpec& spec, UnknownFields unknown);
Status ReadLabel(const Value& value, LabelEntry& label, UnknownFields unknown);
Status ReadImage(const Value& value, Image& image, UnknownFields unknown);
Status ReadReplica(const Value& value, Replica& replica, UnknownFields unknown);
Status ReadPatch(const Value& value, PatchEntry& patch, UnknownFields unknown);
Status ReadGeneratorOptions(const Value& value, GeneratorOptions& options, UnknownFields unknown);
Status ReadConfigMap(const Value& value, GeneratorEntry& entry, UnknownFields unknown);
Status ReadSecret(const Value& value, GeneratorEntry& entry, UnknownFields unknown);
Status ReadReplacement(const Value& value, ReplacementEntry& entry, UnknownFields unknown);
Status ReadSortOptions(const Value& value, SortOptions& options, UnknownFields unknown);
Status ReadVar(const Value& value, Var& var, UnknownFields unknown);
Status ReadHelmChart(const Value& value, HelmChart& chart, UnknownFields unknown);
// An entry of the older field helmChartInflationGenerator; what it says of all charts goes into
// `globals`.
Status ReadHelmChartArgs(const Value& value, HelmChart& chart, HelmGlobals& globals,
                         UnknownFields unknown);
Status ReadHelmGlobals(const Value& value, HelmGlobals& globals, UnknownFields unknown);

// One replacement, or a list of them: what the file of a replacement's `path` holds.
Result<std::vector<Replacement>> ParseReplacements(const Value& document);

}  // namespace swell::kustomize
