#pragma once
// What a live object says about its own deletion: that it must stay, that somebody has to confirm
// it, and what becomes of its dependants. The live object counts, since what is deleted is no
// longer declared anywhere.

#include <optional>
#include <string>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "reconciler/domain/propagation.h"
#include "renderer/object/object.h"

namespace swell::plan {

// Why an object is deleted: it is no longer declared, or its whole application goes.
enum class Removal { kPrune, kDeletion };
// Whether a person has said yes to what asks to be confirmed.
enum class Confirmed { kNo, kYes };

// The annotation (or Flux's label) that keeps the object; "" where it may go.
//
//   both           swell.dev/prune: "false" · helm.sh/resource-policy: keep ·
//                  kustomize.toolkit.fluxcd.io/prune: disabled · cli-utils'
//                  client.lifecycle.config.k8s.io/deletion: detach and
//                  cli-utils.sigs.k8s.io/on-remove: keep · of argocd.argoproj.io/sync-options
//                  Delete=false, and Delete=confirm until it is confirmed
//   pruning alone  of argocd.argoproj.io/sync-options Prune=false, and Prune=confirm until it is
//                  confirmed
//
// Argo CD prunes an object that says Delete=false; Swell does not.
std::string KeepReason(const Value& live, Removal removal, Confirmed confirmed);

// What becomes of the object's dependants: swell.dev/propagation, or PrunePropagationPolicy= of
// argocd.argoproj.io/sync-options; nothing where it does not say. kInvalidArgument where it says
// something that is no policy.
Result<std::optional<Propagation>> PropagationOf(const Value& live);

// Of an object whose deletionTimestamp is set: since when it goes away, what holds it, and the
// way out. "ConfigMap web/a has been terminating for 12m; finalizers hold it: example.com/x. …".
// Of a Namespace: what the namespace controller says of the content that is left.
std::string DescribeTerminating(const ObjectId& id, const Value& live, Timestamp now);

}  // namespace swell::plan
