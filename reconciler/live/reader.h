#pragma once
// Reads the live objects that a plan compares against.

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/kube/clients.h"
#include "renderer/object/object.h"

namespace swell::live {

// An object to read, in the API version in which it will be applied ("" takes the preferred).
struct Wanted {
  ObjectId id;
  std::string version;
};

// By id; an id without a value is known to be absent (the server said 404, or does not serve
// the kind at all).
using Objects = std::map<ObjectId, std::optional<Value>>;

// Reads all of them, or says why not: absence is only what the server states, so any other
// failure fails the whole read. GETs, or a LIST where many share kind and namespace.
// Asynchronous; `done` is called once, as kube::Client calls back.
void Read(kube::ConnectionPtr connection, std::vector<Wanted> wanted,
          std::move_only_function<void(Result<Objects>)> done);

}  // namespace swell::live
