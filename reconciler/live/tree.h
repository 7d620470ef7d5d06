#pragma once
// Tree: an application's objects in one cluster, and below each what it owns
// (metadata.ownerReferences), down to pods. Pure; tree_reader.h reads what it needs.

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/health.h"
#include "reconciler/health/health.h"
#include "renderer/object/object.h"

namespace swell::live {

// An object that may belong below a root.
struct Owned {
  GroupVersionKind kind;  // the object itself may say PartialObjectMetadata
  Value object;           // whole, or metadata alone
  bool whole = false;
};

// An object of the application.
struct Root {
  ObjectId id;
  std::string version;
  std::optional<Value> object;  // nothing: it is not there
};

struct TreeNode {
  ObjectId id;
  std::string version;
  std::string uid;               // "" where the object is missing
  std::optional<Health> health;  // nothing where it was not judged
  Timestamp created{};
  bool deleting = false;
  int ready = 0;     // of a pod: containers; of a workload: pods; of a Job: completions
  int total = 0;     // 0: nothing to count
  int restarts = 0;  // of its containers, or of those below it
  Value pod;         // of pods alone: the object
  std::vector<TreeNode> children;
  // Kind -> how many of its children are left out: revisions that hold no pods.
  std::map<std::string, int> folded;
};

// Of objects that only remember earlier revisions: counted in `folded`, or shown like any other.
enum class EarlierRevisions { kFolded, kShown };

struct TreeOptions {
  std::size_t max_nodes = 5'000;
  int max_depth = 32;
  EarlierRevisions earlier = EarlierRevisions::kFolded;
  // Judges objects that are known as a whole; empty: none is judged.
  std::function<Health(const Value&)> assess = [](const Value& object) {
    return health::Assess(object);
  };
};

struct Tree {
  std::vector<TreeNode> roots;  // in the order given
  bool cut = false;             // max_nodes or max_depth left something out
};

// An object is shown once: as a root, else below the owner that controls it, else below the
// first owner that is there. An owner counts by its uid and, for namespaced ones, in its own
// namespace: a reference to an object that was deleted and made anew owns nothing, as for the
// garbage collector. Cycles below a root end where they begin; what no root reaches is left out.
Tree BuildTree(const std::vector<Root>& roots, const std::vector<Owned>& owned,
               const TreeOptions& options = {});

// Whether somebody should look at the node itself: worse than Suspended.
bool IsUnwell(const TreeNode& node);
// Leaves what is unwell, and what leads to it.
void KeepUnwell(std::vector<TreeNode>& nodes);
// Leaves `levels` levels.
void CutBelow(std::vector<TreeNode>& nodes, int levels);

// "Deployment/web", "deployment/web", "deploy/web", "web": kind without regard to case, kubectl's
// short names; without a kind any. kInvalidArgument for malformed text.
struct ObjectPattern {
  std::string kind;  // lower case; "" is any
  std::string name;
  static Result<ObjectPattern> Parse(std::string_view text);
  bool Matches(const ObjectId& id) const;
};
// The nodes, at any level, that the pattern names; their subtrees come with them.
std::vector<TreeNode> Matching(const std::vector<TreeNode>& nodes, const ObjectPattern& pattern);

// Calls `visit` for every node, owners first.
template <class Visit>
void ForEachNode(const std::vector<TreeNode>& nodes, const Visit& visit) {
  for (const TreeNode& node : nodes) {
    visit(node);
    ForEachNode(node.children, visit);
  }
}

}  // namespace swell::live
