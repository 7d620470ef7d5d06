// Controller: the gates of a running rollout are asked: people, servers, Jobs.

#include <algorithm>

#include "base/telemetry/log.h"
#include "reconciler/gate/approvals.h"
#include "server/control/controller.h"

namespace swell::control {
namespace {

rollout::GateVerdict VerdictOf(gates::Verdict verdict) {
  switch (verdict) {
    case gates::Verdict::kPass:
      return rollout::GateVerdict::kPass;
    case gates::Verdict::kFail:
      return rollout::GateVerdict::kFail;
    case gates::Verdict::kHold:
      break;
  }
  return rollout::GateVerdict::kHold;
}

const WaveSpec* SpecOf(const RolloutState& state, const WaveProgress& wave) {
  const auto spec = std::ranges::find(state.strategy.waves, wave.name, &WaveSpec::name);
  return spec == state.strategy.waves.end() ? nullptr : &*spec;
}

const GateSpec* GateOf(const WaveSpec& wave, const std::string& name) {
  const auto gate = std::ranges::find(wave.gates, name, &GateSpec::name);
  return gate == wave.gates.end() ? nullptr : &*gate;
}

// Of the wave's clusters those that were changed: what was left out says nothing.
std::vector<std::string> Changed(const RolloutState& state, const WaveProgress& wave) {
  std::vector<std::string> out;
  std::ranges::copy_if(wave.clusters, std::back_inserter(out), [&](const std::string& name) {
    return state.clusters.at(name).phase == ClusterPhase::kHealthy;
  });
  return out;
}

}  // namespace

void Controller::AskGate(const std::string& application, const RolloutState& state,
                         const rollout::AskGate& ask,
                         const RunnerServices::GateAnswered& answered) {
  const WaveProgress& wave = state.waves.at(static_cast<std::size_t>(ask.wave));
  const WaveSpec* declared = SpecOf(state, wave);
  const auto answer = [this, answered](gates::Answer said) {
    control_.Post(
        [answered, said = std::move(said)] { answered(VerdictOf(said.verdict), said.message); });
  };
  if (ask.gate == kApprovalGate) {
    return answer(CountApprovals(application, state,
                                 declared ? declared->approvals : ApprovalSpec{.count = 1}));
  }
  const GateSpec* gate = declared ? GateOf(*declared, ask.gate) : nullptr;
  if (!gate) return answer({gates::Verdict::kHold, ask.gate + " is not declared"});
  if (const auto* job = std::get_if<JobGate>(&gate->check)) {
    return AskJobs(state, wave, *gate, *job, answer);
  }
  gates::Context context{.application = application,
                         .rollout = state.id,
                         .wave = wave.name,
                         .clusters = Changed(state, wave),
                         .now = clock_.Now()};
  context.files_folder = options_.gate_files;
  const Status posted = gate_threads_.Post(
      [this, gate = *gate, context, answer] { answer(gate_evaluator_.Evaluate(gate, context)); });
  if (!posted) answer({gates::Verdict::kHold, ask.gate + ": " + posted.error().ToString()});
}

void Controller::AskJobs(const RolloutState& state, const WaveProgress& wave, const GateSpec& gate,
                         const JobGate& job, std::function<void(gates::Answer)> answer) {
  gates::EvaluateJobs(JobClusters(Changed(state, wave)), JobOf(state, wave, gate, job),
                      std::move(answer));
}

gates::JobRequest Controller::JobOf(const RolloutState& state, const WaveProgress& wave,
                                    const GateSpec& gate, const JobGate& job) const {
  gates::JobRequest request{.application = state.application,
                            .rollout = state.id,
                            .wave = wave.name,
                            .gate = gate.name,
                            .plan = state.plan,
                            .wave_started_at = wave.started_at,
                            .ns = {},
                            .job = job.job};
  if (const auto entry = entries_.find(state.application); entry != entries_.end()) {
    request.ns = entry->second->spec.destination.ns;
  }
  return request;
}

std::vector<gates::JobCluster> Controller::JobClusters(
    const std::vector<std::string>& names) const {
  std::vector<gates::JobCluster> out;
  for (const std::string& name : names) out.push_back({name, clients_.Find(name)});
  return out;
}

// A gate that was judged has deleted its Jobs; one that nobody asks any more has not.
void Controller::DeleteJobs(const RolloutState& ended) {
  for (const WaveProgress& wave : ended.waves) {
    const WaveSpec* declared = SpecOf(ended, wave);
    for (const GateProgress& gate : wave.gates) {
      const bool asked = gate.asked_at != Timestamp{} && gate.phase != GatePhase::kPassed;
      const GateSpec* spec = declared && asked ? GateOf(*declared, gate.name) : nullptr;
      const auto* job = spec ? std::get_if<JobGate>(&spec->check) : nullptr;
      if (!job) continue;
      gates::DeleteJobs(JobClusters(wave.clusters), JobOf(ended, wave, *spec, *job),
                        [rollout = ended.id](const Status& deleted) {
                          if (deleted) return;
                          telemetry::LogWarning(
                              "cannot delete the Jobs of a gate; they go by themselves",
                              {{"rollout", rollout}, {"error", deleted.error()}});
                        });
    }
  }
}

gates::Answer Controller::CountApprovals(const std::string& application, const RolloutState& state,
                                         const ApprovalSpec& spec) const {
  const auto records = ledger_.ListRecords({.kind = RecordKind::kApproval,
                                            .application = application,
                                            .prefix = gate::ApprovalPrefix(state.plan)});
  if (!records) return {gates::Verdict::kHold, records.error().ToString()};
  std::vector<gate::Approval> approvals;
  for (const LedgerRecord& record : *records) {
    auto approval = gate::ApprovalFromRecord(record);
    if (!approval) return {gates::Verdict::kHold, approval.error().ToString()};
    approvals.push_back(*std::move(approval));
  }
  const gate::ApprovalCount count = gate::CountApprovals(
      spec, approvals, safeguards_.teams,
      {application, state.plan, state.revision.author, state.actor}, clock_.Now());
  return {count.enough() ? gates::Verdict::kPass : gates::Verdict::kHold, count.message};
}

}  // namespace swell::control
