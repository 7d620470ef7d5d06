#include "reconciler/domain/strategy_fields.h"

#include <charconv>

#include "reconciler/domain/gate_fields.h"
#include "reconciler/domain/source_fields.h"
#include "reconciler/domain/words.h"
#include "reconciler/domain/writer.h"

namespace swell {
namespace {

constexpr Words<3> kOnFailure = {"rollback", "hold", "continue"};
constexpr Words<2> kRollback = {"touched", "wave"};
constexpr Words<2> kOnNewCommit = {"supersede", "finish"};
constexpr Words<3> kOffline = {"fail", "skip", "wait"};
constexpr int kMost = 100000;

Duration ReadDeadline(Fields& fields, Duration fallback) {
  const Duration deadline = fields.Time("deadline", fallback);
  if (deadline < std::chrono::seconds(1)) fields.Complain("deadline", "must be at least 1s");
  return deadline;
}

ApprovalSpec ReadApprovals(Fields fields) {
  ApprovalSpec out;
  out.count = fields.Int("count", 1, 100).value_or(1);
  if (fields.HasText("from")) {
    out.from.push_back(fields.String("from"));
  } else {
    out.from = fields.StringList("from");
  }
  out.not_author = fields.Bool("notAuthor");
  out.expires = fields.Time("expires", Duration{0});
  fields.Finish();
  return out;
}

// How many of the ways to say which clusters a wave takes are given.
int Ways(const Fields& item, const WaveSpec& wave) {
  return (item.Has("clusters") ? 1 : 0) + (wave.count ? 1 : 0) + (wave.percent ? 1 : 0) +
         (wave.spread_by.empty() ? 0 : 1);
}

bool TakesTheRest(const WaveSpec& wave) {
  return wave.clusters.empty() && !wave.count && !wave.percent && wave.spread_by.empty();
}

void ReadWave(Fields& item, std::vector<WaveSpec>& waves) {
  WaveSpec wave;
  wave.name = item.String("name", Presence::kRequired);
  for (const WaveSpec& other : waves) {
    if (other.name == wave.name) item.Complain("name", Quote(wave.name) + " is given twice");
  }
  if (item.Has("clusters")) {
    wave.clusters = ReadSelector(item.Nested("clusters"));
    if (wave.clusters.empty()) item.Complain("clusters", kSelectsNothing);
  }
  wave.count = item.Int("count", 1, kMost);
  wave.percent = item.Int("percent", 1, 100);
  wave.spread_by = item.String("spreadBy");
  if (Ways(item, wave) > 1) {
    item.Complain("", "give one of clusters, count, percent and spreadBy");
  }
  wave.bake = item.Time("bake", Duration{0});
  wave.max_parallel = ReadAmount(item, "maxParallel");
  wave.max_unavailable = ReadAmount(item, "maxUnavailable");
  if (item.Has("maxFailures")) wave.max_failures = ReadAmount(item, "maxFailures");
  if (item.Has("deadline")) wave.deadline = ReadDeadline(item, Duration{0});
  if (item.Has("approvals")) wave.approvals = ReadApprovals(item.Nested("approvals"));
  item.ForEach("gates", [&](Fields& gate) { ReadGate(gate, wave.gates); });
  waves.push_back(std::move(wave));
}

Value ApprovalsValue(const ApprovalSpec& approvals) {
  return Writer()
      .Number("count", approvals.count)
      .Texts("from", approvals.from)
      .Flag("notAuthor", approvals.not_author)
      .Time("expires", approvals.expires)
      .Done();
}

Value WaveValue(const WaveSpec& wave) {
  Writer out;
  out.Text("name", wave.name).Number("count", wave.count).Number("percent", wave.percent);
  if (!wave.clusters.empty()) out.Put("clusters", ToValue(wave.clusters));
  out.Text("spreadBy", wave.spread_by).Time("bake", wave.bake);
  if (wave.max_parallel.value > 0) out.Put("maxParallel", ToValue(wave.max_parallel));
  if (wave.max_unavailable.value > 0) out.Put("maxUnavailable", ToValue(wave.max_unavailable));
  if (wave.max_failures) out.Put("maxFailures", ToValue(*wave.max_failures));
  if (wave.deadline) out.Time("deadline", *wave.deadline);
  if (wave.approvals.count > 0) out.Put("approvals", ApprovalsValue(wave.approvals));
  std::vector<Value> gates;
  for (const GateSpec& gate : wave.gates) gates.push_back(ToValue(gate));
  if (!gates.empty()) out.Put("gates", Value::Array(std::move(gates)));
  return out.Done();
}

}  // namespace

Amount ReadAmount(Fields& fields, std::string_view key) {
  if (!fields.HasText(key)) return {fields.Int(key, 0, kMost).value_or(0), false};
  const std::string text = fields.String(key);
  Amount out{0, true};
  const char* const end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), text.empty() ? text.data() : end, out.value);
  const bool fits = !text.empty() && text.back() == '%' && read.ec == std::errc() &&
                    read.ptr == end && out.value >= 0 && out.value <= 100;
  if (!fits) fields.Complain(key, Quote(text) + " is not a number or a percentage such as \"10%\"");
  return fits ? out : Amount{};
}

Value ToValue(Amount amount) {
  return amount.percent ? Value(std::to_string(amount.value) + "%") : Value(amount.value);
}

StrategySpec ReadStrategy(Fields fields) {
  StrategySpec out;
  fields.ForEach("waves", [&](Fields& item) { ReadWave(item, out.waves); });
  for (std::size_t i = 0; i + 1 < out.waves.size(); ++i) {
    if (!TakesTheRest(out.waves[i])) continue;
    fields.Complain("waves", "wave " + Quote(out.waves[i].name) +
                                 " takes the rest (no clusters, count, percent or spreadBy) but "
                                 "is not the last");
  }
  out.max_failures = ReadAmount(fields, "maxFailures");
  out.on_failure = ReadWord(fields, "onFailure", kOnFailure, out.on_failure);
  out.rollback = ReadWord(fields, "rollback", kRollback, out.rollback);
  out.on_new_commit = ReadWord(fields, "onNewCommit", kOnNewCommit, out.on_new_commit);
  out.offline = ReadWord(fields, "offline", kOffline, out.offline);
  out.deadline = ReadDeadline(fields, out.deadline);
  fields.Finish();
  return out;
}

Value ToValue(const StrategySpec& strategy) {
  const StrategySpec defaults;
  Writer out;
  std::vector<Value> waves;
  for (const WaveSpec& wave : strategy.waves) waves.push_back(WaveValue(wave));
  if (!waves.empty()) out.Put("waves", Value::Array(std::move(waves)));
  if (strategy.max_failures.value > 0) out.Put("maxFailures", ToValue(strategy.max_failures));
  out.Text("onFailure", Word(kOnFailure, strategy.on_failure));
  out.Text("rollback", WordUnless(kRollback, strategy.rollback, defaults.rollback));
  out.Text("onNewCommit", WordUnless(kOnNewCommit, strategy.on_new_commit, defaults.on_new_commit));
  out.Text("offline", WordUnless(kOffline, strategy.offline, defaults.offline));
  return out.Time("deadline", strategy.deadline).Done();
}

Result<StrategySpec> StrategyFromValue(const Value& value) {
  config::Document document;
  document.value = value;
  Complaint complaint(document);
  StrategySpec out = ReadStrategy(Fields(complaint, value, ""));
  if (complaint.error()) return Fail(*complaint.error());
  return out;
}

}  // namespace swell
