#pragma once
// The ordered set of resources of a build, with an index over every id that a resource has
// or had, so that appending and looking up take constant time.

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "renderer/kustomize/transforms/budget.h"
#include "renderer/kustomize/transforms/resource.h"

namespace swell::kustomize {

// Not thread-safe. Positions stay valid until DropDeleted. What it holds counts against the
// budget, which must outlive it.
class ResourceMap {
 public:
  explicit ResourceMap(Budget& budget) : budget_(&budget) {}

  Budget& budget() const { return *budget_; }
  std::size_t size() const { return resources_.size(); }
  bool empty() const { return resources_.empty(); }
  const Resource& at(std::size_t i) const { return *resources_[i]; }
  const std::vector<std::unique_ptr<Resource>>& all() const { return resources_; }
  // For everything that leaves kind, API version, name and namespace alone.
  Resource& Mutable(std::size_t i) { return *resources_[i]; }
  // Sets the value and keeps the index right.
  Status SetValue(std::size_t i, Value value);
  Status StorePreviousId(std::size_t i);

  // kInvalidArgument where the id is taken.
  Status Append(Resource resource);
  // Of a map of the same budget.
  Status AppendAll(ResourceMap other);
  // Adds a generated resource, or merges it into or replaces the one of its id, as its
  // behavior says.
  Status Absorb(Resource resource);
  Status AbsorbAll(ResourceMap other);

  // Resources that have or had the id, in order.
  std::vector<std::size_t> FindByAnyId(const ResourceId& id) const;
  // kInvalidArgument where changes since the last call have given two resources the same id. Takes
  // no time where no id has changed.
  Status CheckUnique();
  // How many have the id now.
  std::size_t CountByCurrentId(const ResourceId& id) const;

  // Removes deleted resources; positions change.
  void DropDeleted();
  // Puts the resources into the order of these positions (a permutation or a selection).
  void Reorder(const std::vector<std::size_t>& positions);

 private:
  void IndexId(std::size_t i, const ResourceId& id);
  // Against the budget, unless another map has counted it before.
  Status Count(Resource& resource);
  Status Insert(std::unique_ptr<Resource> resource);
  void Rebuild();

  Budget* budget_;
  std::vector<std::unique_ptr<Resource>> resources_;
  bool any_deleted_ = false;
  // Id -> positions that have or once had it. May name resources that no longer do: whoever
  // looks up checks.
  std::unordered_map<std::string, std::vector<std::size_t>> by_id_;
  bool ids_changed_ = false;  // since the last CheckUnique
};

}  // namespace swell::kustomize
