#include "reconciler/health/custom.h"

#include <algorithm>

#include "reconciler/health/rule_table.h"
#include "renderer/object/object.h"

namespace swell::health {
namespace {

constexpr std::string_view kRules =
#include "reconciler/health/custom_rules.inc"
#include "reconciler/health/custom_rules_more.inc"
    ;

const std::vector<Block>& Blocks() {
  static const std::vector<Block> kBlocks = ParseRules(kRules);
  return kBlocks;
}

const Block* FindBlock(const std::string& kind) {
  const Block* wildcard = nullptr;
  for (const Block& block : Blocks()) {
    for (const std::string& pattern : block.kinds) {
      if (pattern == kind) return &block;
      if (wildcard == nullptr && pattern.find('*') != std::string::npos &&
          MatchesGlob(pattern, kind)) {
        wildcard = &block;
      }
    }
  }
  return wildcard;
}

std::string DefaultMessage(HealthStatus status, const Value& object) {
  const std::string message = object["status"]["message"].str();
  if (!message.empty() || status == HealthStatus::kHealthy) return message;
  return "the status of the " + object["kind"].str() + " does not say that it is healthy";
}

}  // namespace

CustomVerdict AssessCustom(const Value& object) {
  const GroupVersionKind gvk =
      ParseGroupVersionKind(object["apiVersion"].as_string(), object["kind"].as_string());
  const Block* block = FindBlock(gvk.group + "/" + gvk.kind);
  if (block == nullptr) return {};
  CustomVerdict verdict{.known = true, .no_lag = block->no_lag};
  for (const Rule& rule : block->rules) {
    std::string first;
    const bool holds = std::ranges::all_of(rule.terms, [&](const Term& term) {
      std::string why;
      if (!Holds(term, object, why)) return false;
      if (first.empty()) first = std::move(why);
      return true;
    });
    if (!holds) continue;
    verdict.health =
        Health{rule.status, first.empty() ? DefaultMessage(rule.status, object) : first};
    break;
  }
  return verdict;
}

}  // namespace swell::health
