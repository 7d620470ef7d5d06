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
#include "reconciler/domain/amount.h"
#include "reconciler/domain/change_window.h"
#include "reconciler/domain/gate_spec.h"
#include "reconciler/domain/propagation.h"
#include "reconciler/domain/selector.h"
#include "renderer/object/object.h"
#include "renderer/pipeline/render.h"

namespace swell {

inline constexpr char kApiVersion[] = "swell/v1alpha1";
inline constexpr char kFieldManager[] = "swell";
inline constexpr char kOwnerAnnotation[] = "swell.dev/owner";  // value: the application's name

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

// How much of an application may be deleted without somebody's word: more than either is held.
// Namespaces, CRDs and PersistentVolumeClaims are always asked about.
struct DeletionBudget {
  int percent = 10;  // of the objects that the application holds in the fleet
  int objects = 20;
  friend bool operator==(const DeletionBudget&, const DeletionBudget&) = default;
};

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
  DeletionBudget deletion_budget;
  friend bool operator==(const SyncSpec&, const SyncSpec&) = default;
};

// Of an ignore rule that nobody declared: it holds for a while (reconciler/heal), and gives way to
// a commit.
struct Toleration {
  // What a commit must change of the object for the rule to give way: what the rule names, or
  // anything.
  enum class GivesWay : std::uint8_t { kToField, kToObject };
  std::string id;       // by which a plan tells that it has given way
  std::string cluster;  // "" is every one
  GivesWay gives_way = GivesWay::kToField;
  std::string why;  // "tolerated until 2026-03-04T18:00:00Z by ada: night shift"
  friend bool operator==(const Toleration&, const Toleration&) = default;
};

// Differences that count for nothing (Argo CD's ignoreDifferences).
struct IgnoreDifference {
  ObjectMatch objects;
  std::vector<std::string> json_pointers;  // with a toleration, "" is the whole object
  std::vector<std::string> jq_path_expressions;
  std::vector<std::string> managers;     // fields that these field managers own
  std::optional<Toleration> toleration;  // never declared, never written
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

// One wave takes clusters that no earlier wave took. Exactly one of: selector, count, percent (of
// all selected clusters, rounded up), spread_by, or none of them (the rest; only last).
struct WaveSpec {
  std::string name;
  ClusterSelector clusters;
  std::optional<int> count;
  std::optional<int> percent;
  std::string spread_by;  // a label: one cluster of each of its values
  Duration bake{0};
  Amount max_parallel;  // clusters at a time; 0: all of the wave
  // Clusters of the wave that are not proven well at a time, failed ones included; 0: no limit.
  Amount max_unavailable;
  std::optional<Amount> max_failures;  // of the wave; absent: the strategy's
  std::optional<Duration> deadline;    // absent: the strategy's
  ApprovalSpec approvals;              // before it starts
  std::vector<GateSpec> gates;         // after its bake
  friend bool operator==(const WaveSpec&, const WaveSpec&) = default;
};

// What a rollout does when more clusters fail than may. kContinue: they stay as they are and the
// rollout goes on within maxFailures; beyond it, it stops as with kHold.
enum class OnFailure : std::uint8_t { kRollback, kHold, kContinue };
// Whom kRollback takes back.
enum class RollbackScope : std::uint8_t { kTouched, kWave };
// What becomes of a running rollout when the ref moves.
enum class OnNewCommit : std::uint8_t { kSupersede, kFinish };
// What becomes of a cluster that does not answer. kSkip: it is left out, and caught up in wave
// order when it answers again; kWait: its wave waits for it.
enum class OfflinePolicy : std::uint8_t { kFail, kSkip, kWait };

struct StrategySpec {
  std::vector<WaveSpec> waves;  // none: one wave with every cluster
  Amount max_failures;          // clusters that may fail before the rollout does
  OnFailure on_failure = OnFailure::kRollback;
  RollbackScope rollback = RollbackScope::kTouched;
  OnNewCommit on_new_commit = OnNewCommit::kSupersede;
  OfflinePolicy offline = OfflinePolicy::kFail;
  Duration deadline = std::chrono::minutes(15);  // per cluster, apply until healthy
  friend bool operator==(const StrategySpec&, const StrategySpec&) = default;
};

// Who may do what with an application, by names and Teams; an empty list is everybody.
struct PermissionSpec {
  std::vector<std::string> sync;  // syncs and plans by hand, pause, resume, cancel
  std::vector<std::string> rollback;
  std::vector<std::string> approve;
  std::vector<std::string> override_;  // break the glass: windows, freezes, budgets
  std::vector<std::string> remove;     // delete it, confirm deletions beyond the budget
  friend bool operator==(const PermissionSpec&, const PermissionSpec&) = default;
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
  // Applications that must be well on a cluster before this one is changed there.
  std::vector<std::string> depends_on;
  PermissionSpec permissions;
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

// People, by the names under which they act.
struct Team {
  std::string name;
  std::int64_t generation = 0;
  std::vector<std::string> members;
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

using Resource = std::variant<Application, Cluster, Repository, Team, ChangeWindow>;

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
