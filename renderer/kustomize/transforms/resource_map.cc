#include "renderer/kustomize/transforms/resource_map.h"

#include <algorithm>
#include <utility>

namespace swell::kustomize {
namespace {

constexpr std::size_t kKeyBytesPerStep = 64;
constexpr std::size_t kStepsPerId = 16;
constexpr std::size_t kStepsPerChange = 16;

std::string Key(const ResourceId& id) {
  std::string key = id.gvk.kind;
  key += '\n';
  key += id.name;
  key += '\n';
  key += id.EffectiveNamespace();
  return key;
}

// Of two objects' maps: `over` wins.
Value MergedMap(const Value& under, const Value& over) {
  std::vector<Member> members(under.members().begin(), under.members().end());
  members.insert(members.end(), over.members().begin(), over.members().end());
  return Value::Object(std::move(members));
}

Value WithMetadataOf(const Value& fresh, const Value& old) {
  Value metadata = fresh["metadata"];
  for (const char* field : {"labels", "annotations"}) {
    const Value merged = MergedMap(old["metadata"][field], metadata[field]);
    metadata = merged.empty() ? metadata.Without(field) : metadata.With(field, merged);
  }
  for (const char* field : {"name", "namespace"}) {
    const Value* was = old["metadata"].Find(field);
    metadata = was ? metadata.With(field, *was) : metadata.Without(field);
  }
  return fresh.With("metadata", std::move(metadata));
}

// Where an object is from does not change when something is merged into it.
Value WithOriginOf(const Value& fresh, const Value& old) {
  constexpr std::string_view kOrigin = "config.kubernetes.io/origin";
  const Value* origin = old["metadata"]["annotations"].Find(kOrigin);
  if (!origin) return fresh;
  const Value& metadata = fresh["metadata"];
  return fresh.With("metadata",
                    metadata.With("annotations", metadata["annotations"].With(kOrigin, *origin)));
}

Value WithDataOf(Value fresh, const Value& old) {
  for (const char* field : {"data", "binaryData"}) {
    const Value merged = MergedMap(old[field], fresh[field]);
    if (!merged.empty()) fresh = fresh.With(field, merged);
  }
  return fresh;
}

std::string GoStruct(const ResourceId& id) {
  auto quoted = [](const std::string& text) { return "\"" + text + "\""; };
  return "resid.ResId{Gvk:resid.Gvk{Group:" + quoted(id.gvk.group) +
         ", Version:" + quoted(id.gvk.version) + ", Kind:" + quoted(id.gvk.kind) +
         ", isClusterScoped:" + (id.cluster_scoped() ? "true" : "false") +
         "}, Name:" + quoted(id.name) + ", Namespace:" + quoted(id.ns) + "}";
}

}  // namespace

void ResourceMap::IndexId(std::size_t i, const ResourceId& id) {
  const std::string key = Key(id);
  budget_->Note(kStepsPerId + key.size() / kKeyBytesPerStep);
  std::vector<std::size_t>& positions = by_id_[key];
  if (std::ranges::find(positions, i) == positions.end()) positions.push_back(i);
}

void ResourceMap::Rebuild() {
  by_id_.clear();
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    IndexId(i, resources_[i]->id());
    for (const ResourceId& id : resources_[i]->previous_ids()) IndexId(i, id);
  }
}

Status ResourceMap::SetValue(std::size_t i, Value value) {
  Resource& resource = *resources_[i];
  if (value.SharesWith(resource.value())) return {};
  resource.printed_bytes = TRY(budget_->Replace(resource.value(), resource.printed_bytes, value));
  budget_->Note(kStepsPerChange);
  const ResourceId before = resource.id();
  resource.SetValue(std::move(value));
  any_deleted_ = any_deleted_ || resource.deleted();
  const ResourceId& after = resource.id();
  if (before.gvk == after.gvk && before.name == after.name && before.ns == after.ns) return {};
  IndexId(i, after);
  ids_changed_ = true;
  // A new API version can change the scope of the previous ids.
  if (before.gvk != after.gvk) {
    for (const ResourceId& id : resource.previous_ids()) IndexId(i, id);
  }
  return {};
}

Status ResourceMap::StorePreviousId(std::size_t i) {
  const ResourceId& id = resources_[i]->id();
  // It is kept here and in the index.
  TRY(budget_->Allow(2 * (sizeof(ResourceId) + id.name.size() + id.ns.size())));
  resources_[i]->StorePreviousId();
  IndexId(i, resources_[i]->previous_ids().back());
  return {};
}

