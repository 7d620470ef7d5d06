#include "reconciler/apply/steps.h"

#include <string>

namespace swell::apply {
namespace {

bool IsDefinition(const ObjectId& id) {
  return id.group == "apiextensions.k8s.io" && id.kind == "CustomResourceDefinition";
}

Step::Kind KindOf(const Operation& operation) {
  if (operation.type == OperationType::kDelete) return Step::Kind::kDeletions;
  return IsDefinition(operation.id) ? Step::Kind::kDefinitions : Step::Kind::kObjects;
}

int RankOf(const Operation& operation) {
  return ApplyRank({operation.id.group, operation.id.kind});
}

}  // namespace

std::vector<StageSteps> SplitIntoSteps(const std::vector<Operation>& operations) {
  std::vector<StageSteps> stages;
  const Operation* previous = nullptr;  // the last one of the stage that does something
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    const plan::Stage stage{operation.phase, operation.wave};
    if (stages.empty() || stages.back().stage != stage) {
      stages.push_back({.stage = stage});
      previous = nullptr;
    }
    StageSteps& current = stages.back();
    if (!operation.hook && operation.type != OperationType::kDelete) current.objects.push_back(i);
    if (operation.type == OperationType::kNone) continue;
    const Step::Kind kind = KindOf(operation);
    const bool joins = previous != nullptr && current.steps.back().kind == kind &&
                       RankOf(*previous) == RankOf(operation);
    if (!joins) current.steps.push_back({.kind = kind});
    current.steps.back().operations.push_back(i);
    previous = &operation;
  }
  return stages;
}

std::vector<StageSteps> TakeFailureStages(std::vector<StageSteps>& stages) {
  std::vector<StageSteps> failure;
  std::erase_if(stages, [&](StageSteps& stage) {
    if (stage.stage.phase != Phase::kSyncFail) return false;
    failure.push_back(std::move(stage));
    return true;
  });
  return failure;
}

std::string DescribeStage(const plan::Stage& stage) {
  return std::string(plan::DescribePhase(stage.phase)) + " wave " + std::to_string(stage.wave);
}

}  // namespace swell::apply
