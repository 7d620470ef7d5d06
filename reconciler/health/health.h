#pragma once
// Health of one live object: the user's own checks first, built-in kinds by their own rules (those
// of Argo CD's gitops-engine, made stricter where kstatus is), every other kind by the conditions
// and generations that well-behaved controllers report (kstatus). Pure; thread-safe. Rules: facts A
// of the engine.

#include <cstdint>

#include "base/core/clock.h"
#include "base/value/value.h"
#include "reconciler/domain/health.h"
#include "reconciler/health/checks.h"

namespace swell::health {

struct AssessOptions {
  // metadata.generation that our apply returned, 0 where none is known. An object read in an
  // older generation, or whose controller has observed an older one, is Progressing: a health
  // read right after an apply would otherwise see the old status.
  std::int64_t applied_generation = 0;
  // The user's own checks, which come before every rule but that for deletion; may be null.
  const Checks* checks = nullptr;
  // Required with `checks`: what they may take together with those of other objects, and what
  // time they are told.
  CheckBudget* budget = nullptr;
  Timestamp now{};
};

// Total: a malformed object is Unknown, with a message that says what is wrong. A null object
// is Missing. Never shows secret values.
Health Assess(const Value& object, const AssessOptions& options = {});

}  // namespace swell::health
