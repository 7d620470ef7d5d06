#pragma once
// How a plan's operations become steps that run one after the other.

#include <vector>

#include "reconciler/domain/plan.h"
#include "reconciler/plan/stages.h"

namespace swell::apply {

// Operations that may run at the same time. Indices into the plan's operations.
struct Step {
  enum class Kind { kDefinitions, kObjects, kDeletions };
  Kind kind = Kind::kObjects;
  std::vector<std::size_t> operations;
};

// One phase and wave.
struct StageSteps {
  plan::Stage stage;
  std::vector<Step> steps;           // what has to be done; may be empty
  std::vector<std::size_t> objects;  // every declared object of the stage that is no hook
};

// In order. kNone operations are in `objects` alone. Requires the plan's order.
std::vector<StageSteps> SplitIntoSteps(const std::vector<Operation>& operations);

// Takes out the stages that run in place of what is left after a failure.
std::vector<StageSteps> TakeFailureStages(std::vector<StageSteps>& stages);

// "sync wave 2", for messages.
std::string DescribeStage(const plan::Stage& stage);

}  // namespace swell::apply
