#pragma once
// What an object's own annotations and the application's rules say of how it is compared. Argo CD's
// and Flux' words, so that manifests written for them keep their meaning.
//
//   kustomize.toolkit.fluxcd.io/reconcile: disabled     never changed; on the object in Git or live
//   kustomize.toolkit.fluxcd.io/ssa: Ignore             never applied
//   kustomize.toolkit.fluxcd.io/ssa: IfNotPresent       created where it is absent, never changed
//   kustomize.toolkit.fluxcd.io/ssa: Merge | Override   as everything: fields of others stay
//   argocd.argoproj.io/sync-options: RespectIgnoreDifferences=true     always so
//   argocd.argoproj.io/compare-options: IgnoreExtraneous               see IsExtraneous
//   argocd.argoproj.io/compare-options: ServerSideDiff=…, IncludeMutationWebhook=…   no effect

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/value/value.h"
#include "reconciler/diff/rules.h"
#include "reconciler/domain/application.h"

namespace swell::plan {

// Why the object is left as it is ("kustomize.toolkit.fluxcd.io/ssa: Ignore"), or "". `live` is
// null where it is absent in the cluster; that alone is reason to create one that is IfNotPresent.
std::string WhyLeftAlone(const Value& desired, const Value& live);

// Whether the object says that it may be there without being declared: then that it is kept needs
// no saying.
bool IsExtraneous(const Value& live);

// Reads the rules of an application, and gathers what its authors should know of them.
class ComparisonRules {
 public:
  explicit ComparisonRules(const Application& application);

  diff::IgnoreRules For(const ObjectId& id, std::string_view cluster) const {
    return book_.For(id, cluster);
  }
  // Notes the words on the object that have no effect here, or that nobody knows.
  void NoteOptions(const Value& desired, const ObjectId& id);
  // An ignore rule that was given up.
  void NoteProblem(const ObjectId& id, const std::string& problem);
  // One line for each kind of remark, with the objects that it is about.
  std::vector<std::string> Warnings() const;

 private:
  diff::RuleBook book_;
  std::vector<std::string> problems_;
  std::map<std::string, std::vector<std::string>> remarks_;  // remark -> objects
};

}  // namespace swell::plan
