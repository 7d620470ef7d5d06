#include "reconciler/domain/rollout.h"

#include "reconciler/domain/convert.h"
#include "reconciler/domain/names.h"
#include "reconciler/domain/strategy_fields.h"

namespace swell {
namespace {

Value DigestValue(const Digest& d) { return Value(d.empty() ? std::string() : d.Hex()); }

Result<Digest> DigestFrom(const Value& v) {
  if (v.as_string().empty()) return Digest();
  return Digest::Parse(v.as_string());
}

Value MillisValue(Duration d) { return Value(static_cast<std::int64_t>(d.count())); }

Value GateToValue(const GateProgress& gate) {
  return Value::Object({{"name", Value(gate.name)},
                        {"phase", Value(GatePhaseName(gate.phase))},
                        {"message", Value(gate.message)},
                        {"askedAt", TimeToValue(gate.asked_at)},
                        {"firstAt", TimeToValue(gate.first_at)},
                        {"successes", Value(gate.successes)},
                        {"failures", Value(gate.failures)}});
}

Result<GateProgress> GateFromValue(const Value& v) {
  GateProgress gate;
  gate.name = v["name"].str();
  gate.phase = TRY(ParseGatePhase(v["phase"].as_string()));
  gate.message = v["message"].str();
  gate.asked_at = TRY(TimeFromValue(v["askedAt"]));
  gate.first_at = TRY(TimeFromValue(v["firstAt"]));
  gate.successes = static_cast<int>(v["successes"].as_int());
  gate.failures = static_cast<int>(v["failures"].as_int());
  return gate;
}

Value GatesToValue(const std::vector<GateProgress>& gates) {
  std::vector<Value> items;
  for (const GateProgress& gate : gates) items.push_back(GateToValue(gate));
  return Value::Array(std::move(items));
}

Result<std::vector<GateProgress>> GatesFromValue(const Value& v) {
  std::vector<GateProgress> out;
  for (const Value& gate : v.items()) out.push_back(TRY(GateFromValue(gate)));
  return out;
}

Value HoldToValue(const Hold& hold) {
  return Value::Object(
      {{"scope", Value(HoldScopeName(hold.scope))}, {"reason", Value(hold.reason)}});
}

// Absent in what an older server recorded.
Result<Hold> HoldFromValue(const Value& v) {
  if (v.is_null()) return Hold{};
  return Hold{TRY(ParseHoldScope(v["scope"].as_string())), v["reason"].str()};
}

Value WaveToValue(const WaveProgress& wave) {
  std::vector<Value> clusters;
  for (const auto& name : wave.clusters) clusters.emplace_back(name);
  return Value::Object({{"name", Value(wave.name)},
                        {"clusters", Value::Array(std::move(clusters))},
                        {"bakeMillis", MillisValue(wave.bake)},
                        {"maxParallel", Value(wave.max_parallel)},
                        {"maxUnavailable", Value(wave.max_unavailable)},
                        {"maxFailures", Value(wave.max_failures)},
                        {"deadlineMillis", MillisValue(wave.deadline)},
                        {"approvals", GatesToValue(wave.approvals)},
                        {"gates", GatesToValue(wave.gates)},
                        {"phase", Value(WavePhaseName(wave.phase))},
                        {"startedAt", TimeToValue(wave.started_at)},
                        {"healthyAt", TimeToValue(wave.healthy_at)},
                        {"finishedAt", TimeToValue(wave.finished_at)}});
}

Result<WaveProgress> WaveFromValue(const Value& v) {
  WaveProgress wave;
  wave.name = v["name"].str();
  for (const Value& name : v["clusters"].items()) wave.clusters.push_back(name.str());
  wave.bake = Duration(v["bakeMillis"].as_int());
  wave.max_parallel = static_cast<int>(v["maxParallel"].as_int());
  wave.max_unavailable = static_cast<int>(v["maxUnavailable"].as_int());
  if (v.Has("maxFailures")) wave.max_failures = static_cast<int>(v["maxFailures"].as_int());
  wave.deadline = Duration(v["deadlineMillis"].as_int());
  wave.approvals = TRY(GatesFromValue(v["approvals"]));
  wave.gates = TRY(GatesFromValue(v["gates"]));
  wave.phase = TRY(ParseWavePhase(v["phase"].as_string()));
  wave.started_at = TRY(TimeFromValue(v["startedAt"]));
  wave.healthy_at = TRY(TimeFromValue(v["healthyAt"]));
  wave.finished_at = TRY(TimeFromValue(v["finishedAt"]));
  return wave;
}

Result<ClusterProgress> ClusterFromValue(const Value& v) {
  ClusterProgress c;
  c.cluster = v["cluster"].str();
  c.wave = static_cast<int>(v["wave"].as_int());
  c.phase = TRY(ParseClusterPhase(v["phase"].as_string()));
  c.manifest = TRY(DigestFrom(v["manifest"]));
  c.previous_manifest = TRY(DigestFrom(v["previousManifest"]));
  c.has_changes = v["hasChanges"].as_bool(true);
  if (v.Has("preflight")) c.preflight = TRY(ParsePreflightPhase(v["preflight"].as_string()));
  c.asked_at = TRY(TimeFromValue(v["askedAt"]));
  c.offline = v["offline"].str();
  c.blocked = v["blocked"].str();
  c.started_at = TRY(TimeFromValue(v["startedAt"]));
  c.degraded_since = TRY(TimeFromValue(v["degradedSince"]));
  c.evidence.plan = TRY(DigestFrom(v["evidence"]["plan"]));
  c.evidence.applied_at = TRY(TimeFromValue(v["evidence"]["appliedAt"]));
  c.evidence.healthy_at = TRY(TimeFromValue(v["evidence"]["healthyAt"]));
  c.health = TRY(HealthFromValue(v["health"]));
  c.error = v["error"].str();
  return c;
}

// An older server recorded three of its fields alone.
Result<StrategySpec> RecordedStrategy(const Value& v) {
  if (v.Has("strategy")) return StrategyFromValue(v["strategy"]);
  StrategySpec out;
  out.max_failures.value = static_cast<int>(v["maxFailures"].as_int());
  if (v["onFailure"].as_string() == "hold") out.on_failure = OnFailure::kHold;
  out.deadline = Duration(v["deadlineMillis"].as_int());
  return out;
}

}  // namespace

Value ClusterProgressToValue(const ClusterProgress& c) {
  return Value::Object(
      {{"cluster", Value(c.cluster)},
       {"wave", Value(c.wave)},
       {"phase", Value(ClusterPhaseName(c.phase))},
       {"manifest", DigestValue(c.manifest)},
       {"previousManifest", DigestValue(c.previous_manifest)},
       {"hasChanges", Value(c.has_changes)},
       {"preflight", Value(PreflightPhaseName(c.preflight))},
       {"askedAt", TimeToValue(c.asked_at)},
       {"offline", Value(c.offline)},
       {"blocked", Value(c.blocked)},
       {"startedAt", TimeToValue(c.started_at)},
       {"degradedSince", TimeToValue(c.degraded_since)},
       {"evidence", Value::Object({{"plan", DigestValue(c.evidence.plan)},
                                   {"appliedAt", TimeToValue(c.evidence.applied_at)},
                                   {"healthyAt", TimeToValue(c.evidence.healthy_at)}})},
       {"health", ToValue(c.health)},
       {"error", Value(c.error)}});
}

Value RolloutToValue(const RolloutState& s) {
  std::vector<Value> clusters;
  for (const auto& [name, cluster] : s.clusters) {
    clusters.push_back(ClusterProgressToValue(cluster));
  }
  return RolloutHeaderToValue(s).With("clusters", Value::Array(std::move(clusters)));
}

Value RolloutHeaderToValue(const RolloutState& s) {
  std::vector<Value> waves;
  for (const auto& wave : s.waves) waves.push_back(WaveToValue(wave));
  return Value::Object({{"id", Value(s.id)},
                        {"number", Value(s.number)},
                        {"application", Value(s.application)},
                        {"kind", Value(PlanKindName(s.kind))},
                        {"rollbackTo", Value(s.rollback_to)},
                        {"plan", DigestValue(s.plan)},
                        {"revision", ToValue(s.revision)},
                        {"actor", Value(s.actor)},
                        {"reason", Value(s.reason)},
                        {"strategy", ToValue(s.strategy)},
                        {"phase", Value(RolloutPhaseName(s.phase))},
                        {"message", Value(s.message)},
                        {"waves", Value::Array(std::move(waves))},
                        {"currentWave", Value(s.current_wave)},
                        {"pause", HoldToValue(s.pause)},
                        {"held", HoldToValue(s.held)},
                        {"createdAt", TimeToValue(s.created_at)},
                        {"finishedAt", TimeToValue(s.finished_at)}});
}

Result<RolloutState> RolloutFromValue(const Value& v) {
  RolloutState s;
  s.id = v["id"].str();
  s.number = v["number"].as_int();
  s.application = v["application"].str();
  s.kind = TRY(ParsePlanKind(v["kind"].as_string()));
  s.rollback_to = v["rollbackTo"].as_int();
  s.plan = TRY(DigestFrom(v["plan"]));
  s.revision = TRY(RevisionFromValue(v["revision"]));
  s.actor = v["actor"].str();
  s.reason = v["reason"].str();
  s.strategy = TRY(RecordedStrategy(v));
  s.phase = TRY(ParseRolloutPhase(v["phase"].as_string()));
  s.message = v["message"].str();
  for (const Value& wave : v["waves"].items()) s.waves.push_back(TRY(WaveFromValue(wave)));
  for (const Value& cluster : v["clusters"].items()) {
    ClusterProgress c = TRY(ClusterFromValue(cluster));
    if (c.wave < 0 || c.wave >= static_cast<int>(s.waves.size())) {
      return Fail(InvalidArgument("recorded rollout " + s.id + ": cluster " + c.cluster +
                                  " is in wave " + std::to_string(c.wave) +
                                  ", which does not exist"));
    }
    s.clusters.emplace(c.cluster, std::move(c));
  }
  for (const WaveProgress& wave : s.waves) {
    for (const std::string& name : wave.clusters) {
      if (!s.clusters.contains(name)) {
        return Fail(InvalidArgument("recorded rollout " + s.id + ": no record of cluster " + name));
      }
    }
  }
  s.pause = TRY(HoldFromValue(v["pause"]));
  s.held = TRY(HoldFromValue(v["held"]));
  s.current_wave = static_cast<int>(v["currentWave"].as_int());
  s.created_at = TRY(TimeFromValue(v["createdAt"]));
  s.finished_at = TRY(TimeFromValue(v["finishedAt"]));
  return s;
}

}  // namespace swell
