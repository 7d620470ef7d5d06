#pragma once
// Parameters of an application: fields of a kustomization, written over the outermost one.

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/kustomize/kustomization.h"
#include "renderer/kustomize/loader.h"

namespace swell::kustomize {

// `parameters` is an object of these fields, or null. What they do is what Argo CD's fields of the
// same names do, which is what `kustomize edit` does:
//   namePrefix, nameSuffix, namespace  take the place of the kustomization's
//   images    "name=newname:tag", "name:tag", "name@digest" take an entry's place (`*` keeps a part
//             of it); of {name, newName, newTag, digest} what is given does (as Flux has it), tag
//             and digest as one
//   replicas  [{name, count}] take an entry's place; a count may be a text
//   commonLabels, commonAnnotations  must be new there, unless forceCommonLabels or
//             forceCommonAnnotations; labelWithoutSelector and labelIncludeTemplates put labels
//             under `labels`, away from selectors
//   patches, replacements, components  come after the kustomization's; with
//             ignoreMissingComponents those that do not exist are left out
// Errors: kInvalidArgument names the field; what the loader says of components.
Status WriteParameters(const Loader& loader, const Value& parameters, Kustomization& k);

}  // namespace swell::kustomize
