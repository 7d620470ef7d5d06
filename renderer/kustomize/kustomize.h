#pragma once
// Kustomize overlays, built in process as kustomize 5 builds them.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/ambient/remotes.h"
#include "renderer/helm/chart_cache.h"
#include "renderer/helm/helm.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/object/object.h"
#include "renderer/source/file_tree.h"

namespace swell::kustomize {

enum class LoadRestrictor { kRootOnly, kNone };

// A clean path of the tree with every symlink followed. Errors: absent, or it leaves the tree.
using RealPath = std::function<Result<std::string>(const std::string& path)>;

struct Options {
  LoadRestrictor load_restrictor = LoadRestrictor::kRootOnly;
  bool enable_helm = false;
  // For each chart that helmCharts names: limits, kept values, and a version and API list where
  // the entry has none. What the entry says itself (release, namespace …) is not taken from here.
  helm::Options helm;
  Limits limits;
  // Loads the chart in this folder of the tree. Unset: it is read each time.
  std::function<Result<helm::LoadedChartPtr>(const std::string& folder)> load_chart;
  // For trees whose symlinks can lead from one kustomization into another's folder (a disk):
  // the load restrictor then holds for what a link points at. Unset: paths are taken as real.
  RealPath real_path;
  // What is at hand of the network. A build that wants more fails, having noted all that it could
  // see of what it wants in `remotes->wanted`. Null: remote bases and files are refused.
  std::shared_ptr<const Remotes> remotes;
  // Build this remote kustomization, as `kustomize build URL`, in place of the folder.
  std::string remote_root;
  // An application's parameters, as if written in the outermost kustomization (parameters.h): an
  // object with its fields, or null.
  Value parameters;
};

struct Output {
  std::vector<Object> objects;        // in the order in which kustomize prints them
  std::vector<std::string> warnings;  // of deprecated fields, in kustomize's words; of charts
  bool used_capabilities = false;     // a chart did: the build depends on the cluster
};

// Builds the kustomization in `folder`. Errors: kustomize's meaning with our places; kUnimplemented
// names what is refused (exec plugins, container functions, remote bases …) and what to use
// instead.
Result<Output> Build(FileTreePtr tree, std::string_view folder, const Options& options = {});

// The stream that `kustomize build` prints. kInvalidArgument where an object holds what its YAML
// cannot (control characters).
Result<std::string> BuildStream(const std::vector<Object>& objects);

}  // namespace swell::kustomize
