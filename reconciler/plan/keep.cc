#include "reconciler/plan/keep.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/core/strings.h"

namespace swell::plan {
namespace {

constexpr char kOptions[] = "argocd.argoproj.io/sync-options";
constexpr char kPropagation[] = "swell.dev/propagation";
constexpr std::string_view kArgoPropagation = "PrunePropagationPolicy=";

struct Mark {
  const char* key;
  std::string_view value;
};
// Flux reads its own from labels, too, and takes any case; Helm lowers and trims.
constexpr Mark kKeepMarks[] = {
    {"swell.dev/prune", "false"},
    {"helm.sh/resource-policy", "keep"},
    {"kustomize.toolkit.fluxcd.io/prune", "disabled"},
    {"client.lifecycle.config.k8s.io/deletion", "detach"},
    {"cli-utils.sigs.k8s.io/on-remove", "keep"},
};

std::vector<std::string> OptionsOf(const Value& live) {
  std::vector<std::string> options;
  for (std::string_view option :
       Split(live["metadata"]["annotations"][kOptions].as_string(), ',')) {
    if (option = Trim(option); !option.empty()) options.emplace_back(option);
  }
  return options;
}

bool Keeps(const std::string& option, Removal removal, Confirmed confirmed) {
  if (option == "Delete=false") return true;
  if (option == "Delete=confirm") return confirmed == Confirmed::kNo;
  if (removal == Removal::kDeletion) return false;
  return option == "Prune=false" || (option == "Prune=confirm" && confirmed == Confirmed::kNo);
}

std::string WayToConfirm(const std::string& option, Removal removal) {
  if (!option.ends_with("=confirm")) return "";
  return removal == Removal::kPrune ? " (confirm with: swell sync APP --confirm-prune)"
                                    : " (confirm with: swell app delete APP --cascade --confirm)";
}

// The namespace controller's conditions, as it writes them while something holds a namespace.
constexpr std::array<std::string_view, 5> kNamespaceTroubles = {
    "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceDeletionContentFailure", "NamespaceContentRemaining", "NamespaceFinalizersRemaining"};

std::string NamespaceTroubles(const Value& live) {
  std::string out;
  for (const Value& condition : live["status"]["conditions"].items()) {
    const std::string_view type = condition["type"].as_string();
    if (condition["status"].as_string() != "True" ||
        std::ranges::find(kNamespaceTroubles, type) == kNamespaceTroubles.end()) {
      continue;
    }
    out += (out.empty() ? "" : "; ") + std::string(type) + ": " + condition["message"].str();
  }
  return out;
}

std::string Plainly(const ObjectId& id) {
  return ToLower(id.kind) + (id.group.empty() ? "" : "." + id.group);
}

}  // namespace

std::string KeepReason(const Value& live, Removal removal, Confirmed confirmed) {
  const Value& metadata = live["metadata"];
  for (const Mark& mark : kKeepMarks) {
    for (const char* where : {"annotations", "labels"}) {
      const std::string text = ToLower(Trim(metadata[where][mark.key].as_string()));
      if (text == mark.value) return std::string(mark.key) + ": " + text;
    }
  }
  for (const std::string& option : OptionsOf(live)) {
    if (Keeps(option, removal, confirmed)) {
      return std::string(kOptions) + ": " + option + WayToConfirm(option, removal);
    }
  }
  return "";
}

Result<std::optional<Propagation>> PropagationOf(const Value& live) {
  std::string text = live["metadata"]["annotations"][kPropagation].str();
  const char* key = kPropagation;
  if (text.empty()) {
    for (const std::string& option : OptionsOf(live)) {
      if (!option.starts_with(kArgoPropagation)) continue;
      text = option.substr(kArgoPropagation.size());
      key = kOptions;
    }
  }
  if (text.empty()) return std::optional<Propagation>();
  if (text == "background") return Propagation::kBackground;
  if (text == "foreground") return Propagation::kForeground;
  if (text == "orphan") return Propagation::kOrphan;
  return Fail(InvalidArgument("annotation " + std::string(key) + " asks for the propagation " +
                              Quote(text) +
                              ", which is not one of background, foreground, orphan"));
}

std::string DescribeTerminating(const ObjectId& id, const Value& live, Timestamp now) {
  const Value& metadata = live["metadata"];
  std::string out = id.ToString() + " has been terminating";
  if (const auto since = ParseTimestamp(metadata["deletionTimestamp"].as_string())) {
    const auto age = std::chrono::floor<std::chrono::seconds>(now - *since);
    if (age.count() > 0) out += " for " + FormatDuration(std::chrono::duration_cast<Duration>(age));
  }
  if (id.group.empty() && id.kind == "Namespace") {
    const std::string troubles = NamespaceTroubles(live);
    if (!troubles.empty()) out += "; " + troubles;
  }
  std::vector<std::string> finalizers;
  for (const Value& finalizer : metadata["finalizers"].items()) {
    finalizers.push_back(finalizer.str());
  }
  if (finalizers.empty()) return out;
  out += "; finalizers hold it: " + Join(finalizers, ", ");
  const bool kubernetes_own = std::ranges::all_of(finalizers, [](const std::string& name) {
    return name == "foregroundDeletion" || name == "orphan";
  });
  if (kubernetes_own) return out + " (its dependants go first)";
  return out +
         ". Their controller takes them away when it has cleaned up; where that controller is "
         "gone: "
         "kubectl patch " +
         Plainly(id) + " " + id.name + (id.ns.empty() ? "" : " -n " + id.ns) +
         R"( --type=json -p='[{"op":"remove","path":"/metadata/finalizers"}]')";
}

}  // namespace swell::plan