Status ResourceMap::Insert(std::unique_ptr<Resource> resource) {
  if (CountByCurrentId(resource->id()) > 0) {
    return Fail(
        Error(ErrorCode::kInvalidArgument,
              "may not add resource with an already registered id: " + resource->id().ToString()));
  }
  resources_.push_back(std::move(resource));
  const std::size_t i = resources_.size() - 1;
  IndexId(i, resources_[i]->id());
  for (const ResourceId& id : resources_[i]->previous_ids()) IndexId(i, id);
  return budget_->Spend(1);
}

Status ResourceMap::Append(Resource resource) {
  TRY(Count(resource));
  return Insert(std::make_unique<Resource>(std::move(resource)));
}

Status ResourceMap::Count(Resource& resource) {
  if (resource.printed_bytes > 0) return {};
  TRY(budget_->AddObject());
  resource.printed_bytes = TRY(budget_->Replace(Value(), 0, resource.value()));
  return {};
}

Status ResourceMap::AppendAll(ResourceMap other) {
  if (empty()) {
    *this = std::move(other);
    return {};
  }
  for (std::unique_ptr<Resource>& resource : other.resources_) TRY(Insert(std::move(resource)));
  return {};
}

Status ResourceMap::Absorb(Resource resource) {
  const std::vector<std::size_t> matches = FindByAnyId(resource.id());
  if (matches.empty()) {
    if (resource.behavior != Behavior::kCreate) {
      return Fail(InvalidArgument("id " + GoStruct(resource.id()) +
                                  " does not exist; cannot merge or replace"));
    }
    return Append(std::move(resource));
  }
  if (matches.size() > 1) {
    return Fail(InvalidArgument("found multiple objects that could accept merge of " +
                                resource.id().ToString()));
  }
  if (resource.behavior == Behavior::kCreate) {
    return Fail(InvalidArgument("id " + GoStruct(resource.id()) +
                                " exists; can not use behavior: '" + resource.behavior_text +
                                "', behavior must be merge or replace"));
  }
  Resource& old = *resources_[matches[0]];
  Value value = WithMetadataOf(resource.value(), old.value());
  if (resource.behavior == Behavior::kMerge) {
    value = WithOriginOf(WithDataOf(std::move(value), old.value()), old.value());
  }
  // A hash is appended only where both want it.
  old.needs_hash = old.needs_hash && resource.needs_hash;
  if (resource.printed_bytes > 0) budget_->RemoveObjects(1, resource.printed_bytes);
  return SetValue(matches[0], std::move(value));
}

Status ResourceMap::AbsorbAll(ResourceMap other) {
  for (std::unique_ptr<Resource>& resource : other.resources_) TRY(Absorb(std::move(*resource)));
  return {};
}

std::vector<std::size_t> ResourceMap::FindByAnyId(const ResourceId& id) const {
  std::vector<std::size_t> found;
  auto it = by_id_.find(Key(id));
  if (it == by_id_.end()) return found;
  for (std::size_t i : it->second) {
    budget_->Note(1 + resources_[i]->previous_ids().size());
    if (!resources_[i]->deleted() && resources_[i]->HasId(id)) found.push_back(i);
  }
  std::ranges::sort(found);
  return found;
}

Status ResourceMap::CheckUnique() {
  if (!std::exchange(ids_changed_, false)) return {};
  for (const std::unique_ptr<Resource>& resource : resources_) {
    if (resource->deleted() || CountByCurrentId(resource->id()) < 2) continue;
    return Fail(InvalidArgument("may not add resource with an already registered id: " +
                                resource->id().ToString()));
  }
  return {};
}

std::size_t ResourceMap::CountByCurrentId(const ResourceId& id) const {
  auto it = by_id_.find(Key(id));
  if (it == by_id_.end()) return 0;
  budget_->Note(it->second.size());
  return static_cast<std::size_t>(std::ranges::count_if(it->second, [&](std::size_t i) {
    return !resources_[i]->deleted() && id.Matches(resources_[i]->id());
  }));
}

void ResourceMap::DropDeleted() {
  if (!any_deleted_) return;
  any_deleted_ = false;
  const std::size_t count = std::erase_if(resources_, [this](const auto& resource) {
    if (!resource->deleted()) return false;
    budget_->RemoveObjects(1, resource->printed_bytes);
    return true;
  });
  if (count > 0) Rebuild();
}

void ResourceMap::Reorder(const std::vector<std::size_t>& positions) {
  std::vector<std::unique_ptr<Resource>> ordered;
  ordered.reserve(positions.size());
  for (std::size_t i : positions) ordered.push_back(std::move(resources_[i]));
  for (const std::unique_ptr<Resource>& left : resources_) {
    if (left) budget_->RemoveObjects(1, left->printed_bytes);
  }
  resources_ = std::move(ordered);
  Rebuild();
}

}  // namespace swell::kustomize
