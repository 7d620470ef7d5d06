#pragma once
// What differs between two plans of an application: what a person who approved the one must know of
// the other. Pure.

#include <string>
#include <vector>

#include "reconciler/domain/plan.h"

namespace swell::plan {

// A field that one of them changes otherwise than the other. "" where it leaves it alone; else
// "3 -> 5", with "(absent)" for what is not there.
struct FieldDifference {
  std::string path;
  std::string first;
  std::string second;
  friend bool operator==(const FieldDifference&, const FieldDifference&) = default;
};

struct OperationDifference {
  ObjectId id;
  OperationType first = OperationType::kNone;  // what each does with the object
  OperationType second = OperationType::kNone;
  std::vector<FieldDifference> fields;
  friend bool operator==(const OperationDifference&, const OperationDifference&) = default;
};

// Clusters that differ alike.
struct ClusterDifference {
  std::vector<std::string> clusters;  // sorted
  std::string note;  // "only in the first plan", "could be read in the first plan alone"; or ""
  std::vector<OperationDifference> operations;
};

struct PlanComparison {
  Digest first;
  Digest second;
  // Of what the plans were made from: "revision 1a2b3c4 -> 5d6e7f8". Where nothing else differs and
  // the digests do, it says so: the waves or the clusters' addresses.
  std::vector<std::string> inputs;
  std::vector<ClusterDifference> clusters;
  bool Same() const { return first == second; }
};

PlanComparison ComparePlans(const Plan& first, const Plan& second);

// In one line each, at most so many: what to print beside an error.
std::vector<std::string> Summarize(const PlanComparison& comparison, std::size_t lines);

// Two sets that do the same have the same, though the objects that they delete are others (uids).
// The sets of a plan that do not change anything are all alike.
Digest AlikeDigest(const OperationSet& set);

}  // namespace swell::plan
