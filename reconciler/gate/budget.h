#pragma once
// How much a plan deletes, against what an application may lose without somebody's word. Pure.

#include <string>
#include <vector>

#include "reconciler/domain/application.h"
#include "reconciler/domain/plan.h"

namespace swell::gate {

struct Deletions {
  std::int64_t count = 0;  // of objects, in all clusters together; hooks do not count
  int clusters = 0;        // in which something is deleted
  // The first of them, without repeating those that several clusters have: "ConfigMap demo/a".
  std::vector<std::string> examples;
  std::int64_t distinct = 0;
  // Namespaces, CustomResourceDefinitions, PersistentVolumeClaims: with them goes what is in them.
  std::vector<std::string> precious;
};
Deletions CountDeletions(const Plan& plan);

// Why the deletions need somebody's word, without what to do; "" where they do not. The percentage
// is of `held`, the objects that the application holds in the fleet, rounded up, and above 0 never
// less than one object in each cluster.
std::string OverBudget(const Deletions& deletions, const Application& application,
                       std::int64_t held);

}  // namespace swell::gate
