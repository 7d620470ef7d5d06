#include "reconciler/live/tree_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "reconciler/live/task_pool.h"

namespace swell::live {
namespace {

using Done = std::move_only_function<void(Result<TreeParts>)>;

// Kubernetes' own groups: the kinds in them that own anything are known one by one.
constexpr std::array<std::string_view, 12> kOwnGroups = {"",
                                                         "apps",
                                                         "batch",
                                                         "autoscaling",
                                                         "policy",
                                                         "extensions",
                                                         "networking.k8s.io",
                                                         "rbac.authorization.k8s.io",
                                                         "apiextensions.k8s.io",
                                                         "admissionregistration.k8s.io",
                                                         "storage.k8s.io",
                                                         "apiregistration.k8s.io"};
constexpr std::size_t kMaxRelatedKinds = 24;  // custom kinds looked for below one custom kind

bool IsOwnGroup(std::string_view group) {
  return std::ranges::find(kOwnGroups, group) != kOwnGroups.end() ||
         (group.ends_with(".k8s.io") && group != "gateway.networking.k8s.io" &&
          !group.ends_with(".x-k8s.io"));
}

// cert-manager.io and acme.cert-manager.io: what one operator brings.
bool Related(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  return a == b || (a.ends_with(b) && a[a.size() - b.size() - 1] == '.');
}

const GroupKind kPod{"", "Pod"};
const GroupKind kReplicaSet{"apps", "ReplicaSet"};
const GroupKind kJob{"batch", "Job"};
const GroupKind kRevision{"apps", "ControllerRevision"};
const GroupKind kSlice{"discovery.k8s.io", "EndpointSlice"};

// Kinds whose objects are neither well nor unwell: their metadata is all that is shown.
bool HasHealth(const GroupKind& kind) { return kind != kRevision && kind != kSlice; }

}  // namespace

std::vector<GroupKind> OwnedKinds(const GroupKind& kind, const kube::ApiResources& served) {
  if (kind.group == "apps") {
    if (kind.kind == "Deployment") return {kReplicaSet, kPod};
    if (kind.kind == "ReplicaSet") return {kPod};
    if (kind.kind == "StatefulSet" || kind.kind == "DaemonSet") return {kPod, kRevision};
    return {};
  }
  if (kind.group == "batch") {
    if (kind.kind == "Job") return {kPod};
    if (kind.kind == "CronJob") return {kJob, kPod};
    return {};
  }
  if (kind == GroupKind{"", "ReplicationController"}) return {kPod};
  if (kind == GroupKind{"", "Service"}) return {kSlice};
  if (IsOwnGroup(kind.group)) return {};
  std::vector<GroupKind> out = {{"apps", "Deployment"},
                                kReplicaSet,
                                {"apps", "StatefulSet"},
                                {"apps", "DaemonSet"},
                                kRevision,
                                kJob,
                                {"batch", "CronJob"},
                                kPod,
                                {"", "Service"},
                                kSlice,
                                {"", "PersistentVolumeClaim"}};
  std::set<GroupKind> related;
  for (const kube::ApiResource& resource : served.all()) {
    if (!resource.namespaced || !resource.Can("list") || IsOwnGroup(resource.group)) continue;
    if (resource.group_kind() == kind || !Related(resource.group, kind.group)) continue;
    if (related.size() < kMaxRelatedKinds) related.insert(resource.group_kind());
  }
  out.insert(out.end(), related.begin(), related.end());
  return out;
}

namespace {

// All members are used on the client's loop alone.
class TreeReader : public std::enable_shared_from_this<TreeReader> {
 public:
  TreeReader(kube::ConnectionPtr connection, std::vector<Wanted> wanted, TreeReadOptions options,
             Done done)
      : connection_(std::move(connection)),
        wanted_(std::move(wanted)),
        options_(options),
        done_(std::move(done)) {}

  void Start() {
    connection_->discovery->Get(
        OnLoop<kube::ApiResourcesPtr>(loop(), [this, self = shared_from_this()](auto served) {
          if (!served) return done_(Fail(std::move(served).error()));
          served_ = *std::move(served);
          ReadRoots();
        }));
  }

 private:
  void ReadRoots() {
    if (options_.detail == Detail::kPods) {
      std::erase_if(wanted_, [&](const Wanted& wanted) {
        const GroupKind kind{wanted.id.group, wanted.id.kind};
        const auto owned = OwnedKinds(kind, *served_);
        return kind != kPod && std::ranges::find(owned, kPod) == owned.end();
      });
    }
    std::ranges::sort(wanted_, [](const Wanted& a, const Wanted& b) {
      const auto key = [](const Wanted& w) {
        return std::tuple(ApplyRank({w.id.group, w.id.kind}), w.id);
      };
      return key(a) < key(b);
    });
    Read(connection_, wanted_,
         [this, self = shared_from_this()](Result<Objects> objects) {
           if (!objects) return done_(Fail(std::move(objects).error()));
           for (const Wanted& wanted : wanted_) {
             roots_.push_back({wanted.id, wanted.version, (*objects)[wanted.id]});
           }
           ListOwned();
         },
         {.managed_fields = ManagedFields::kStrip, .max_parallel = options_.max_parallel});
  }

