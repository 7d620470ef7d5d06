#include "reconciler/diff/diff.h"

#include <algorithm>
#include <array>

#include "base/value/pointer.h"
#include "reconciler/diff/normalize.h"
#include "reconciler/diff/ownership.h"
#include "reconciler/diff/walker.h"
#include "renderer/object/object.h"

namespace swell::diff {
namespace {

constexpr std::size_t kMaxTokens = 128;

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

std::vector<PointerTokens> IgnoredPlaces(const Value& desired, const Value& live,
                                         const IgnoreRules& rules) {
  std::vector<PointerTokens> places = rules.pointers;
  for (const PathExpression& expression : rules.expressions) {
    for (const Value* document : {&desired, &live}) {
      for (PointerTokens& found : expression.Find(*document)) {
        if (found.size() <= kMaxTokens) places.push_back(std::move(found));
      }
    }
  }
  return places;
}

}  // namespace

std::vector<FieldChange> Compare(const Value& desired, const Value& live, const Value& last_applied,
                                 const Options& options) {
  const LastApplied last = FindLastApplied(live, last_applied, options);
  const Value ignored = OwnedBy(live, options.ignore.managers, Operations::kAll);
  const schema::TypeSchema* type = schema::FindType(
      ParseGroupVersionKind(live["apiVersion"].as_string(), live["kind"].as_string()));
  if (type == nullptr) {
    type = schema::FindType(
        ParseGroupVersionKind(desired["apiVersion"].as_string(), desired["kind"].as_string()));
  }
  // Where the built-in schema knows the lists, nobody asks how others see them.
  const Value owners = type == nullptr ? OwnedByAll(live) : Value();
  WalkerInput input;
  input.secret = IsSecret(live) || IsSecret(desired);
  input.basis = last.basis;
  input.style = options.path_style;
  input.ignored = IgnoredPlaces(desired, live, options.ignore);

  Place root;
  root.info = type ? &type->self() : nullptr;
  root.root = true;
  root.typed = type != nullptr;
  root.owners = owners.is_null() ? nullptr : &owners;
  root.ignored = ignored.is_null() ? nullptr : &ignored;
  Walker walker(std::move(input));
  walker.Walk(Normalize(desired), Normalize(live), last.value, root);
  return std::move(walker).TakeChanges();
}

}  // namespace swell::diff
