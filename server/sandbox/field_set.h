#pragma once
// Sets of field paths in the form that managedFields carries (fieldsV1), and their algebra.
//
// A set is a tree: {"f:spec":{"f:replicas":{}}}. A node without children is a member; a node
// with children is one only where it holds ".". Rule: structured-merge-diff's serialisation
// (kubernetes sigs, v4/v6), as /openapi and managedFields of real servers show it. Trees are
// Values, so equal ownership of many objects is shared memory (interner.h).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"

namespace swell::sandbox::fields {

inline bool IsEmpty(const Value& set) { return set.empty(); }

Value Union(const Value& a, const Value& b);
Value Difference(const Value& a, const Value& b);
Value Intersection(const Value& a, const Value& b);

// Members as the server prints them in conflicts: ".spec.template.spec.containers[name=\"a\"]".
std::vector<std::string> Paths(const Value& set);

// Collects a tree path by path.
class Builder {
 public:
  Builder();
  ~Builder();
  // Makes the node at `path` (elements such as "f:spec") a member.
  void Insert(const std::vector<std::string>& path);
  Value Build() const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace swell::sandbox::fields
