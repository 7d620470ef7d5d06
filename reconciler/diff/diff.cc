#include "reconciler/diff/diff.h"

#include <array>

#include "reconciler/diff/comparison.h"
#include "reconciler/diff/normalize.h"
#include "reconciler/diff/ownership.h"
#include "renderer/object/object.h"

namespace swell::diff {
namespace {

// What plays the last applied state, and where it comes from.
struct LastApplied {
  Value value;
  Basis basis = Basis::kNone;
};

LastApplied FindLastApplied(const Value& live, const Value& recorded, const Options& options) {
  if (!recorded.is_null()) return {Normalize(recorded), Basis::kRecorded};
  if (!options.field_manager.empty()) {
    const std::array managers = {options.field_manager};
    const Value own = OwnedBy(live, managers, Operations::kApply);
    if (!own.is_null()) {
      const Value others = OwnedByOthers(live, options.field_manager);
      return {Normalize(Project(live, own, others)), Basis::kOwnership};
    }
  }
  if (options.use_annotation) {
    const Value annotation = LastAppliedAnnotation(live);
    if (!annotation.is_null()) {
      // Normalize asks the kind; the annotation of a Secret that lacks one is still a Secret's.
      return {Normalize(annotation.With("kind", live["kind"])), Basis::kRecorded};
    }
  }
  return {};
}

bool IsBuiltIn(const Value& object) {
  return schema::FindType(ParseGroupVersionKind(object["apiVersion"].as_string(),
                                                object["kind"].as_string())) != nullptr;
}

// The built-in type of one of the objects, or that of a CRD at hand; nullptr where nothing is
// known.
const schema::TypeSchema* TypeOf(const Value& desired, const Value& live,
                                 const schema::CustomTypes* custom_types, bool& custom) {
  for (const Value* object : {&live, &desired}) {
    const GroupVersionKind gvk =
        ParseGroupVersionKind((*object)["apiVersion"].as_string(), (*object)["kind"].as_string());
    if (const schema::TypeSchema* type = schema::FindType(gvk)) return type;
    const schema::TypeSchema* type = custom_types ? custom_types->Find(gvk) : nullptr;
    custom = type != nullptr;
    if (custom) return type;
  }
  return nullptr;
}

}  // namespace

Place RootPlace(const Value& desired, const Value& live, const schema::CustomTypes* custom_types,
                const Value& owners) {
  Place root;
  const schema::TypeSchema* type = TypeOf(desired, live, custom_types, root.custom);
  root.info = type ? &type->self() : nullptr;
  root.root = true;
  root.typed = type != nullptr && !root.custom;
  root.owners = owners.is_null() || root.typed ? nullptr : &owners;
  return root;
}

Comparison RunComparison(const Value& desired, const Value& live, const Value& last_applied,
                         const Options& options, Scope scope) {
  LastApplied last = FindLastApplied(live, last_applied, options);
  last.value = WithCpuMetricAsIn(desired, last.value);
  const Value ignored = OwnedBy(live, options.ignore.managers, Operations::kAll);
  // Where the built-in schema knows the lists, nobody asks how others see them.
  const Value owners = IsBuiltIn(live) ? Value() : OwnedByAll(live);
  Place root = RootPlace(desired, live, options.custom_types, owners);
  root.ignored = ignored.is_null() ? nullptr : &ignored;
  WalkerInput input;
  input.secret = IsSecret(live) || IsSecret(desired);
  input.basis = last.basis;
  input.style = options.path_style;
  input.scope = scope;
  if (!options.ignore.empty()) {
    input.ignored =
        IgnoredPlaces(options.ignore, desired, live, input.secret, options.ignore_problems);
  }
  Comparison out;
  out.live = WithCpuMetricAsIn(desired, Normalize(live));
  out.basis = last.basis;
  Walker walker(std::move(input));
  const bool filled = StatesAggregatedRules(desired) && last.value.is_object();
  walker.Walk(Normalize(WithoutAggregatedRules(desired)), out.live,
              filled ? last.value.Without("rules") : last.value, root);
  out.findings = std::move(walker).TakeFindings();
  return out;
}

std::vector<FieldChange> Compare(const Value& desired, const Value& live, const Value& last_applied,
                                 const Options& options) {
  Comparison comparison = RunComparison(desired, live, last_applied, options, Scope::kChanges);
  std::vector<FieldChange> changes;
  changes.reserve(comparison.findings.size());
  for (Finding& finding : comparison.findings) changes.push_back(std::move(finding.change));
  return changes;
}

}  // namespace swell::diff
