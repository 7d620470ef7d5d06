#pragma once
// Reads what BuildTree needs from one cluster: the application's objects, and lists of the kinds
// that these may own. Pods come whole, all else as metadata; what is shown in the end and has a
// health of its own is then read whole, one by one.

#include <functional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "reconciler/kube/clients.h"
#include "reconciler/live/reader.h"
#include "reconciler/live/tree.h"

namespace swell::live {

enum class Detail {
  kAll,
  kOwners,  // who owns what: what is owned is known by its metadata, but for pods
  kPods,    // what leads to pods: as kOwners, without the objects that cannot own one
};

struct TreeReadOptions {
  Detail detail = Detail::kAll;
  std::size_t max_parallel = 8;
  // Of each list (one kind in one namespace). What is over them is not shown, and said so.
  std::size_t max_listed = 20'000;
  std::size_t max_listed_bytes = 64UL * 1024 * 1024;
  std::size_t max_read_whole = 200;
};

// For BuildTree, which may take a while: not on a network loop where health is judged.
struct TreeParts {
  std::vector<Root> roots;            // sorted by ApplyRank, kind, namespace and name
  std::vector<Owned> owned;           // also what is not theirs
  std::vector<std::string> warnings;  // what could not be read, and why
};

// Fails where the application's own objects cannot be read. Asynchronous; `done` is called once,
// on the client's loop.
void ReadTreeOf(kube::ConnectionPtr connection, std::vector<Wanted> objects,
                std::move_only_function<void(Result<TreeParts>)> done,
                TreeReadOptions options = {});

// Which kinds an object of this kind may own, directly or through others, as far as they are
// looked for. `served` tells which custom kinds there are. For tests.
std::vector<GroupKind> OwnedKinds(const GroupKind& kind, const kube::ApiResources& served);

}  // namespace swell::live
