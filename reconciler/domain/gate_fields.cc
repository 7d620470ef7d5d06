#include "reconciler/domain/gate_fields.h"

#include <charconv>
#include <cmath>

#include "reconciler/domain/words.h"
#include "reconciler/domain/writer.h"

namespace swell {
namespace {

constexpr Words<6> kComparisons = {"<", "<=", ">", ">=", "==", "!="};
constexpr Words<2> kMissing = {"hold", "fail"};

std::string Show(const Threshold& threshold) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, threshold.value).ptr;
  return Word(kComparisons, threshold.comparison) + " " + std::string(digits, end);
}

// "< 0.01"
Threshold ReadThreshold(Fields& fields, std::string_view key) {
  const std::string text = fields.String(key, Presence::kRequired);
  Threshold out;
  if (text.empty()) return out;
  const std::size_t at = std::min(text.find_first_not_of("<>=!"), text.size());
  const auto comparison = Known<Comparison>(kComparisons, text.substr(0, at));
  const std::size_t number = text.find_first_not_of(' ', at);
  const char* const end = text.data() + text.size();
  const char* const begin = number == std::string::npos ? end : text.data() + number;
  const auto read = std::from_chars(begin, end, out.value);
  if (!comparison || read.ec != std::errc() || read.ptr != end || !std::isfinite(out.value)) {
    fields.Complain(key, Quote(text) + " is not a comparison such as \"< 0.01\" (" +
                             Join({kComparisons.begin(), kComparisons.end()}, ", ") + ")");
    return out;
  }
  out.comparison = *comparison;
  return out;
}

void RequireHttp(Fields& fields, std::string_view key, const std::string& url) {
  if (url.empty() || url.starts_with("http://") || url.starts_with("https://")) return;
  fields.Complain(key, Quote(url) + " is not an http:// or https:// URL");
}

PrometheusGate ReadPrometheus(Fields fields) {
  PrometheusGate out;
  out.address = fields.String("address", Presence::kRequired);
  RequireHttp(fields, "address", out.address);
  out.query = fields.String("query", Presence::kRequired);
  out.range = fields.Time("range", Duration{0});
  out.step = fields.Time("step", Duration{0});
  out.threshold = ReadThreshold(fields, "threshold");
  out.baseline = fields.Time("baseline", Duration{0});
  out.missing = ReadWord(fields, "missing", kMissing, out.missing);
  out.cluster_label = fields.String("clusterLabel");
  out.bearer_token_file = fields.String("bearerTokenFile");
  out.ca_file = fields.String("caFile");
  if (out.step.count() != 0 && out.range.count() == 0) fields.Complain("step", "needs range");
  fields.Finish();
  return out;
}

HttpGate ReadHttp(Fields fields) {
  HttpGate out;
  out.url = fields.String("url", Presence::kRequired);
  RequireHttp(fields, "url", out.url);
  const std::string method = fields.String("method");
  if (!method.empty()) out.method = method;
  if (out.method != "GET" && out.method != "POST") {
    fields.Complain("method", Quote(method) + " is not one of GET, POST");
  }
  out.headers = fields.StringMap("headers");
  out.body = fields.String("body");
  out.json_pointer = fields.String("jsonPointer");
  if (fields.Has("threshold")) out.threshold = ReadThreshold(fields, "threshold");
  out.equals = fields.String("equals");
  out.bearer_token_file = fields.String("bearerTokenFile");
  out.ca_file = fields.String("caFile");
  const int judged = (out.threshold ? 1 : 0) + (out.equals.empty() ? 0 : 1);
  if (out.json_pointer.empty() ? judged != 0 : judged != 1) {
    fields.Complain("jsonPointer", "goes with one of threshold and equals");
  }
  fields.Finish();
  return out;
}

JobGate ReadJob(Fields& item) {
  JobGate out{item.Object("job")};
  const bool is_job = out.job["spec"]["template"]["spec"]["containers"].size() > 0;
  if (!is_job) item.Complain("job", "needs spec.template.spec.containers, as a batch/v1 Job has");
  return out;
}

Value PrometheusValue(const PrometheusGate& gate) {
  return Writer()
      .Text("address", gate.address)
      .Text("query", gate.query)
      .Time("range", gate.range)
      .Time("step", gate.step)
      .Text("threshold", Show(gate.threshold))
      .Time("baseline", gate.baseline)
      .Text("missing", WordUnless(kMissing, gate.missing, MissingData::kHold))
      .Text("clusterLabel", gate.cluster_label)
      .Text("bearerTokenFile", gate.bearer_token_file)
      .Text("caFile", gate.ca_file)
      .Done();
}

Value HttpValue(const HttpGate& gate) {
  return Writer()
      .Text("url", gate.url)
      .Text("method", gate.method == "GET" ? "" : gate.method)
      .Map("headers", gate.headers)
      .Text("body", gate.body)
      .Text("jsonPointer", gate.json_pointer)
      .Text("threshold", gate.threshold ? Show(*gate.threshold) : "")
      .Text("equals", gate.equals)
      .Text("bearerTokenFile", gate.bearer_token_file)
      .Text("caFile", gate.ca_file)
      .Done();
}

}  // namespace

void ReadGate(Fields& item, std::vector<GateSpec>& gates) {
  GateSpec gate;
  gate.name = item.String("name", Presence::kRequired);
  for (const GateSpec& other : gates) {
    if (other.name == gate.name) item.Complain("name", Quote(gate.name) + " is given twice");
  }
  gate.interval = item.Time("interval", gate.interval);
  if (gate.interval < std::chrono::seconds(1)) item.Complain("interval", "must be at least 1s");
  gate.successes = item.Int("successes", 1, 1000).value_or(1);
  gate.failures = item.Int("failures", 1, 1000).value_or(1);
  gate.deadline = item.Time("deadline", Duration{0});
  const int kinds = static_cast<int>(item.Has("prometheus")) + static_cast<int>(item.Has("http")) +
                    static_cast<int>(item.Has("job"));
  if (kinds != 1) {
    item.Complain("", "give one of prometheus, http and job");
    for (const char* key : {"prometheus", "http", "job"}) item.Ignore(key);
    return;
  }
  if (item.Has("prometheus")) {
    gate.check = ReadPrometheus(item.Nested("prometheus"));
  } else if (item.Has("http")) {
    gate.check = ReadHttp(item.Nested("http"));
  } else {
    gate.check = ReadJob(item);
  }
  gates.push_back(std::move(gate));
}

Value ToValue(const GateSpec& gate) {
  const GateSpec defaults;
  Writer out;
  out.Text("name", gate.name);
  if (gate.interval != defaults.interval) out.Time("interval", gate.interval);
  if (gate.successes != 1) out.Number("successes", gate.successes);
  if (gate.failures != 1) out.Number("failures", gate.failures);
  out.Time("deadline", gate.deadline);
  if (const auto* prometheus = std::get_if<PrometheusGate>(&gate.check)) {
    out.Put("prometheus", PrometheusValue(*prometheus));
  } else if (const auto* http = std::get_if<HttpGate>(&gate.check)) {
    out.Put("http", HttpValue(*http));
  } else {
    out.Put("job", std::get<JobGate>(gate.check).job);
  }
  return out.Done();
}

}  // namespace swell
