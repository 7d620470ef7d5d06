#include "reconciler/diff/explain.h"

#include <algorithm>
#include <span>

#include "reconciler/diff/comparison.h"
#include "reconciler/diff/ownership.h"

namespace swell::diff {
namespace {

// The last to write; entries without a time come first. Nobody where `wanted` holds for none.
template <class Wanted>
const Owner* LastWriter(std::span<const Owner> owners, Wanted&& wanted) {
  const Owner* last = nullptr;
  for (const Owner& owner : owners) {
    // RFC 3339 in UTC, as the API server writes it, sorts by text.
    if (wanted(owner) && (last == nullptr || owner.time >= last->time)) last = &owner;
  }
  return last;
}

class Explainer {
 public:
  Explainer(const Value& live, const Comparison& comparison, const Options& options)
      : live_(live), comparison_(comparison), options_(options) {}

  Explanation Of(Finding finding) const {
    Explanation out;
    const std::vector<Owner> owners = OwnersAt(live_, comparison_.live, finding.at);
    const auto ours = [this](const Owner& owner) { return IsOurs(owner); };
    const auto theirs = [this](const Owner& owner) { return !IsOurs(owner); };
    const auto anybody = [](const Owner&) { return true; };
    const Owner* writer = nullptr;
    switch (finding.change.cause) {
      case ChangeCause::kDrifted:
        writer = LastWriter(owners, theirs);
        if (writer == nullptr && IsMutated(owners)) {
          finding.change.cause = ChangeCause::kMutated;
          finding.note = "changed at admission: live differs though nobody else wrote the field";
          writer = LastWriter(owners, ours);
        }
        break;
      case ChangeCause::kOwned:
        writer = LastWriter(owners, theirs);
        if (writer == nullptr) writer = NobodyElse(owners, finding);
        break;
      default:
        writer = LastWriter(owners, anybody);
    }
    if (writer != nullptr) {
      out.manager = writer->manager;
      out.time = writer->time;
    }
    out.change = std::move(finding.change);
    out.note = std::move(finding.note);
    return out;
  }

 private:
  bool IsOurs(const Owner& owner) const {
    return owner.applied && owner.manager == options_.field_manager;
  }

  bool IsMutated(std::span<const Owner> owners) const {
    return comparison_.basis == Basis::kRecorded && owners.size() == 1 && IsOurs(owners.front()) &&
           owners.front().whole;
  }

  // Of a field that is not stated, and that no other manager owns.
  const Owner* NobodyElse(std::span<const Owner> owners, Finding& finding) const {
    if (!owners.empty()) {
      finding.note = "applied by this manager before, but not recorded as applied last";
      return &owners.front();
    }
    if (live_["metadata"]["managedFields"].empty()) {
      finding.note = "the object shows no field managers";
      return nullptr;
    }
    finding.change.cause = ChangeCause::kDefaulted;
    finding.note = "no manager owns it: filled in by the API server or at admission";
    return nullptr;
  }

  const Value& live_;
  const Comparison& comparison_;
  const Options& options_;
};

}  // namespace

bool NeedsApply(ChangeCause cause) {
  return cause == ChangeCause::kChanged || cause == ChangeCause::kDrifted ||
         cause == ChangeCause::kAdopted;
}

std::vector<Explanation> Explain(const Value& desired, const Value& live, const Value& last_applied,
                                 const Options& options) {
  Comparison comparison = RunComparison(desired, live, last_applied, options, Scope::kEverything);
  const Explainer explainer(live, comparison, options);
  std::vector<Explanation> out;
  out.reserve(comparison.findings.size());
  for (Finding& finding : comparison.findings) out.push_back(explainer.Of(std::move(finding)));
  for (const ToleratedPlace& place : options.ignore.tolerated) {
    if (!place.pointer.empty()) continue;
    for (Explanation& explanation : out) {
      if (!NeedsApply(explanation.change.cause)) continue;
      explanation.change.cause = ChangeCause::kTolerated;
      explanation.note = place.toleration.why;
    }
  }
  return out;
}

}  // namespace swell::diff
