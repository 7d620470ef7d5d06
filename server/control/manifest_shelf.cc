#include "server/control/manifest_shelf.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "reconciler/plan/planner.h"
#include "reconciler/plan/stages.h"

namespace swell::control {
namespace {

plan::ScopeOf ScopesOf(const kube::ApiResources& resources) {
  return [&resources](const GroupKind& kind) -> std::optional<bool> {
    const kube::ApiResource* found = resources.Find(kind);
    if (!found) return std::nullopt;
    return found->namespaced;
  };
}

}  // namespace

ObjectsPtr ObjectsOf(const PreparedPtr& prepared) {
  return prepared ? ObjectsPtr(prepared, &prepared->objects) : nullptr;
}

Result<std::shared_ptr<const Manifest>> ManifestShelf::Get(const Digest& digest) {
  {
    const std::lock_guard lock(mutex_);
    if (auto held = manifests_[digest].lock()) return held;
  }
  const std::string text = TRY(ledger_.GetBlob(BlobKind::kManifest, digest));
  Manifest manifest = TRY_WRAP(ParseManifest(text), "read recorded manifest " + digest.Short());
  if (manifest.digest != digest) {
    return Fail(Error(ErrorCode::kDataLoss,
                      "recorded manifest " + digest.Short() + " holds something else"));
  }
  auto shared = std::make_shared<const Manifest>(std::move(manifest));
  Put(shared);
  return shared;
}

void ManifestShelf::Put(std::shared_ptr<const Manifest> manifest) {
  const std::lock_guard lock(mutex_);
  std::erase_if(manifests_, [](const auto& entry) { return entry.second.expired(); });
  manifests_[manifest->digest] = manifest;
}

Result<PreparedPtr> ManifestShelf::Prepare(const Manifest& manifest, const Application& application,
                                           const kube::ApiResources& resources) {
  const Digest key = Hasher()
                         .Add(manifest.digest)
                         .Add(resources.digest())
                         .Add(application.name)
                         .Add(application.destination.ns)
                         .Add(application.destination.create_namespace ? 1 : 0)
                         .Finish();
  {
    const std::lock_guard lock(mutex_);
    if (auto held = prepared_[key].lock()) return held;
  }
  auto prepared = std::make_shared<Prepared>();
  prepared->objects = TRY(plan::PrepareObjects(manifest, application, ScopesOf(resources)));
  std::map<ObjectId, std::string> wanted;
  for (const Object& object : prepared->objects) {
    wanted.insert_or_assign(object.id(), object.gvk().version);
    prepared->fingerprints.emplace(live::FingerprintOf(object.id()),
                                   live::FingerprintOf(object.value));
  }
  std::vector<live::Wanted> list;
  for (auto& [id, version] : wanted) list.push_back({id, version});
  prepared->wanted = std::make_shared<const live::WantedSet>(std::move(list));
  const std::lock_guard lock(mutex_);
  std::erase_if(prepared_, [](const auto& entry) { return entry.second.expired(); });
  prepared_[key] = prepared;
  return prepared;
}

Result<ObjectsPtr> ManifestShelf::PrepareDeletionHooks(const Digest& manifest,
                                                       const Application& application,
                                                       const kube::ApiResources& resources) {
  if (manifest.empty()) return std::make_shared<const std::vector<Object>>();
  Manifest hooks = *TRY(Get(manifest));
  std::erase_if(hooks.objects, [](const Object& object) {
    const auto stages = plan::PlaceObject(object).stages;
    return std::ranges::none_of(stages,
                                [](const plan::Stage& s) { return plan::IsOfDeletion(s.phase); });
  });
  return std::make_shared<const std::vector<Object>>(
      TRY(plan::PrepareObjects(hooks, application, ScopesOf(resources))));
}

CustomTypesPtr ManifestShelf::TypesOf(const Manifest& manifest) {
  if (std::ranges::none_of(manifest.objects,
                           [](const Object& object) { return schema::IsCrd(object.value); })) {
    return nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    if (auto held = types_[manifest.digest].lock()) return held;
  }
  auto types = std::make_shared<schema::CustomTypes>();
  for (const Object& object : manifest.objects) {
    if (!schema::IsCrd(object.value)) continue;
    if (auto crd = schema::CrdTypes::Read(object.value)) types->Add(*std::move(crd));
  }
  const std::lock_guard lock(mutex_);
  std::erase_if(types_, [](const auto& entry) { return entry.second.expired(); });
  types_[manifest.digest] = types;
  return types;
}

}  // namespace swell::control
