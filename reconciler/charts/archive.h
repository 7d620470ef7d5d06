#pragma once
// A chart's archive: what it is, and its files as a tree.

#include <functional>
#include <string>
#include <string_view>

#include "base/core/digest.h"
#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/source/file_tree.h"

namespace swell::charts {

// Budget of one archive, packed and unpacked (helm's own).
inline constexpr std::uint64_t kMaxArchiveBytes = 100u << 20;

// The Chart.yaml of an archive (.tgz), which proves that it can be unpacked and holds a chart.
// `name` is for messages. kInvalidArgument, kPermissionDenied (links, devices, paths that leave
// it), kResourceExhausted.
Result<helm::Metadata> ReadChartArchive(std::string_view bytes, const std::string& name);

// The chart in the archive with this digest, as a tree with Chart.yaml at its root. `read` gets the
// archive's bytes; it is called, once, by the first use of the tree, from whatever thread that is
// on. The root's content id is known without it.
FileTreePtr ChartArchiveTree(const Digest& digest, std::function<Result<std::string>()> read,
                             std::string name);

}  // namespace swell::charts
