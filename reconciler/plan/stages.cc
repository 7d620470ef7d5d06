#include "reconciler/plan/stages.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/core/strings.h"

namespace swell::plan {
namespace {

constexpr char kHook[] = "argocd.argoproj.io/hook";
constexpr char kHelmHook[] = "helm.sh/hook";
constexpr char kWave[] = "argocd.argoproj.io/sync-wave";
constexpr char kHelmWeight[] = "helm.sh/hook-weight";

std::vector<std::string_view> Words(std::string_view list) {
  std::vector<std::string_view> words;
  for (std::string_view word : Split(list, ',')) {
    if (word = Trim(word); !word.empty()) words.push_back(word);
  }
  return words;
}

std::optional<Phase> ArgoPhase(std::string_view hook) {
  if (hook == "PreSync") return Phase::kPreSync;
  if (hook == "Sync") return Phase::kSync;
  if (hook == "PostSync") return Phase::kPostSync;
  if (hook == "SyncFail") return Phase::kSyncFail;
  if (hook == "PreDelete") return Phase::kPreDelete;
  if (hook == "PostDelete") return Phase::kPostDelete;
  return {};
}

std::optional<Phase> HelmPhase(std::string_view hook) {
  if (hook == "pre-install" || hook == "pre-upgrade") return Phase::kPreSync;
  if (hook == "post-install" || hook == "post-upgrade") return Phase::kPostSync;
  if (hook == "pre-delete") return Phase::kPreDelete;
  if (hook == "post-delete") return Phase::kPostDelete;
  return {};
}

bool IsTest(std::string_view hook) { return hook.starts_with("test"); }

// The wave that an annotation states; a bad one is a warning and counts as 0.
int ReadWave(const Object& object, const char* key, std::string& warning) {
  const std::string_view text = Trim(object.annotation(key));
  int wave = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wave);
  if (error == std::errc() && end == text.data() + text.size()) return wave;
  warning = object.id().ToString() + ": annotation " + key + " is " + Quote(text) +
            ", not a whole number; 0 is taken";
  return 0;
}

struct Hooks {
  std::vector<Phase> phases;
  std::vector<std::string> unsupported;
  bool skip = false;
  bool plain = false;  // says "hook", means a plain object
};

Hooks ReadHooks(const Object& object) {
  Hooks hooks;
  const std::string_view argo = object.annotation(kHook);
  for (std::string_view word : Words(argo)) {
    if (const auto phase = ArgoPhase(word)) {
      hooks.phases.push_back(*phase);
    } else if (word == "Skip") {
      hooks.skip = true;
    } else {
      hooks.unsupported.emplace_back(word);
    }
  }
  if (!Trim(argo).empty()) return hooks;
  for (std::string_view word : Words(object.annotation(kHelmHook))) {
    if (const auto phase = HelmPhase(word)) {
      hooks.phases.push_back(*phase);
    } else if (word == "crd-install") {
      hooks.plain = true;
    } else if (IsTest(word)) {
      hooks.skip = true;
    } else {
      hooks.unsupported.emplace_back(word);
    }
  }
  return hooks;
}

bool HasPolicy(const Object& object, std::string_view argo, std::string_view helm) {
  const auto has = [&](const char* key, std::string_view word) {
    const auto words = Words(object.annotation(key));
    return std::ranges::find(words, word) != words.end();
  };
  return has("argocd.argoproj.io/hook-delete-policy", argo) ||
         has("helm.sh/hook-delete-policy", helm);
}

}  // namespace

Placement PlaceObject(const Object& object) {
  Placement placement;
  Hooks hooks = ReadHooks(object);
  const bool any = !hooks.phases.empty() || hooks.skip || !hooks.unsupported.empty();
  placement.hook = any && !hooks.plain;
  int wave = 0;
  if (!object.annotation(kWave).empty()) {
    wave = ReadWave(object, kWave, placement.warning);
  } else if (placement.hook && !object.annotation(kHelmWeight).empty()) {
    wave = ReadWave(object, kHelmWeight, placement.warning);
  }
  if (!placement.hook) {
    placement.stages = {{Phase::kSync, wave}};
    return placement;
  }
  std::ranges::sort(hooks.phases);
  for (Phase phase : hooks.phases) {
    const Stage stage{phase, wave};
    if (placement.stages.empty() || placement.stages.back() != stage) {
      placement.stages.push_back(stage);
    }
  }
  if (!hooks.unsupported.empty()) {
    placement.warning = object.id().ToString() + ": hook " + Join(hooks.unsupported, ", ") +
                        " is not supported; " +
                        (placement.stages.empty() ? "the object is left out" : "it does not run");
  }
  return placement;
}

DeletePolicy DeletePolicyOf(const Object& object) {
  DeletePolicy policy;
  policy.on_success = HasPolicy(object, "HookSucceeded", "hook-succeeded");
  policy.on_failure = HasPolicy(object, "HookFailed", "hook-failed");
  policy.before_creation = HasPolicy(object, "BeforeHookCreation", "before-hook-creation") ||
                           (!policy.on_success && !policy.on_failure);
  return policy;
}

std::string_view DescribePhase(Phase phase) {
  switch (phase) {
    case Phase::kPreDelete:
      return "pre-delete";
    case Phase::kPreSync:
      return "pre-sync";
    case Phase::kSync:
      return "sync";
    case Phase::kPostSync:
      return "post-sync";
    case Phase::kPrune:
      return "prune";
    case Phase::kPostDelete:
      return "post-delete";
    case Phase::kSyncFail:
      return "sync-fail";
  }
  return "";
}

}  // namespace swell::plan
