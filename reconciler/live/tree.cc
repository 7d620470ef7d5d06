#include "reconciler/live/tree.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/core/strings.h"

namespace swell::live {
namespace {

constexpr char kRevision[] = "deployment.kubernetes.io/revision";

std::int64_t RevisionOf(const Value& object) {
  const std::string text = object["metadata"]["annotations"][kRevision].str();
  return std::atoll(text.c_str());
}

bool IsPod(const ObjectId& id) { return id.group.empty() && id.kind == "Pod"; }

int Small(const Value& number) {
  return static_cast<int>(std::clamp<std::int64_t>(number.as_int(), 0, 1'000'000'000));
}

void CountContainers(const Value& pod, TreeNode& node) {
  const Value& status = pod["status"];
  node.total = static_cast<int>(pod["spec"]["containers"].size());
  for (const Value& container : status["containerStatuses"].items()) {
    node.ready += container["ready"].as_bool() ? 1 : 0;
    node.restarts += Small(container["restartCount"]);
  }
  for (const Value& container : status["initContainerStatuses"].items()) {
    node.restarts += Small(container["restartCount"]);
  }
}

// What the object itself says of the pods that it wants and has.
void CountPods(const Value& object, TreeNode& node) {
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  if (node.id.kind == "DaemonSet") {
    node.ready = Small(status["numberReady"]);
    node.total = Small(status["desiredNumberScheduled"]);
  } else if (node.id.group == "batch" && node.id.kind == "Job") {
    node.ready = Small(status["succeeded"]);
    node.total = static_cast<int>(spec["completions"].as_int(1));
  } else if (spec["replicas"].is_int()) {
    node.ready = Small(status["readyReplicas"]);
    node.total = Small(spec["replicas"]);
  }
}

void Describe(const Value& object, bool whole, const TreeOptions& options, TreeNode& node) {
  const Value& metadata = object["metadata"];
  node.uid = metadata["uid"].str();
  node.deleting = metadata.Has("deletionTimestamp");
  node.created = ParseTimestamp(metadata["creationTimestamp"].as_string()).value_or(Timestamp{});
  if (!whole) return;
  if (options.assess) node.health = options.assess(object);
  if (IsPod(node.id)) {
    CountContainers(object, node);
    node.pod = object;
  } else {
    CountPods(object, node);
  }
}

class Builder {
 public:
  Builder(const std::vector<Root>& roots, const std::vector<Owned>& owned,
          const TreeOptions& options)
      : roots_(roots), owned_(owned), options_(options) {}

  Tree Build() {
    for (const Root& root : roots_) {
      if (root.object) Know((*root.object)["metadata"]);
    }
    for (const Owned& one : owned_) Know(one.object["metadata"]);
    for (const Root& root : roots_) {
      if (root.object) placed_.insert((*root.object)["metadata"]["uid"].str());
    }
    for (const Owned& one : owned_) {
      const std::string_view owner = OwnerOf(one.object["metadata"]);
      if (!owner.empty()) below_[std::string(owner)].push_back(&one);
    }
    for (const Root& root : roots_) {
      TreeNode node{.id = root.id, .version = root.version};
      if (!root.object) {
        node.health = Health{HealthStatus::kMissing, "not in the cluster"};
      } else {
        Describe(*root.object, true, options_, node);
        Grow(node, 1);
      }
      ++nodes_;
      tree_.roots.push_back(std::move(node));
    }
    return std::move(tree_);
  }

 private:
  void Know(const Value& metadata) {
    known_.try_emplace(metadata["uid"].str(), metadata["namespace"].str());
  }

  // The uid of the owner that the object is shown below, or "".
  std::string_view OwnerOf(const Value& metadata) const {
    std::string_view first;
    for (const Value& reference : metadata["ownerReferences"].items()) {
      const std::string_view uid = reference["uid"].as_string();
      const auto owner = known_.find(uid);
      if (uid.empty() || owner == known_.end()) continue;
      if (!owner->second.empty() && owner->second != metadata["namespace"].as_string()) continue;
      if (reference["controller"].as_bool()) return uid;
      if (first.empty()) first = uid;
    }
    return first;
  }

  void Grow(TreeNode& node, int depth) {
    const auto found = below_.find(node.uid);
    if (node.uid.empty() || found == below_.end()) return;
    if (depth >= options_.max_depth) {
      tree_.cut = true;
      return;
    }
    std::vector<std::pair<const Owned*, TreeNode>> grown;
    for (const Owned* one : found->second) {
      const Value& metadata = one->object["metadata"];
      if (!placed_.insert(metadata["uid"].str()).second) continue;
      if (nodes_ >= options_.max_nodes) {
        tree_.cut = true;
        continue;
      }
      ++nodes_;
      TreeNode child{.id = {one->kind.group, one->kind.kind, metadata["namespace"].str(),
                            metadata["name"].str()},
                     .version = one->kind.version};
      Describe(one->object, one->whole, options_, child);
      Grow(child, depth + 1);
      grown.emplace_back(one, std::move(child));
    }
    Sort(grown);
    if (options_.earlier == EarlierRevisions::kFolded) Fold(node, grown);
    for (auto& [one, child] : grown) {
      if (!IsPod(node.id)) node.restarts += child.restarts;
      node.children.push_back(std::move(child));
    }
  }

  // ReplicaSets newest first, as `kubectl rollout history` counts; all else by kind and name.
  static void Sort(std::vector<std::pair<const Owned*, TreeNode>>& grown) {
    std::ranges::sort(grown, [](const auto& a, const auto& b) {
      const auto key = [](const auto& e) {
        return std::tuple(e.second.id.kind, -RevisionOf(e.first->object),
                          std::string_view(e.second.id.name));
      };
      return key(a) < key(b);
    });
  }

  // Takes away what only remembers earlier revisions.
  static void Fold(TreeNode& node, std::vector<std::pair<const Owned*, TreeNode>>& grown) {
    bool newest = true;  // they come first
    std::erase_if(grown, [&](const auto& e) {
      const auto& [one, child] = e;
      bool folds = child.id.kind == "ControllerRevision";
      if (child.id.group == "apps" && child.id.kind == "ReplicaSet") {
        folds = !std::exchange(newest, false) && child.children.empty() &&
                one->object["spec"]["replicas"].as_int() == 0;
      }
      if (folds) ++node.folded[child.id.kind];
      return folds;
    });
  }

  const std::vector<Root>& roots_;
  const std::vector<Owned>& owned_;
  const TreeOptions& options_;
  std::map<std::string, std::string, std::less<>> known_;  // uid -> namespace
  std::map<std::string, std::vector<const Owned*>> below_;
  std::set<std::string> placed_;
  std::size_t nodes_ = 0;
  Tree tree_;
};

// kubectl's short names of what people look for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kShort = {{
    {"deploy", "deployment"},
    {"sts", "statefulset"},
    {"ds", "daemonset"},
    {"rs", "replicaset"},
    {"po", "pod"},
    {"svc", "service"},
    {"cj", "cronjob"},
    {"ing", "ingress"},
    {"cm", "configmap"},
    {"pvc", "persistentvolumeclaim"},
    {"hpa", "horizontalpodautoscaler"},
    {"sa", "serviceaccount"},
}};

}  // namespace

Tree BuildTree(const std::vector<Root>& roots, const std::vector<Owned>& owned,
               const TreeOptions& options) {
  return Builder(roots, owned, options).Build();
}

bool IsUnwell(const TreeNode& node) {
  return node.health && node.health->status > HealthStatus::kSuspended;
}

void KeepUnwell(std::vector<TreeNode>& nodes) {
  std::erase_if(nodes, [](TreeNode& node) {
    KeepUnwell(node.children);
    return node.children.empty() && !IsUnwell(node);
  });
}

void CutBelow(std::vector<TreeNode>& nodes, int levels) {
  if (levels <= 0) return nodes.clear();
  for (TreeNode& node : nodes) CutBelow(node.children, levels - 1);
}

Result<ObjectPattern> ObjectPattern::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  ObjectPattern out;
  if (slash != text.npos) {
    out.kind = ToLower(text.substr(0, slash));
    text.remove_prefix(slash + 1);
  }
  out.name = std::string(text);
  if (out.name.empty() || text.find('/') != text.npos || (slash == 0)) {
    return Fail(InvalidArgument("object: give KIND/NAME, as in Deployment/web"));
  }
  for (const auto& [alias, kind] : kShort) {
    if (out.kind == alias) out.kind = kind;
  }
  return out;
}

bool ObjectPattern::Matches(const ObjectId& id) const {
  if (name != id.name) return false;
  const std::string have = ToLower(id.kind);
  return kind.empty() || kind == have || kind == have + "s";
}

std::vector<TreeNode> Matching(const std::vector<TreeNode>& nodes, const ObjectPattern& pattern) {
  std::vector<TreeNode> out;
  for (const TreeNode& node : nodes) {
    if (pattern.Matches(node.id)) {
      out.push_back(node);
    } else {
      auto below = Matching(node.children, pattern);
      std::move(below.begin(), below.end(), std::back_inserter(out));
    }
  }
  return out;
}

}  // namespace swell::live
