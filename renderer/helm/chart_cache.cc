#include "renderer/helm/chart_cache.h"

#include <utility>

#include "renderer/helm/loader.h"

namespace swell::helm {
namespace {

// Syntax trees take some four times the text that they were parsed from.
constexpr std::size_t kTreeFactor = 4;

std::size_t BytesOf(const Chart& chart) {
  std::size_t bytes = 4096 + chart.bytes;  // files, values, schema
  for (const ChartFile& file : chart.templates) bytes += file.data->size() * kTreeFactor;
  for (const ChartPtr& sub : chart.dependencies) bytes += BytesOf(*sub);
  return bytes;
}

// Text of all templates: what a TemplateCache may keep the trees of.
std::size_t TextOf(const Chart& chart) {
  std::size_t bytes = 0;
  for (const ChartFile& file : chart.templates) bytes += file.data->size();
  for (const ChartPtr& sub : chart.dependencies) bytes += TextOf(*sub);
  return bytes;
}

// Another limit may refuse what this one took.
std::string KeyOf(const std::string& content, const Limits& limits) {
  return content + " " + std::to_string(limits.max_chart_bytes) + " " +
         std::to_string(limits.max_chart_files) + " " + std::to_string(limits.max_charts);
}

}  // namespace

Result<LoadedChartPtr> Load(const FileTreePtr& tree, const std::string& folder,
                            const Limits& limits) {
  const auto recorded = std::make_shared<const RecordingTree>(SubTree(tree, folder));
  auto out = std::make_shared<LoadedChart>();
  out->chart = TRY(LoadChart(recorded, "", {.limits = limits}));
  out->reads = recorded->Reads();
  out->bytes = BytesOf(*out->chart);
  out->templates = std::make_unique<TemplateCache>(TextOf(*out->chart));
  return out;
}

Result<LoadedChartPtr> ChartCache::Load(const FileTreePtr& tree, const std::string& folder,
                                        const Limits& limits) {
  const std::string content = tree->ContentId(folder);
  if (content.empty()) return helm::Load(tree, folder, limits);
  const std::string key = KeyOf(content, limits);
  if (LoadedChartPtr found = Find(key)) return found;
  LoadedChartPtr loaded = TRY(helm::Load(tree, folder, limits));
  Insert(key, loaded);
  return loaded;
}

LoadedChartPtr ChartCache::Find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void ChartCache::Insert(const std::string& key, LoadedChartPtr chart) {
  const std::lock_guard lock(mutex_);
  if (chart->bytes > max_bytes_ || by_key_.contains(key)) return;
  bytes_ += chart->bytes;
  entries_.emplace_front(key, std::move(chart));
  by_key_.emplace(key, entries_.begin());
  while (bytes_ > max_bytes_) {
    bytes_ -= entries_.back().second->bytes;
    by_key_.erase(entries_.back().first);
    entries_.pop_back();
  }
}

}  // namespace swell::helm