  void ListOwned() {
    std::set<std::pair<std::string, GroupKind>> wanted;
    for (const Root& root : roots_) {
      // What owns things cluster-wide would have to be looked for in every namespace.
      if (!root.object || root.id.ns.empty()) continue;
      for (GroupKind& kind : OwnedKinds({root.id.group, root.id.kind}, *served_)) {
        wanted.emplace(root.id.ns, std::move(kind));
      }
    }
    std::vector<TaskPool::Task> tasks;
    for (const auto& [ns, kind] : wanted) {
      const kube::ApiResource* resource = served_->Find(kind);
      if (!resource) continue;
      tasks.push_back([this, self = shared_from_this(), ns = ns,
                       resource = *resource](TaskPool::Finished finished) mutable {
        List(ns, std::move(resource), std::move(finished));
      });
    }
    TaskPool::Run(std::move(tasks), options_.max_parallel,
                  [this, self = shared_from_this()] { ReadShown(); });
  }

  void List(const std::string& ns, kube::ApiResource resource, TaskPool::Finished finished) {
    kube::ListOptions options;
    options.max_items = options_.max_listed;
    options.max_bytes = options_.max_listed_bytes;
    if (resource.group_kind() != kPod) options.form = kube::ObjectForm::kMetadata;
    const kube::ResourceRef ref = resource.Ref(ns, "");
    connection_->client->List(
        ref,
        OnLoop<kube::ListResult>(
            loop(),
            [this, self = shared_from_this(), ns, resource = std::move(resource),
             finished = std::move(finished)](auto result) mutable {
              if (result) {
                Keep(resource, std::move(result->items));
              } else if (!result.error().IsNotServed()) {
                warnings_.push_back(resource.resource + " in namespace " + ns +
                                    " are not shown: " + result.error().ToString());
              }
              finished();
            }),
        options);
  }

  void Keep(const kube::ApiResource& resource, std::vector<Value> items) {
    for (Value& item : items) {
      // Nothing that nobody owns.
      if (item["metadata"]["ownerReferences"].empty()) continue;
      const bool whole = item["kind"].as_string() == resource.kind;
      owned_.push_back({resource.gvk(), item.WithoutAt({"metadata", "managedFields"}), whole});
    }
  }

  // Of what is shown, what only its metadata is known of.
  void ReadShown() {
    if (options_.detail != Detail::kAll) return Finish();
    std::set<std::string> partial;
    for (const Owned& one : owned_) {
      if (!one.whole) partial.insert(one.object["metadata"]["uid"].str());
    }
    std::vector<Wanted> wanted;
    std::size_t left_out = 0;
    const Tree tree = BuildTree(roots_, owned_, {.assess = nullptr});
    ForEachNode(tree.roots, [&](const TreeNode& node) {
      if (!partial.contains(node.uid) || !HasHealth({node.id.group, node.id.kind})) return;
      if (wanted.size() >= options_.max_read_whole) {
        ++left_out;
      } else {
        wanted.push_back({node.id, node.version});
      }
    });
    if (left_out > 0) {
      warnings_.push_back("the health of " + std::to_string(left_out) +
                          " further objects is not shown: only " +
                          std::to_string(options_.max_read_whole) + " are read at a time");
    }
    if (wanted.empty()) return Finish();
    Read(connection_, std::move(wanted),
         [this, self = shared_from_this()](Result<Objects> objects) {
           if (objects) {
             Complete(*objects);
           } else {
             warnings_.push_back("the health of what the objects own is not shown: " +
                                 objects.error().ToString());
           }
           Finish();
         },
         {.managed_fields = ManagedFields::kStrip, .max_parallel = options_.max_parallel});
  }

  void Complete(const Objects& objects) {
    for (Owned& one : owned_) {
      const Value& metadata = one.object["metadata"];
      const auto found = objects.find(
          {one.kind.group, one.kind.kind, metadata["namespace"].str(), metadata["name"].str()});
      if (found == objects.end() || !found->second) continue;
      if ((*found->second)["metadata"]["uid"] != metadata["uid"]) continue;  // made anew meanwhile
      one.object = *found->second;
      one.whole = true;
    }
  }

  void Finish() { done_(TreeParts{std::move(roots_), std::move(owned_), std::move(warnings_)}); }

  net::Loop& loop() { return connection_->client->loop(); }

  kube::ConnectionPtr connection_;
  std::vector<Wanted> wanted_;
  const TreeReadOptions options_;
  Done done_;
  kube::ApiResourcesPtr served_;
  std::vector<Root> roots_;
  std::vector<Owned> owned_;
  std::vector<std::string> warnings_;
};

}  // namespace

void ReadTreeOf(kube::ConnectionPtr connection, std::vector<Wanted> objects, Done done,
                TreeReadOptions options) {
  net::Loop& loop = connection->client->loop();
  auto reader = std::make_shared<TreeReader>(std::move(connection), std::move(objects), options,
                                             std::move(done));
  loop.Post([reader = std::move(reader)] { reader->Start(); });
}

}  // namespace swell::live
