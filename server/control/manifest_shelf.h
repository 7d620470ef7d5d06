#pragma once
// ManifestShelf: recorded manifests and their prepared forms, shared by everyone who holds the
// same one.

#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/core/digest.h"
#include "base/core/result.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/ledger.h"
#include "reconciler/kube/discovery.h"
#include "reconciler/live/fingerprint.h"
#include "reconciler/live/wanted_set.h"
#include "renderer/object/object.h"
#include "renderer/pipeline/manifest.h"
#include "server/control/crd_shelf.h"

namespace swell::control {

using ObjectsPtr = std::shared_ptr<const std::vector<Object>>;

// What plan::PrepareObjects made of a manifest for clusters that serve the same kinds.
struct Prepared {
  std::vector<Object> objects;
  live::WantedSetPtr wanted;  // the objects; not null
  // Of each object, by the fingerprint of its id.
  std::unordered_map<live::Fingerprint, live::Fingerprint> fingerprints;
};
using PreparedPtr = std::shared_ptr<const Prepared>;

// The objects alone; keeps the whole.
ObjectsPtr ObjectsOf(const PreparedPtr& prepared);

// Thread-safe.
class ManifestShelf {
 public:
  explicit ManifestShelf(const Ledger& ledger) : ledger_(ledger) {}

  // The recorded manifest; read once while anyone holds it.
  Result<std::shared_ptr<const Manifest>> Get(const Digest& digest);
  // Puts a manifest there that was just rendered.
  void Put(std::shared_ptr<const Manifest> manifest);
  // plan::PrepareObjects for a cluster with these API resources.
  Result<PreparedPtr> Prepare(const Manifest& manifest, const Application& application,
                              const kube::ApiResources& resources);
  // The same of the PreDelete and PostDelete hooks of a recorded manifest alone: a kind that the
  // cluster does not serve any more must not keep the rest from being deleted. An empty digest has
  // none.
  Result<ObjectsPtr> PrepareDeletionHooks(const Digest& manifest, const Application& application,
                                          const kube::ApiResources& resources);
  // The types that the manifest's CRDs define; null where it has none. A CRD that cannot be read
  // defines none: the API server will say what is wrong with it.
  CustomTypesPtr TypesOf(const Manifest& manifest);

 private:
  const Ledger& ledger_;
  std::mutex mutex_;  // guards the maps
  std::map<Digest, std::weak_ptr<const Manifest>> manifests_;
  std::map<Digest, std::weak_ptr<const Prepared>> prepared_;
  std::map<Digest, std::weak_ptr<const schema::CustomTypes>> types_;
};

}  // namespace swell::control
