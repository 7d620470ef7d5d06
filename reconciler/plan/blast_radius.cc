#include "reconciler/plan/blast_radius.h"

#include <algorithm>
#include <array>

namespace swell::plan {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kProtected = {{
    {"", "Namespace"},
    {"", "PersistentVolume"},
    {"", "PersistentVolumeClaim"},
    {"admissionregistration.k8s.io", "MutatingWebhookConfiguration"},
    {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"},
    {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"},
    {"apiextensions.k8s.io", "CustomResourceDefinition"},
    {"apiregistration.k8s.io", "APIService"},
    {"rbac.authorization.k8s.io", "ClusterRole"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding"},
    {"storage.k8s.io", "StorageClass"},
}};

// Of these the API server says 1 where nobody says anything.
bool HasDefaultReplicas(const ObjectId& id) {
  if (id.group == "apps") {
    return id.kind == "Deployment" || id.kind == "StatefulSet" || id.kind == "ReplicaSet";
  }
  return id.group.empty() && id.kind == "ReplicationController";
}

// Beyond what any cluster runs, so that no sum of a wild number overflows.
constexpr std::int64_t kMostReplicas = 1'000'000'000;

std::optional<std::int64_t> StatedReplicas(const Value& object) {
  const Value& replicas = object["spec"]["replicas"];
  if (!replicas.is_int()) return std::nullopt;
  return std::clamp<std::int64_t>(replicas.as_int(), 0, kMostReplicas);
}

std::string KindText(const ObjectId& id) {
  return id.group.empty() ? id.kind : id.group + "/" + id.kind;
}

void CountIn(KindReach& reach, OperationType type) {
  if (type == OperationType::kCreate) ++reach.created;
  if (type == OperationType::kUpdate) ++reach.updated;
  if (type == OperationType::kDelete) ++reach.deleted;
}

using ById = std::map<ObjectId, const Object*>;
// By what is desired: the same list for all the clusters that want the same.
using KnownDesired = std::map<const std::vector<Object>*, ById>;

// The objects of one cluster by id, looked up only where a workload changes.
class Lookup {
 public:
  Lookup(const ClusterObjects* objects, KnownDesired& known) : objects_(objects), known_(known) {}

  const Value& Live(const ObjectId& id) const {
    static const Value kNone;
    if (objects_ == nullptr || objects_->live == nullptr) return kNone;
    const auto found = objects_->live->find(id);
    return found != objects_->live->end() && found->second ? *found->second : kNone;
  }

  const Value& Desired(const ObjectId& id) {
    static const Value kNone;
    if (objects_ == nullptr || objects_->desired == nullptr) return kNone;
    const auto [known, is_new] = known_.try_emplace(objects_->desired);
    ById& by_id = known->second;
    if (is_new) {
      for (const Object& object : *objects_->desired) by_id.emplace(object.id(), &object);
    }
    const auto found = by_id.find(id);
    return found == by_id.end() ? kNone : found->second->value;
  }

 private:
  const ClusterObjects* objects_;
  KnownDesired& known_;
};

class Meter {
 public:
  void Cluster(const ClusterPlan& cluster, const ClusterObjects* objects) {
    ++out_.clusters;
    if (!cluster.error.empty()) {
      ++out_.unreadable;
      return;
    }
    if (!cluster.HasChanges()) return;
    ++out_.touched;
    touched_.push_back(cluster.cluster);
    Lookup lookup(objects, desired_);
    for (const Operation& operation : cluster.operations->operations) Count(operation, lookup);
  }

  BlastRadius Finish(const std::vector<WaveProgress>& waves) {
    const auto listed = [](std::map<std::string, KindReach>& from) {
      std::vector<KindReach> out;
      for (auto& [kind, reach] : from) out.push_back(std::move(reach));
      return out;
    };
    out_.deletions = listed(deletions_);
    out_.protected_kinds = listed(protected_);
    std::ranges::sort(touched_);
    for (const WaveProgress& wave : waves) {
      WaveReach reach{.name = wave.name,
                      .clusters = wave.clusters,
                      .bake = wave.bake,
                      .approvals = !wave.approvals.empty(),
                      .gates = static_cast<int>(wave.gates.size())};
      reach.touched = static_cast<int>(std::ranges::count_if(wave.clusters, [this](const auto& c) {
        return std::ranges::binary_search(touched_, c);
      }));
      out_.waves.push_back(std::move(reach));
    }
    return std::move(out_);
  }

 private:
  void Count(const Operation& operation, Lookup& lookup) {
    if (operation.type == OperationType::kNone || operation.phase == Phase::kSyncFail) return;
    if (operation.hook) {
      ++out_.hooks;
      return;
    }
    if (operation.type == OperationType::kCreate) ++out_.created;
    if (operation.type == OperationType::kUpdate) ++out_.updated;
    if (operation.type == OperationType::kDelete) ++out_.deleted;
    const std::string kind = KindText(operation.id);
    if (operation.type == OperationType::kDelete) NoteIn(deletions_, kind, operation.type);
    if (IsProtectedKind({operation.id.group, operation.id.kind})) {
      NoteIn(protected_, kind, operation.type);
    }
    CountReplicas(operation, lookup);
  }

  static void NoteIn(std::map<std::string, KindReach>& to, const std::string& kind,
                     OperationType type) {
    KindReach& reach = to[kind];
    reach.kind = kind;
    CountIn(reach, type);
  }

  void CountReplicas(const Operation& operation, Lookup& lookup) {
    const bool deletes = operation.type == OperationType::kDelete;
    const Value& live = lookup.Live(operation.id);
    const Value& desired = lookup.Desired(operation.id);
    const std::int64_t fallback = HasDefaultReplicas(operation.id) ? 1 : 0;
    const std::int64_t before = live.is_null() ? 0 : StatedReplicas(live).value_or(fallback);
    out_.replicas_before += before;
    if (deletes || (desired.is_null() && live.is_null())) return;
    // What is not stated stays as somebody else (an autoscaler) has set it.
    out_.replicas_after += StatedReplicas(desired).value_or(live.is_null() ? fallback : before);
  }

  BlastRadius out_;
  KnownDesired desired_;
  std::vector<std::string> touched_;
  std::map<std::string, KindReach> deletions_;
  std::map<std::string, KindReach> protected_;
};

Value ReachToValue(const std::vector<KindReach>& kinds) {
  std::vector<Value> out;
  for (const KindReach& reach : kinds) {
    out.push_back(Value::Object({{"kind", Value(reach.kind)},
                                 {"created", Value(reach.created)},
                                 {"updated", Value(reach.updated)},
                                 {"deleted", Value(reach.deleted)}}));
  }
  return Value::Array(std::move(out));
}

int IntOf(const Value& value) { return static_cast<int>(value.as_int()); }

std::vector<KindReach> ReachFromValue(const Value& value) {
  std::vector<KindReach> out;
  for (const Value& v : value.items()) {
    out.push_back({v["kind"].str(), IntOf(v["created"]), IntOf(v["updated"]), IntOf(v["deleted"])});
  }
  return out;
}

}  // namespace

bool IsProtectedKind(const GroupKind& kind) {
  return std::ranges::any_of(kProtected, [&](const auto& one) {
    return one.first == kind.group && one.second == kind.kind;
  });
}

BlastRadius MeasureBlastRadius(const Plan& plan, const std::vector<WaveProgress>& waves,
                               const std::map<std::string, ClusterObjects>& objects) {
  Meter meter;
  for (const ClusterPlan& cluster : plan.clusters) {
    const auto found = objects.find(cluster.cluster);
    meter.Cluster(cluster, found == objects.end() ? nullptr : &found->second);
  }
  return meter.Finish(waves);
}

Value ToValue(const BlastRadius& radius) {
  std::vector<Value> waves;
  for (const WaveReach& wave : radius.waves) {
    std::vector<Value> clusters;
    for (const std::string& name : wave.clusters) clusters.push_back(Value(name));
    waves.push_back(Value::Object({{"name", Value(wave.name)},
                                   {"clusters", Value::Array(std::move(clusters))},
                                   {"touched", Value(wave.touched)},
                                   {"bakeMs", Value(std::int64_t{wave.bake.count()})},
                                   {"approvals", Value(wave.approvals)},
                                   {"gates", Value(wave.gates)}}));
  }
  return Value::Object({{"clusters", Value(radius.clusters)},
                        {"touched", Value(radius.touched)},
                        {"unreadable", Value(radius.unreadable)},
                        {"created", Value(radius.created)},
                        {"updated", Value(radius.updated)},
                        {"deleted", Value(radius.deleted)},
                        {"hooks", Value(radius.hooks)},
                        {"replicasBefore", Value(radius.replicas_before)},
                        {"replicasAfter", Value(radius.replicas_after)},
                        {"deletions", ReachToValue(radius.deletions)},
                        {"protectedKinds", ReachToValue(radius.protected_kinds)},
                        {"waves", Value::Array(std::move(waves))}});
}

Result<BlastRadius> BlastRadiusFromValue(const Value& v) {
  if (!v.is_object()) {
    return Fail(Error(ErrorCode::kDataLoss, "a recorded plan has no blast radius"));
  }
  BlastRadius out;
  out.clusters = IntOf(v["clusters"]);
  out.touched = IntOf(v["touched"]);
  out.unreadable = IntOf(v["unreadable"]);
  out.created = IntOf(v["created"]);
  out.updated = IntOf(v["updated"]);
  out.deleted = IntOf(v["deleted"]);
  out.hooks = IntOf(v["hooks"]);
  out.replicas_before = v["replicasBefore"].as_int();
  out.replicas_after = v["replicasAfter"].as_int();
  out.deletions = ReachFromValue(v["deletions"]);
  out.protected_kinds = ReachFromValue(v["protectedKinds"]);
  for (const Value& w : v["waves"].items()) {
    WaveReach wave;
    wave.name = w["name"].str();
    for (const Value& name : w["clusters"].items()) wave.clusters.push_back(name.str());
    wave.touched = IntOf(w["touched"]);
    wave.bake = Duration{w["bakeMs"].as_int()};
    wave.approvals = w["approvals"].as_bool();
    wave.gates = IntOf(w["gates"]);
    out.waves.push_back(std::move(wave));
  }
  return out;
}

std::string Describe(const BlastRadius& radius) {
  std::string out = std::to_string(radius.touched) + " of " + std::to_string(radius.clusters) +
                    " clusters: " + std::to_string(radius.created) + " create, " +
                    std::to_string(radius.updated) + " update, " + std::to_string(radius.deleted) +
                    " delete";
  if (radius.replicas_before != 0 || radius.replicas_after != 0) {
    out += "; replicas " + std::to_string(radius.replicas_before) + " -> " +
           std::to_string(radius.replicas_after);
  }
  if (radius.unreadable > 0) out += "; " + std::to_string(radius.unreadable) + " not readable";
  return out;
}

}  // namespace swell::plan
