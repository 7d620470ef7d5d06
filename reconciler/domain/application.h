#pragma once
// Application, Cluster, Repository: what users declare (docs/resources.md).

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/core/secret.h"
#include "base/value/config.h"
#include "base/value/value.h"
#include "reconciler/domain/propagation.h"
#include "renderer/object/object.h"
#include "renderer/pipeline/render.h"

namespace swell {

inline constexpr char kApiVersion[] = "swell/v1alpha1";
inline constexpr char kFieldManager[] = "swell";
inline constexpr char kOwnerAnnotation[] = "swell.dev/owner";  // value: the application's name

using Labels = std::map<std::string, std::string>;

// Selects clusters by label and name; everything given must match. Empty selects nothing,
// `all: true` everything: a forgotten selector must not hit the fleet.
struct ClusterSelector {
  struct Expression {
    std::string key;
    std::string op;  // In, NotIn, Exists, DoesNotExist
    std::vector<std::string> values;
    friend bool operator==(const Expression&, const Expression&) = default;
  };
  bool all = false;
  Labels match_labels;
  std::vector<Expression> match_expressions;
  std::vector<std::string> names;
  bool empty() const {
    return !all && match_labels.empty() && match_expressions.empty() && names.empty();
  }
  friend bool operator==(const ClusterSelector&, const ClusterSelector&) = default;
};

// What some clusters get otherwise than the source says (reconciler/fleet/overrides.h).
struct SourceOverride {
  ClusterSelector clusters;
  std::string path;  // "" keeps the source's
  Value kustomize;   // null, or parameters as SourceSpec's
  std::vector<std::string> helm_value_files;
  Value helm_values;  // null or an object
  friend bool operator==(const SourceOverride&, const SourceOverride&) = default;
};

// A folder in a Git repository, or a chart of a chart repository or registry.
struct SourceSpec {
  // URL: file://, https://, ssh:// or scp-like; of a chart https:// or oci://
  std::string repository;
  // The chart's name in the repository; "" for Git, and where an oci:// URL ends with it.
  std::string chart;
  // Branch, tag or full commit, "" is the remote's HEAD. Of a chart a version, a constraint
  // ("^1.2") or a digest, "" is the newest stable version.
  std::string revision;
  std::string path;  // "" for charts
  SourceType type = SourceType::kDetect;
  HelmParameters helm;
  Value kustomize;  // parameters of renderer/kustomize/parameters.h; null where none are declared
  DirectoryParameters directory;
  std::vector<SourceOverride> overrides;  // the first whose clusters match counts
  friend bool operator==(const SourceSpec&, const SourceSpec&) = default;
};

struct DestinationSpec {
  ClusterSelector clusters;
  std::string ns;
  bool create_namespace = false;
  friend bool operator==(const DestinationSpec&, const DestinationSpec&) = default;
};

// Live objects that a rule is for, in Argo CD's form.
struct ObjectMatch {
  std::string group;  // "" is the core group, "*" any
  std::string kind;   // "*" is any
  std::string ns;     // "" is any
  std::string name;   // "" is any
  bool Matches(const ObjectId& id) const;
  friend bool operator==(const ObjectMatch&, const ObjectMatch&) = default;
};

// What an apply does about a field that another field manager owns with another value.
enum class ConflictPolicy : std::uint8_t { kTake, kKeep, kFail };

// The policy of single fields; the first rule that names a field decides.
struct ConflictRule {
  ObjectMatch objects;
  std::vector<std::string> json_pointers;  // and what is below them; "*" is any one token
  ConflictPolicy policy = ConflictPolicy::kKeep;
  friend bool operator==(const ConflictRule&, const ConflictRule&) = default;
};

// Other tools whose objects may be taken over, by the marks that they leave on them.
enum class Adoption : std::uint8_t { kHelm, kArgoCd, kFlux };

struct SyncSpec {
  bool auto_sync = false;
  bool prune = false;
  bool self_heal = false;
  Propagation propagation = Propagation::kBackground;  // of pruning and of cascading deletion
  ConflictPolicy conflicts = ConflictPolicy::kTake;
  std::vector<ConflictRule> conflict_rules;
  // Objects whose change touches an immutable field are deleted and created anew; never
  // Namespaces, CRDs, PersistentVolumes and their claims.
  bool recreate = false;
  std::vector<Adoption> adopt;
  friend bool operator==(const SyncSpec&, const SyncSpec&) = default;
};

// Differences that count for nothing (Argo CD's ignoreDifferences).
struct IgnoreDifference {
  ObjectMatch objects;
  std::vector<std::string> json_pointers;
  std::vector<std::string> jq_path_expressions;
  std::vector<std::string> managers;  // fields that these field managers own
  friend bool operator==(const IgnoreDifference&, const IgnoreDifference&) = default;
};

// A health check of the user's own, in Lua, by Argo CD's convention: the object is the global
// `obj`, the script returns a table with `status` and `message`.
struct HealthCheck {
  std::string group;  // globs; "" is the core group
  std::string kind;
  std::string lua;
  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

// What deleting the application does to its objects in the clusters. kRefuse: it cannot be
// deleted before its deletion policy is changed.
enum class DeletionPolicy : std::uint8_t { kOrphan, kCascade, kRefuse };

// One wave takes clusters that no earlier wave took. Exactly one of: selector, count,
// percent (of all selected clusters, rounded up), or none of them (the rest; only last).
struct WaveSpec {
  std::string name;
  ClusterSelector clusters;
  std::optional<int> count;
  std::optional<int> percent;
  Duration bake{0};
  int max_parallel = 0;  // clusters at a time; 0: all of the wave
  friend bool operator==(const WaveSpec&, const WaveSpec&) = default;
};

enum class OnFailure { kRollback, kHold };

struct StrategySpec {
  std::vector<WaveSpec> waves;  // none: one wave with every cluster
  int max_failures = 0;         // clusters that may fail before the rollout does
  OnFailure on_failure = OnFailure::kRollback;
  Duration deadline = std::chrono::minutes(15);  // per cluster, apply until healthy
  friend bool operator==(const StrategySpec&, const StrategySpec&) = default;
};

struct Application {
  std::string name;
  std::string project = "default";
  Labels labels;
  std::int64_t generation = 0;  // set by the store: grows with every change of the spec
  SourceSpec source;
  DestinationSpec destination;
  SyncSpec sync;
  StrategySpec rollout;
  std::vector<IgnoreDifference> ignore_differences;
  std::vector<HealthCheck> health_checks;
  DeletionPolicy deletion = DeletionPolicy::kOrphan;
};

// Where a cluster is and who we are there: a context of a kubeconfig, by path (read by the
// server, re-read when it changes) or inline (stored encrypted).
struct Cluster {
  std::string name;
  Labels labels;
  std::int64_t generation = 0;
  std::string kubeconfig_path;
  Secret kubeconfig_inline;
  std::string context;  // "" takes current-context
};

// Credentials and trust for repositories whose URL starts with `url`.
struct Repository {
  std::string name;
  std::string url;
  std::int64_t generation = 0;
  std::string username;
  Secret password;            // or token
  std::string password_file;  // read by the server at each use
  std::string ssh_key_file;
  Secret ssh_key_passphrase;
  std::string known_hosts_file;  // ssh host keys; absent: the server user's own
  std::string ca_file;
  bool plain_http = false;  // of an oci:// URL: without TLS
  // What kustomizations of the repository may name on the network: globs on URLs without query,
  // "https://github.com/kubernetes-sigs/*". None: nothing (docs/remote-bases.md).
  std::vector<std::string> allowed_remotes;
};

using Resource = std::variant<Application, Cluster, Repository>;

std::string_view KindOf(const Resource& resource);  // "Application"
const std::string& NameOf(const Resource& resource);

// Reads one declared resource; unknown fields, wrong types and impossible combinations are
// kInvalidArgument with the field's path and place ("app.yaml:12:5: spec.rollout.waves[1].percent:
// 140 is not between 1 and 100"). Known kinds that Swell does not have yet (Project,
// Notification) are kUnimplemented.
Result<Resource> ParseResource(const config::Document& document);
// Every document of a file.
Result<std::vector<Resource>> ParseResources(std::string_view text, const std::string& file);

enum class SecretFields { kRedact, kReveal };
// The resource as a document (apiVersion, kind, metadata, spec). kReveal is for the encrypted
// store alone.
Value ToValue(const Resource& resource, SecretFields secrets);

}  // namespace swell
