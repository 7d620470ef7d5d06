#pragma once
// Deleting an object and creating it anew, where only that changes what Kubernetes never changes.

#include <string>

#include "reconciler/apply/context.h"

namespace swell::apply {

// `created` is what there is now; with an error too, where the former object was put back.
struct Recreated {
  Value created;
  std::optional<Error> error;
};

// In this order, each before the next:
//   1. the live object is read, and must be ours or nobody's;
//   2. the API server is asked to create the new one (dry run): what it refuses for another reason
//      than the name being taken is told, and nothing is touched;
//   3. the old one is deleted, that very one (uid), with the application's propagation policy;
//   4. until it is gone is waited for (AwaitGone);
//   5. the new one is applied. Where that fails the old one is put back, as kubectl does it.
// A crash in between is healed by the next apply, which creates what is not there.
// Requires that somebody consented (plan::ApplyOptions::recreate). `done` is called once, on the
// loop.
void Recreate(const ContextPtr& context, const kube::ResourceRef& ref, const Value& object,
              std::move_only_function<void(Recreated)> done);

}  // namespace swell::apply
