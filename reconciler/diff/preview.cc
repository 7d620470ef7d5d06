#include "reconciler/diff/preview.h"

#include "reconciler/diff/comparison.h"
#include "reconciler/diff/edit.h"
#include "reconciler/diff/explain.h"
#include "reconciler/diff/normalize.h"
#include "renderer/object/object.h"

namespace swell::diff {
namespace {

// Without what only the server writes.
Value Declared(const Value& object) {
  if (!object.is_object()) return {};
  Value out = WithoutServerMetadata(object.Without("status"));
  out = out.WithoutAt(
      {"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"});
  if (out["metadata"]["annotations"].is_object() && out["metadata"]["annotations"].empty()) {
    out = out.WithoutAt({"metadata", "annotations"});
  }
  return out;
}

// The shown text of a Secret's value, as a value.
void SetShown(Edits& edits, const PointerTokens& at, const std::string& shown) {
  if (shown.empty()) {
    edits.Remove(at);
  } else {
    edits.Set(at, Value(shown));
  }
}

}  // namespace

Preview PreviewApply(const Value& desired, const Value& live, const Value& last_applied,
                     const Options& options) {
  Preview out;
  out.before = Redacted(WithCpuMetricAsIn(desired, Declared(live)));
  if (desired.is_null()) return out;
  if (live.is_null()) {
    out.after = Redacted(Declared(desired));
    return out;
  }
  const bool secret = IsSecret(live) || IsSecret(desired);
  const Comparison comparison =
      RunComparison(desired, live, last_applied, options, Scope::kEverything);
  Edits before, after;
  for (const Finding& finding : comparison.findings) {
    if (!NeedsApply(finding.change.cause)) continue;
    if (secret && !finding.at.empty() && finding.at.front() == "data") {
      SetShown(before, finding.at, finding.change.before);
      SetShown(after, finding.at, finding.change.after);
    } else if (finding.desired.is_null()) {
      after.Remove(finding.at);
    } else {
      after.Set(finding.at, finding.desired);
    }
  }
  out.after = after.Apply(out.before);
  out.before = before.Apply(out.before);
  return out;
}

}  // namespace swell::diff
