// The parameters of a kustomization as an application declares them.

#include <algorithm>

#include "base/core/strings.h"
#include "reconciler/domain/source_fields.h"

namespace swell {
namespace {

constexpr char kPatchWays[] = "give one of patch and path";

// Names that users bring along, and what to write instead.
constexpr std::pair<const char*, const char*> kElsewhere[] = {
    {"commonAnnotationsEnvsubst", "not supported: write {{ .cluster… }} in commonAnnotations"},
    {"version", "not supported: Swell builds as kustomize 5.8 does; remove it"},
    {"kubeVersion", "not supported: charts are told the cluster's own version; remove it"},
    {"apiVersions", "not supported: charts are told the cluster's own versions; remove it"},
    {"targetNamespace", "is not known here: write namespace"},
    {"commonMetadata",
     "is not known here: write commonLabels with labelWithoutSelector and forceCommonLabels, and "
     "commonAnnotations with forceCommonAnnotations"},
    {"postBuild",
     "not supported: write {{ .cluster… }} in these parameters, or replacements with a "
     "sourceValue"},
    {"patchesStrategicMerge", "not supported: write each as an entry of patches"},
    {"patchesJson6902", "not supported: write each as an entry of patches"},
};

// What facts of a cluster make of the text is seen when it is rendered.
bool IsTemplate(const std::string& text) { return text.find("{{") != std::string::npos; }

bool IsNumber(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

void CheckTexts(Fields& fields, std::initializer_list<const char*> keys) {
  for (const char* key : keys) fields.String(key);
}

void CheckFlags(Fields& fields, std::initializer_list<const char*> keys) {
  for (const char* key : keys) fields.Bool(key);
}

std::string WrongImage(const std::string& text) {
  if (IsTemplate(text) || text.find_first_of("=:@") != std::string::npos) return "";
  return Quote(text) + " is not of the form name=newname:tag, name:tag or name@digest";
}

void CheckImage(Fields& image) {
  image.String("name", Presence::kRequired);
  CheckTexts(image, {"newName", "newTag", "digest"});
}

void CheckReplica(Fields& replica) {
  replica.String("name", Presence::kRequired);
  if (!replica.HasText("count")) {
    if (!replica.Int("count", 0, 1'000'000'000)) replica.Complain("count", "count is required");
    return;
  }
  const std::string count = replica.String("count");
  if (!IsTemplate(count) && !IsNumber(count)) {
    replica.Complain("count", Quote(count) + " is not a whole number");
  }
}

void CheckId(Fields& fields) {
  CheckTexts(fields, {"group", "version", "kind", "name", "namespace"});
}

void CheckSelector(Fields& selector) {
  CheckId(selector);
  CheckTexts(selector, {"labelSelector", "annotationSelector"});
}

void CheckPatch(Fields& patch) {
  const bool inlined = !patch.String("patch").empty();
  if (inlined == !patch.String("path").empty()) patch.Complain("", kPatchWays);
  Fields target = patch.Nested("target");
  CheckSelector(target);
  target.Finish();
  Fields options = patch.Nested("options");
  CheckFlags(options, {"allowNameChange", "allowKindChange"});
  options.Finish();
}

void CheckFieldOptions(Fields options) {
  CheckTexts(options, {"delimiter", "encoding"});
  options.Int("index", -1, 1'000'000'000);
  options.Bool("create");
  options.Finish();
}

void CheckReplacementTarget(Fields& target) {
  Fields select = target.Nested("select", Presence::kRequired);
  CheckSelector(select);
  select.Finish();
  target.ForEach("reject", CheckSelector);
  target.StringList("fieldPaths");
  CheckFieldOptions(target.Nested("options"));
}

void CheckReplacement(Fields& replacement) {
  CheckTexts(replacement, {"path", "sourceValue"});
  Fields source = replacement.Nested("source");
  CheckId(source);
  CheckTexts(source, {"fieldPath"});
  CheckFieldOptions(source.Nested("options"));
  source.Finish();
  replacement.ForEach("targets", CheckReplacementTarget);
  replacement.Finish();  // a misspelt field is said before what it leaves out
  const int ways = (replacement.Has("path") ? 1 : 0) + (replacement.Has("source") ? 1 : 0) +
                   (replacement.Has("sourceValue") ? 1 : 0);
  if (ways != 1) replacement.Complain("", "give one of source, sourceValue and path");
  if (replacement.Has("path") == replacement.Has("targets")) {
    replacement.Complain(
        "", replacement.Has("path") ? "the file at path has the targets" : "targets is required");
  }
}

}  // namespace

Value ReadKustomize(Fields& fields, std::string_view key) {
  Fields kustomize = fields.Nested(key);
  for (const auto& [name, says] : kElsewhere) {
    if (kustomize.Has(name)) kustomize.Complain(name, says);
  }
  CheckTexts(kustomize, {"namePrefix", "nameSuffix", "namespace"});
  kustomize.ForEach("images", WrongImage, CheckImage);
  kustomize.ForEach("replicas", CheckReplica);
  kustomize.StringMap("commonLabels");
  kustomize.StringMap("commonAnnotations");
  CheckFlags(kustomize, {"forceCommonLabels", "forceCommonAnnotations", "ignoreMissingComponents"});
  const bool without_selector = kustomize.Bool("labelWithoutSelector");
  if (kustomize.Bool("labelIncludeTemplates") && !without_selector) {
    kustomize.Complain("labelIncludeTemplates", "needs labelWithoutSelector: true");
  }
  kustomize.ForEach("patches", CheckPatch);
  kustomize.ForEach("replacements", CheckReplacement);
  kustomize.StringList("components");
  kustomize.Finish();
  const Value given = fields.Object(key);
  return given.is_null() ? Value::EmptyObject() : given;
}

}  // namespace swell
