#include "renderer/kustomize/transforms/patches.h"

#include <utility>

#include "renderer/kustomize/transforms/strategic_merge.h"

namespace swell::kustomize {
namespace {

Value WithField(const Value& object, std::string_view field, const Value* value) {
  return value ? object.With(field, *value) : object.Without(field);
}

// Merges and puts back what a patch may not change.
Result<Value> Merged(const Value& object, const Value& patch, const Patch& options,
                     const MergeSchema& types, Budget& budget) {
  Value merged = TRY(StrategicMerge(object, patch, types, budget));
  if (!merged.is_object() || merged.empty()) return Value();
  if (!options.allow_kind_change) merged = WithField(merged, "kind", object.Find("kind"));
  const Value& before = object["metadata"];
  Value metadata = merged["metadata"];
  if (!options.allow_name_change) metadata = WithField(metadata, "name", before.Find("name"));
  metadata = WithField(metadata, "namespace", before.Find("namespace"));
  return merged.With("metadata", std::move(metadata));
}

Status MergeInto(ResourceMap& map, std::size_t i, const Value& patch, const Patch& options,
                 const MergeSchema& types) {
  if (options.allow_name_change || options.allow_kind_change) TRY(map.StorePreviousId(i));
  if (const auto written = std::exchange(map.Mutable(i).written_nulls, nullptr)) {
    TRY(map.SetValue(i, WithoutUnwrittenNulls(map.at(i).value(), *written, types)));
  }
  auto merged = Merged(map.at(i).value(), patch, options, types, map.budget());
  if (!merged) {
    return Fail(std::move(merged).error().Wrap("patch " + map.at(i).id().ToString()));
  }
  return map.SetValue(i, std::move(*merged));
}

Result<std::size_t> FindOne(const ResourceMap& map, const ResourceId& id) {
  const std::vector<std::size_t> found = map.FindByAnyId(id);
  if (found.size() == 1) return found[0];
  const std::string what = found.empty() ? "no matches for Id " : "multiple matches for Id ";
  return Fail(InvalidArgument(what + id.ToString() + "; failed to find unique target for patch " +
                              id.ToString()));
}

ResourceId IdOf(const Value& patch) { return Resource(patch, "").id(); }

Status ApplyMerges(ResourceMap& map, const Patch& patch, const MergeSchema& types) {
  if (!patch.target) {
    for (const Value& merge : patch.merges) {
      const ResourceId id = IdOf(merge);
      const std::size_t i = TRY_WRAP(
          FindOne(map, id), "no resource matches strategic merge patch \"" + id.ToString() + "\"");
      TRY(MergeInto(map, i, merge, patch, types));
    }
    return {};
  }
  if (patch.merges.size() > 1) {
    return Fail(
        InvalidArgument("Multiple Strategic-Merge Patches in one `patches` entry is not "
                        "allowed to set `patches.target` field: " +
                        patch.source));
  }
  const std::vector<std::size_t> selected =
      TRY_WRAP(Select(map, *patch.target),
               "unable to find patch target \"" + patch.target->ToString() + "\" in `resources`");
  for (std::size_t i : selected) {
    const Value* api_version = map.at(i).value().Find("apiVersion");
    TRY(MergeInto(map, i, WithField(patch.merges[0], "apiVersion", api_version), patch, types));
  }
  return map.CheckUnique();
}

Status ApplyOperations(ResourceMap& map, std::size_t i, const Value& operations) {
  Value object = map.at(i).value();
  // kustomize keeps its notes in annotations, so a patch may add to annotations that the
  // object itself does not have.
  if (map.at(i).HasBuildNotes() && !object["metadata"].Has("annotations")) {
    object = object.With("metadata", object["metadata"].With("annotations", Value::EmptyObject()));
  }
  auto patched = ApplyKustomizeJsonPatch(object, operations, map.budget());
  if (!patched) {
    return Fail(std::move(patched).error().Wrap("patch " + map.at(i).id().ToString()));
  }
  return map.SetValue(i, std::move(*patched));
}

}  // namespace

Status ApplyPatch(ResourceMap& map, const Patch& patch, const MergeSchema& types) {
  if (patch.operations.is_null()) {
    TRY(ApplyMerges(map, patch, types));
    map.DropDeleted();
    return {};
  }
  if (!patch.target) {
    return Fail(InvalidArgument("must specify a target for JSON patch " + patch.source));
  }
  for (std::size_t i : TRY(Select(map, *patch.target))) {
    TRY(map.StorePreviousId(i));
    TRY(ApplyOperations(map, i, patch.operations));
  }
  map.DropDeleted();
  return {};
}

Status ApplyMergeById(ResourceMap& map, const Value& patch, const MergeSchema& types) {
  const std::size_t i = TRY(FindOne(map, IdOf(patch)));
  TRY(MergeInto(map, i, patch, Patch(), types));
  TRY(map.CheckUnique());
  map.DropDeleted();
  return {};
}

Status ApplyJsonPatchEntry(ResourceMap& map, const Selector& target, const Value& operations) {
  for (std::size_t i : TRY(Select(map, target))) TRY(ApplyOperations(map, i, operations));
  map.DropDeleted();
  return {};
}

}  // namespace swell::kustomize
