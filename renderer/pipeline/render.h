#pragma once
// Render: files and parameters in, a Manifest out. Pure: no network, no cluster; chance and the
// clock only as the request allows.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/clock.h"
#include "base/core/digest.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/ambient/lookup.h"
#include "renderer/ambient/remotes.h"
#include "renderer/ambient/stable_values.h"
#include "renderer/helm/limits.h"
#include "renderer/kustomize/limits.h"
#include "renderer/object/object.h"
#include "renderer/source/trees.h"

namespace swell::helm {
class ChartCache;
}

namespace swell {

// What a render may know of the cluster it is for.
struct ClusterFacts {
  std::string name;
  std::map<std::string, std::string> labels;
  std::string kube_version;               // "v1.36.0"; "" takes the engine's default
  std::vector<std::string> api_versions;  // "apps/v1", "apps/v1/Deployment"; sorted
  friend bool operator==(const ClusterFacts&, const ClusterFacts&) = default;
};

enum class SourceType { kDetect, kDirectory, kHelm, kKustomize };

// What becomes of random values, keys and times that a chart makes up (docs/stable-values.md).
enum class RandomValues {
  kStable,  // made once per application, cluster and call site, and kept
  kFresh,   // made anew by every render
};

struct HelmParameters {
  std::string release_name;              // "" takes the application's name
  std::vector<std::string> value_files;  // relative to the path; may hold {{ .cluster… }}
  bool ignore_missing_value_files = false;
  Value values;                         // inline; strings may hold {{ .cluster… }}
  std::vector<std::string> set;         // as helm's --set
  std::vector<std::string> set_string;  // as helm's --set-string
  bool skip_crds = false;
  // How the server fills in RenderRequest::stable and ::lookups.
  RandomValues random_values = RandomValues::kStable;
  bool lookup = false;  // `lookup` reads the cluster
  friend bool operator==(const HelmParameters&, const HelmParameters&) = default;
};

struct DirectoryParameters {
  bool recurse = false;
  std::string include;  // glob on the path below; "" is everything
  std::string exclude;
  friend bool operator==(const DirectoryParameters&, const DirectoryParameters&) = default;
};

// Templates: in `path`, helm's value_files and the strings inside helm's values and `kustomize`
// these forms are replaced by what they say of the cluster (see resolve.h):
//   {{ .cluster.name }}  {{ .cluster.labels.env }}  {{ index .cluster.labels "example.com/env" }}
// A label that the cluster lacks is an error that names both.
//
// Namespace: objects without metadata.namespace get `ns` where their kind is one of
// Kubernetes' own that live in a namespace (IsNamespacedBuiltin). Custom kinds are left as
// written: only discovery knows their scope, so plan completes them.
struct RenderRequest {
  std::string application;
  std::string ns;    // the destination namespace; "" leaves namespaces as they are
  std::string path;  // folder in the tree; may hold {{ .cluster… }}
  SourceType type = SourceType::kDetect;
  HelmParameters helm;
  // Fields of a kustomization, written over the outermost one (renderer/kustomize/parameters.h);
  // null where there are none.
  Value kustomize;
  DirectoryParameters directory;
  ClusterFacts cluster;
  std::string revision;  // the commit, for provenance
  // Kept random values and times, by call site. Null: they differ from render to render, as with
  // helm.
  std::shared_ptr<const StableValues> stable;
  // What the cluster has answered to lookups so far. Null: nothing is ever found, as with
  // `helm template`.
  std::shared_ptr<const LookupSnapshot> lookups;
  // What is at hand of the network, mounted in the tree (MountTree), for kustomizations. Null:
  // what is remote is refused.
  std::shared_ptr<const Remotes> remotes;
  Timestamp now;  // for templates, and for what has to be renewed; epoch: the system's clock
};

// Budgets. Going over one is kResourceExhausted and names the budget.
struct RenderLimits {
  std::size_t max_objects = 20'000;
  std::size_t max_bytes = 64u << 20;           // of rendered text
  std::size_t max_object_bytes = 1536u << 10;  // etcd's request limit
  helm::Limits helm;                           // of a chart; its output has max_bytes, too
  kustomize::Limits kustomize;                 // of a kustomization's build
};

// Sets the budget that a flag names (--render-max-…, renderer/helm/limits.h), for all kinds of
// sources that have it. kInvalidArgument shows the flag and the text.
Status SetLimit(RenderLimits& limits, std::string_view flag, std::string_view text);

// Ordered, unique objects; immutable once made.
struct Manifest {
  std::vector<Object> objects;  // in apply order (SortForApply), hooks included
  Digest digest;                // over every object's canonical JSON, in order
  SourceType type = SourceType::kDirectory;
  ReadSet reads;
  std::vector<std::string> warnings;
  // The chart read .Capabilities or has a kubeVersion: the cluster's version and API list are
  // inputs, too.
  bool used_capabilities = false;
  // What kustomizations took from the network. Provenance: the objects are the same while what was
  // read there is, whatever the commit.
  RemotePins remotes;

  // Of this render alone; not part of the stored form.
  // A function drew on chance or the clock: without what was kept, a render would differ.
  bool nondeterministic = false;
  StableValues stable_values;  // what such functions gave, kept or new, where `stable` was given
  LookupsAsked lookups;        // what the chart looked up
};

// Whether the render depends on the cluster at all: where no {{ .cluster… }} is used and the
// chart (if it is one) reads no capabilities, looks nothing up and draws no random values, one
// render serves every cluster. Renders a chart to find out. Errors as Render.
Result<bool> DependsOnCluster(FileTreePtr tree, const RenderRequest& request,
                              const RenderLimits& limits = {});

// Errors: kNotFound (path), kInvalidArgument (bad files, duplicate ids; with spans),
// kPermissionDenied (paths that leave the repository), kUnimplemented (a feature that Swell
// refuses, named), kUnavailable (what is remote and not at hand; it is noted in
// RenderRequest::remotes), kFailedPrecondition (renders to nothing: absence is not evidence).
// `charts` keeps charts from render to render; may be null.
Result<Manifest> Render(FileTreePtr tree, const RenderRequest& request,
                        const RenderLimits& limits = {}, helm::ChartCache* charts = nullptr);

// The objects as one stream of YAML documents. Secrets are in it in clear: show Redacted
// objects to people who may not see them.
std::string ManifestToYaml(const Manifest& manifest);

// The canonical form that the ledger stores: JSON lines, first what is known of the whole, then
// origin and object each. Inverse pair; text that does not match its digest is kDataLoss.
std::string SerializeManifest(const Manifest& manifest);
Result<Manifest> ParseManifest(std::string_view text);

}  // namespace swell
