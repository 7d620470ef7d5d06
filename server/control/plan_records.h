#pragma once
// A plan as the ledger keeps it: its manifests, itself, and the record that lists it.

#include <string>
#include <vector>

#include "reconciler/domain/ledger.h"
#include "reconciler/gate/approvals.h"
#include "reconciler/plan/plan_record.h"
#include "server/control/planning.h"

namespace swell::control {

// The waves in which a rollout of this plan goes over these clusters. Repairs touch only what
// drifted; everything else gets evidence on every cluster of the plan. Approvals and gates are of
// new revisions: what brings back what was there must not wait for them.
std::vector<WaveProgress> WavesOf(const StrategySpec& strategy,
                                  const std::vector<Cluster>& clusters, const Plan& plan);

// Whether a manifest is encrypted at rest. What a chart makes up or reads from a cluster may be a
// password, wherever it puts it.
bool IsSensitive(const Manifest& manifest);

// Everything about the source and the clusters that somebody should know; what several clusters say
// alike is said once, with one of their names.
std::vector<std::string> WarningsOf(const Planned& planned);

// What a plan says of itself; who asked for it and when is for the caller to add.
plan::PlanRecord RecordOf(const Planned& planned, const std::vector<WaveProgress>& waves);

// Puts the plan, and the record where the plan has none yet (a plan that was shown is not shown
// anew by being rolled out), and drops records that are beyond what is kept. Reads the ledger.
Result<std::vector<Mutation>> PutPlan(const Ledger& ledger, const Plan& plan,
                                      const plan::PlanRecord& record);

// Puts the manifests of the waves' clusters, each once; those of clusters that could not be read
// are left out.
std::vector<Mutation> PutManifests(const Planned& planned, const std::vector<WaveProgress>& waves);

// Of one plan, oldest first.
Result<std::vector<gate::Approval>> ApprovalsOf(const Ledger& ledger,
                                                const std::string& application, const Digest& plan);

// Of an application, or of every one (""), by the first digits of its digest. kInvalidArgument for
// what cannot be a digest, kNotFound, kFailedPrecondition where several begin so.
Result<plan::PlanRecord> FindPlan(const Ledger& ledger, const std::string& application,
                                  const std::string& digits);

}  // namespace swell::control
