#pragma once
// `swell render PATH`: what the server would render for one cluster. Offline, unless dependencies
// of a chart are to be fetched.

#include <map>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "cli/commands/chart_fetch.h"
#include "cli/output/format.h"
#include "renderer/pipeline/render.h"

namespace swell::cli {

struct RenderOptions {
  std::string path;  // a folder on disk
  // The folder that stands for the repository: files outside cannot be read. "": the Git work
  // tree around `path`, else `path` itself.
  std::string root;
  // File with an Application that says what below the repository is rendered, and how. `path` is
  // then any folder of the repository, and what an Application can say is not said here as well.
  std::string declared;
  std::string application = "app";
  std::string ns;
  std::string cluster;
  std::map<std::string, std::string> cluster_labels;
  std::string kube_version;
  std::vector<std::string> api_versions;
  std::vector<std::string> value_files;  // below `path`, as an Application's valueFiles
  std::vector<std::string> set;
  std::vector<std::string> set_string;
  bool recurse = false;  // of a folder of plain manifests
  ChartFetchOptions charts;
  RenderLimits limits;
};

struct Rendered {
  std::string text;
  std::vector<std::string> warnings;
};

// YAML, or with kJson a List. Secrets are in clear: they are the caller's own files.
Result<Rendered> RenderFolder(const RenderOptions& options, Format format);

}  // namespace swell::cli
