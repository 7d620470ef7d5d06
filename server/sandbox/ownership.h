#pragma once
// Field ownership: what managedFields says after a write, and what a server-side apply does
// (facts: engine.md C, "Server-side apply").

#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/value/value.h"
#include "server/sandbox/message.h"
#include "server/sandbox/resource.h"
#include "server/sandbox/store.h"

namespace swell::sandbox {

// Who writes, and through which door.
struct Writer {
  std::string manager;      // "": ownership is not tracked (the cluster's own bulk objects)
  std::string subresource;  // "" or "status"
  bool force = false;
  Timestamp now{};
};

struct Applied {
  Value object;  // merged and pruned; not yet defaulted
  std::vector<ManagedEntry> managed;
};

// Lays `config` over `live` (null where the object is new). Errors: conflicts (409, each cause a
// field), or a document that does not fit the schema (500, as the real server).
ApiResult<Applied> ApplyFields(const Resource& resource, const Stored* live, const Value& config,
                               const Writer& writer);

// The owners after a create, update or patch that turned `before` (null for none) into `after`.
std::vector<ManagedEntry> UpdateOwners(const Resource& resource, const Value* before,
                                       const Value& after, std::vector<ManagedEntry> managed,
                                       const Writer& writer);

}  // namespace swell::sandbox
