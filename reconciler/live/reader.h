#pragma once
// Reads the live objects that a plan compares against.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/kube/clients.h"
#include "renderer/object/object.h"

namespace swell::live {

// An object to read, in the API version in which it will be applied ("" takes the preferred;
// so does a version that is no longer served).
struct Wanted {
  ObjectId id;
  std::string version;
};

// By id; an id without a value is known to be absent (the server said 404, or does not serve
// the kind at all).
using Objects = std::map<ObjectId, std::optional<Value>>;

// metadata.managedFields are most of an object's bytes; a diff needs them where nothing was
// applied before, nobody else does.
enum class ManagedFields { kKeep, kStrip };

struct ReadOptions {
  ManagedFields managed_fields = ManagedFields::kKeep;
  std::size_t max_parallel = 16;
  // So many objects of one kind in one namespace are read by one list.
  std::size_t list_from = 8;
  // A list of more objects than that is given up for single reads.
  std::size_t max_listed = 20'000;
};

// Reads all of them, or says why not: absence is only what the server states, so any other
// failure fails the whole read (DESIGN, rule 3). GETs, or a LIST where many share kind and
// namespace. Asynchronous; `done` is called once, on the client's loop.
void Read(kube::ConnectionPtr connection, std::vector<Wanted> wanted,
          std::move_only_function<void(Result<Objects>)> done, ReadOptions options = {});

}  // namespace swell::live
