#pragma once
// Files into a Chart, as helm loads a chart folder or archive.

#include <string_view>

#include "renderer/helm/chart.h"
#include "renderer/helm/limits.h"
#include "renderer/source/file_tree.h"

namespace swell::helm {

// Loads the chart in `folder`. Its .helmignore is honoured; subcharts in charts/ (folders and
// .tgz archives) come with it. Errors have helm's words and name the chart and file.
Result<ChartPtr> LoadChart(const FileTree& tree, std::string_view folder,
                           const Limits& limits = {});

// Loads an unpacked archive: `tree` holds one folder with the chart in it.
Result<ChartPtr> LoadArchivedChart(const FileTree& tree, const Limits& limits = {});

// A values file: every document merged over the ones before it. Numbers are floats.
Result<Value> LoadValues(std::string_view yaml);

// `over` merged into `base`, tables recursively; null replaces (helm's MergeMaps).
Value MergeMaps(const Value& base, const Value& over);

}  // namespace swell::helm
