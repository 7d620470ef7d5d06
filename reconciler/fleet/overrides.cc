#include "reconciler/fleet/overrides.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "reconciler/fleet/partition.h"

namespace swell::fleet {
namespace {

enum class Lists { kReplace, kAppend };

Value Merge(const Value& under, const Value& over, Lists lists) {
  if (lists == Lists::kAppend && under.is_array() && over.is_array()) {
    std::vector<Value> items(under.items().begin(), under.items().end());
    items.insert(items.end(), over.items().begin(), over.items().end());
    return Value::Array(std::move(items));
  }
  if (!under.is_object() || !over.is_object()) return over;
  Value out = under;
  for (const Member& member : over.members()) {
    const Value* below = under.Find(member.name());
    out = out.With(member.name(), below ? Merge(*below, member.value, lists) : member.value);
  }
  return out;
}

void Apply(const SourceOverride& entry, SourceSpec& source) {
  if (!entry.path.empty()) source.path = entry.path;
  if (!entry.kustomize.is_null()) {
    source.type = SourceType::kKustomize;
    source.kustomize = Merge(source.kustomize, entry.kustomize, Lists::kAppend);
  }
  std::vector<std::string>& files = source.helm.value_files;
  files.insert(files.end(), entry.helm_value_files.begin(), entry.helm_value_files.end());
  if (!entry.helm_values.is_null()) {
    source.helm.values = Merge(source.helm.values, entry.helm_values, Lists::kReplace);
  }
  const bool helm = !entry.helm_value_files.empty() || !entry.helm_values.is_null();
  if (helm) source.type = SourceType::kHelm;
}

}  // namespace

SourceSpec SourceFor(const SourceSpec& source, const Cluster& cluster) {
  const auto entry = std::ranges::find_if(source.overrides, [&](const SourceOverride& candidate) {
    return Matches(candidate.clusters, cluster);
  });
  SourceSpec out = source;
  if (entry != source.overrides.end()) Apply(*entry, out);
  out.overrides.clear();
  return out;
}

RenderRequest RequestFor(const Application& application, const Cluster& cluster) {
  SourceSpec source = SourceFor(application.source, cluster);
  RenderRequest request;
  request.application = application.name;
  request.ns = application.destination.ns;
  request.path = std::move(source.path);
  request.type = source.type;
  request.helm = std::move(source.helm);
  request.kustomize = std::move(source.kustomize);
  request.directory = std::move(source.directory);
  request.cluster.name = cluster.name;
  request.cluster.labels = cluster.labels;
  return request;
}

}  // namespace swell::fleet
