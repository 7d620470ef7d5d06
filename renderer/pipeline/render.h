#pragma once
// Render: files and parameters in, a Manifest out. Pure: no network, no clock, no cluster.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/digest.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/object/object.h"
#include "renderer/source/trees.h"

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

struct HelmParameters {
  std::string release_name;               // "" takes the application's name
  std::vector<std::string> value_files;   // relative to the path; may hold {{ .cluster… }}
  bool ignore_missing_value_files = false;
  Value values;                           // inline; strings may hold {{ .cluster… }}
  std::vector<std::string> set;           // as helm's --set
  std::vector<std::string> set_string;    // as helm's --set-string
  bool skip_crds = false;
  friend bool operator==(const HelmParameters&, const HelmParameters&) = default;
};

struct KustomizeParameters {
  std::vector<std::string> images;        // "nginx=example.com/nginx:1.2"
  std::string name_prefix;
  std::string name_suffix;
  std::map<std::string, std::string> common_labels;
  std::map<std::string, std::string> common_annotations;
  friend bool operator==(const KustomizeParameters&, const KustomizeParameters&) = default;
};

struct DirectoryParameters {
  bool recurse = false;
  std::string include;  // glob on the path below; "" is everything
  std::string exclude;
  friend bool operator==(const DirectoryParameters&, const DirectoryParameters&) = default;
};

struct RenderRequest {
  std::string application;
  std::string ns;               // the destination namespace; "" leaves namespaces as they are
  std::string path;             // folder in the tree; may hold {{ .cluster… }}
  SourceType type = SourceType::kDetect;
  HelmParameters helm;
  KustomizeParameters kustomize;
  DirectoryParameters directory;
  ClusterFacts cluster;
  std::string revision;         // the commit, for provenance
};

// Budgets. Going over one is kResourceExhausted and names the budget.
struct RenderLimits {
  std::size_t max_objects = 20'000;
  std::size_t max_bytes = 64u << 20;     // of rendered text
  std::size_t max_object_bytes = 1536u << 10;  // etcd's request limit
};

// Ordered, unique objects; immutable once made.
struct Manifest {
  std::vector<Object> objects;   // in apply order (SortForApply), hooks included
  Digest digest;                 // over every object's canonical JSON, in order
  SourceType type = SourceType::kDirectory;
  ReadSet reads;
  std::vector<std::string> warnings;
};

// Whether the render depends on the cluster at all: where no {{ .cluster… }} is used and the
// source type reads no capabilities, one render serves every cluster.
Result<bool> DependsOnCluster(const FileTree& tree, const RenderRequest& request);

// Errors: kNotFound (path), kInvalidArgument (bad files, duplicate ids; with spans),
// kPermissionDenied (paths that leave the repository), kUnimplemented (a feature that Swell
// refuses, named), kFailedPrecondition (renders to nothing: absence is not evidence).
Result<Manifest> Render(FileTreePtr tree, const RenderRequest& request,
                        const RenderLimits& limits = {});

// The objects as one stream of YAML documents, as stored and shown.
std::string ManifestToYaml(const Manifest& manifest);
// The canonical form that the ledger stores: JSON lines, origin and object each. Inverse pair.
std::string SerializeManifest(const Manifest& manifest);
Result<Manifest> ParseManifest(std::string_view text);

}  // namespace swell
