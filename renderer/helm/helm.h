#pragma once
// Helm charts, rendered in process as helm 4 renders them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/helm/limits.h"
#include "renderer/source/file_tree.h"

namespace swell {
class LookupSource;
class StableSource;
}  // namespace swell

namespace swell::helm {

struct LoadedChart;

// Values from the command line or an application, in helm's order of precedence:
// chart defaults < values_files (in order) < values < set_json < set < set_string < set_file.
struct ValueSources {
  std::vector<std::pair<std::string, std::string>> files;  // name for messages, YAML text
  Value values;                                            // inline, already parsed; null for none
  std::vector<std::string> set_json;
  std::vector<std::string> set;
  std::vector<std::string> set_string;
  std::vector<std::pair<std::string, std::string>> set_file;  // key, content
  // As on helm's command line, "key=path,key2=path2"; the paths are read through `read_file`
  // (which must be set where there are any). After set_file.
  std::vector<std::string> set_file_paths;
  std::function<Result<std::string>(const std::string& path)> read_file;
  std::vector<std::string> set_literal;  // one key, the rest verbatim; last of all
};

// The sources put together, without the chart's defaults: what a release stores as its values.
Result<Value> MergeValueSources(const ValueSources& sources);

// How far a render came that failed.
struct Progress {
  bool rendering = false;  // the chart and its values were in order; templates ran
  std::string files;       // where one of them printed no YAML: what they all printed
};

struct Options {
  std::string release_name = "release-name";
  std::string ns = "default";
  bool is_upgrade = false;
  int revision = 1;
  std::string kube_version;               // "" takes helm 4.1.4's default
  std::vector<std::string> api_versions;  // added to the built-in set
  bool include_crds = false;
  bool skip_hooks = false;
  bool skip_schema_validation = false;
  Limits limits;
  // For a program that renders one chart and ends; a server has a worker a core already.
  unsigned threads = 1;
  Progress* progress = nullptr;  // filled where it is given
  // See funcs::HelmHostOptions. What is given must outlive the call, and notes what was asked.
  StableSource* stable = nullptr;
  LookupSource* lookups = nullptr;
  Timestamp now;
};

// One rendered document.
struct RenderedDocument {
  std::string source;  // "chart/templates/deploy.yaml"
  std::string text;    // YAML as rendered, without separators
  // What the text holds, read as helm reads it (of duplicate keys the last wins), where it is
  // one document; of others and of CRDs it is absent.
  std::optional<Value> content = {};
  bool is_hook = false;
  bool is_crd = false;
  bool is_test = false;  // a hook for `helm test`
};

struct Output {
  // In the order in which `helm template` prints: CRDs (where asked), then manifests in
  // install order, then hooks.
  std::vector<RenderedDocument> documents;
  std::string notes;
  std::vector<std::string> warnings;
  bool used_capabilities = false;  // the chart read .Capabilities: it depends on the cluster
  std::uint64_t steps = 0;         // that the templates took, of the budget max_steps
};

// Renders the chart in `folder` of `tree`. Errors carry helm's own message where there is one
// (template:line:column), and kUnimplemented for what Swell does not have yet.
Result<Output> Render(FileTreePtr tree, std::string_view folder, const ValueSources& values,
                      const Options& options);

// The same for a chart that was loaded before (chart_cache.h), many times and from many threads.
Result<Output> Render(const LoadedChart& chart, const ValueSources& values, const Options& options);

// The same for a chart's archive (.tgz) unpacked by OpenArchive.
Result<Output> RenderArchive(FileTreePtr archive, const ValueSources& values,
                             const Options& options);

// The stream that `helm template` prints for the output.
std::string TemplateStream(const Output& output);

// Of the stream only the documents from the templates that the patterns name, as `helm template
// --show-only` prints them. A pattern is a path below the chart ("templates/a.yaml",
// "charts/x/templates/*.yaml"); one that names nothing is kNotFound.
Result<std::string> ShowOnly(std::string_view stream, const std::vector<std::string>& patterns);

}  // namespace swell::helm
