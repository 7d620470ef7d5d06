#pragma once
// Chart.lock: the exact versions of a chart's dependencies, and whether they are still those of
// Chart.yaml.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/source/file_tree.h"

namespace swell::helm {

struct Lock {
  std::string file;  // "Chart.lock", or "requirements.lock" of older charts
  std::string digest;
  std::vector<Dependency> dependencies;
};

// What is declared in a chart's folder, without loading the chart.
struct Declared {
  Metadata metadata;  // of Chart.yaml, with requirements.yaml's dependencies where there is one
  std::optional<Lock> lock;
};

// Reads Chart.yaml, requirements.yaml, Chart.lock and requirements.lock. kNotFound where there is
// no Chart.yaml; otherwise errors as LoadChart has them.
Result<Declared> ReadDeclared(const FileTree& tree, std::string_view folder);

// Whether the lock was made for these dependencies: its digest is helm's over both, or helm 2's
// over the dependencies alone. `metadata` is validated.
bool LockMatches(const Metadata& metadata, const Lock& lock);

}  // namespace swell::helm
