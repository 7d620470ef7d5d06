#pragma once
// Reads the live state of a set of objects of one cluster. Asynchronous; no thread waits.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/kube/client.h"
#include "reconciler/kube/discovery.h"
#include "renderer/object/object.h"

namespace swell::live {

// By id; an id without a value is known to be absent.
using LiveObjects = std::map<ObjectId, std::optional<Value>>;

// metadata.managedFields are most of an object's bytes; the diff needs them where nothing was
// applied before, nobody else does.
enum class ManagedFields { kKeep, kStrip };

struct WantedObject {
  ObjectId id;
  std::string version;  // to read it in; the preferred one where that is no longer served
};

struct ReadRequest {
  std::shared_ptr<kube::Client> client;
  std::shared_ptr<kube::Discovery> discovery;  // of that client; null: one is made for the read
  std::vector<WantedObject> objects;
  ManagedFields managed_fields = ManagedFields::kKeep;
  std::size_t max_parallel = 16;
  // So many objects of one kind in one namespace are read by one list.
  std::size_t list_from = 8;
  // A list of more objects than that is given up for single reads.
  std::size_t max_listed = 20'000;
};

// `done` is called once, on the client's loop, with every id that was asked for. Only what the
// API server itself says is absent (or of a kind that it does not serve) is; every other
// failure is the whole read's error, since absence is not evidence (DESIGN, rule 3).
void ReadLive(ReadRequest request, std::move_only_function<void(Result<LiveObjects>)> done);

}  // namespace swell::live
