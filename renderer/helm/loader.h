#pragma once
// Files into a Chart, as helm loads a chart folder or archive.

#include <string_view>

#include "renderer/helm/chart.h"
#include "renderer/helm/limits.h"
#include "renderer/source/file_tree.h"

namespace swell::helm {

struct LoadOptions {
  const Limits& limits;
  unsigned threads = 1;  // that read files
  // Leaves files below crds/ to their first reader: they are most of some charts, and no use
  // where CRDs are not printed. The tree must not change meanwhile.
  bool crds_when_asked_for = false;
};

// Loads the chart in `folder`. Its .helmignore is honoured; subcharts in charts/ (folders and
// .tgz archives) come with it. Errors have helm's words and name the chart and file.
Result<ChartPtr> LoadChart(const FileTreePtr& tree, std::string_view folder,
                           const LoadOptions& options);

// Loads an unpacked archive: `tree` holds one folder with the chart in it.
Result<ChartPtr> LoadArchivedChart(const FileTree& tree, const Limits& limits = {});

// A values file: every document merged over the ones before it. Numbers are floats.
Result<Value> LoadValues(std::string_view yaml);

// `over` merged into `base`, tables recursively; null replaces (helm's MergeMaps).
Value MergeMaps(const Value& base, const Value& over);

}  // namespace swell::helm
