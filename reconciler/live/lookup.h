#pragma once
// Answers what charts look up, as helm's lookup does.

#include <functional>
#include <vector>

#include "base/core/result.h"
#include "reconciler/kube/clients.h"
#include "renderer/ambient/lookup.h"

namespace swell::live {

struct LookupOptions {
  std::size_t max_parallel = 8;
  std::size_t max_listed = 5'000;     // objects of one list
  std::size_t max_bytes = 16u << 20;  // of all answers of one call, as JSON
};

// An answer for every key: the object without metadata.managedFields; of a key without a name
// the list ({apiVersion, kind, items}); null where the server says that there is no such object
// or does not serve the kind in that version. The namespace of cluster-scoped kinds is ignored.
// Any other failure fails the whole call and names the object; kPermissionDenied also says what
// to grant. kResourceExhausted names the budget. Asynchronous; `done` is called once, on the
// client's loop.
void LookUp(kube::ConnectionPtr connection, std::vector<LookupKey> keys,
            std::move_only_function<void(Result<LookupSnapshot>)> done, LookupOptions options = {});

}  // namespace swell::live
