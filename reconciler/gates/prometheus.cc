#include "reconciler/gates/prometheus.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/core/strings.h"
#include "base/net/url.h"
#include "base/value/json.h"
#include "reconciler/gates/prometheus_answer.h"
#include "reconciler/gates/promql.h"
#include "reconciler/gates/threshold.h"

namespace swell::gates {
namespace {

constexpr std::size_t kMaxNamed = 5;  // of what lacks, in a message

// A value that is held against the threshold.
struct Point {
  std::size_t series = 0;
  std::int64_t time_ms = 0;
  double value = 0;   // of the query; with a baseline divided by `before`
  double now = 0;     // of the query
  double before = 0;  // of the baseline
};

std::string Seconds(Timestamp t) {
  const std::int64_t ms = t.time_since_epoch().count();
  std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
  return std::to_string(ms / 1000) + "." + fraction;
}

std::string Some(const std::vector<std::string>& texts) {
  if (texts.size() <= kMaxNamed) return Join(texts, ", ");
  const std::vector<std::string> first(texts.begin(), texts.begin() + kMaxNamed);
  return Join(first, ", ") + " and " + std::to_string(texts.size() - kMaxNamed) + " more";
}

class Evaluation {
 public:
  Evaluation(const PrometheusGate& gate, const Asking& asking) : gate_(gate), asking_(asking) {}

  Result<Answer> Run() {
    query_ = TRY(RestrictedQuery());
    answer_ = TRY(Ask(asking_.context.now));
    FindClustersWithoutData();
    if (gate_.baseline.count() > 0) {
      baseline_ = TRY_WRAP(Ask(asking_.context.now - gate_.baseline),
                           "the baseline of " + FormatDuration(gate_.baseline) + " before");
      IndexBaseline();
    }
    for (std::size_t i = 0; i < answer_.series.size(); ++i) Collect(i);
    Answer out = Judge();
    std::vector<std::string> warnings = answer_.warnings;
    std::ranges::copy(baseline_.warnings, std::back_inserter(warnings));
    if (!warnings.empty()) out.message += "; Prometheus warns: " + Join(warnings, "; ");
    return out;
  }

 private:
  bool InRange() const { return gate_.range.count() > 0; }

  Result<std::string> RestrictedQuery() const {
    if (gate_.cluster_label.empty()) return gate_.query;
    const std::vector<std::string>& clusters = asking_.context.clusters;
    if (clusters.empty()) {
      return Fail(FailedPrecondition("the wave has no clusters to restrict the query to"));
    }
    return TRY_WRAP(RestrictQuery(gate_.query, gate_.cluster_label, clusters),
                    "put clusterLabel " + gate_.cluster_label + " into the query");
  }

  Duration Step() const {
    if (gate_.step.count() > 0) return gate_.step;
    return std::max<Duration>(gate_.range / 60, std::chrono::seconds(1));
  }

  Result<std::string> Endpoint() const {
    net::Url url = TRY(net::Url::Parse(gate_.address));
    if (!url.query.empty() || !url.fragment.empty()) {
      return Fail(InvalidArgument("address " + Quote(fetch::ShowUrl(gate_.address)) +
                                  " has a query or a fragment: give host, port and prefix"));
    }
    while (url.path.ends_with('/')) url.path.pop_back();
    url.path += InRange() ? "/api/v1/query_range" : "/api/v1/query";
    return url.ToString();
  }

  // What the query gives at the time; of a range, what it gives until then.
  Result<QueryAnswer> Ask(Timestamp time) const {
    fetch::HttpRequest request =
        TRY(MakeRequest(asking_, TRY(Endpoint()), gate_.bearer_token_file, gate_.ca_file));
    net::Query form = {{"query", query_}};
    if (InRange()) {
      form.emplace_back("start", Seconds(time - gate_.range));
      form.emplace_back("end", Seconds(time));
      form.emplace_back("step", std::to_string(Step().count()) + "ms");
    } else {
      form.emplace_back("time", Seconds(time));
    }
    form.emplace_back("timeout", std::to_string(asking_.deadline.Remaining().count()) + "ms");
    // Thanos would else leave out the stores that do not answer, and call it a success.
    form.emplace_back("partial_response", "false");
    request.method = "POST";  // the names of many clusters are too long for a URL
    request.body = net::EncodeQuery(form);
    request.headers.Add("Content-Type", "application/x-www-form-urlencoded");
    request.headers.Add("Accept", "application/json");
    const std::string url = request.url;
    const fetch::HttpResponse response =
        TRY(asking_.http.Ask(std::move(request), asking_.deadline));
    if (response.status < 200 || response.status > 299) {
      const std::string error = ReadQueryError(response.body);
      return Fail(
          Unavailable(url + " " + ShowStatus(response) + (error.empty() ? "" : ": " + error)));
    }
    return TRY_WRAP(ReadQueryAnswer(response.body, InRange() ? Asked::kRange : Asked::kInstant),
                    url);
  }

  // Of a query that tells clusters apart, none of them may be missing.
  void FindClustersWithoutData() {
    std::set<std::string, std::less<>> seen;
    for (const Series& series : answer_.series) {
      const Value& cluster = series.labels[gate_.cluster_label];
      if (cluster.is_string()) seen.emplace(cluster.as_string());
    }
    if (seen.empty()) return;
    std::vector<std::string> missing;
    for (const std::string& cluster : asking_.context.clusters) {
      if (!seen.contains(cluster)) missing.push_back(cluster);
    }
    if (missing.empty()) return;
    missing_.push_back(std::string("no series of cluster") + (missing.size() == 1 ? " " : "s ") +
                       Some(missing));
  }

  void IndexBaseline() {
    for (const Series& series : baseline_.series) {
      auto& samples = before_[json::Write(series.labels)];
      for (const Sample& sample : series.samples) {
        samples[sample.time_ms + gate_.baseline.count()] = sample.value;
      }
    }
  }

  void Collect(std::size_t index) {
    const Series& series = answer_.series[index];
    const auto* before = static_cast<const std::map<std::int64_t, double>*>(nullptr);
    if (gate_.baseline.count() > 0) {
      const auto found = before_.find(json::Write(series.labels));
      if (found != before_.end()) before = &found->second;
    }
    if (series.samples.empty()) missing_.push_back("no value" + Of(series));
    for (const Sample& sample : series.samples) {
      Point point{index, sample.time_ms, sample.value, sample.value, 1};
      if (!std::isfinite(sample.value)) {
        missing_.push_back(ShowNumber(sample.value) + Of(series));
        continue;
      }
      if (gate_.baseline.count() > 0) {
        const auto value = Baseline(before, sample.time_ms);
        if (!value) {
          no_baseline_.push_back(value.error().message() + Of(series));
          continue;
        }
        point.before = *value;
        point.value = point.now / point.before;
      }
      points_.push_back(point);
    }
  }

  static Result<double> Baseline(const std::map<std::int64_t, double>* samples,
                                 std::int64_t time_ms) {
    const auto found =
        samples ? samples->find(time_ms) : std::map<std::int64_t, double>::const_iterator();
    if (!samples || found == samples->end()) return Fail(NotFound("no value"));
    if (found->second == 0 || !std::isfinite(found->second)) {
      return Fail(NotFound(ShowNumber(found->second)));
    }
    return found->second;
  }

  static std::string Of(const Series& series) {
    const std::string labels = series.Show();
    return labels.empty() ? "" : " of " + labels;
  }

  Answer Judge() const {
    const Point* worst = nullptr;
    for (const Point& point : points_) {
      if (worst == nullptr ||
          Badness(gate_.threshold, point.value) > Badness(gate_.threshold, worst->value)) {
        worst = &point;
      }
    }
    if (worst != nullptr && !Holds(gate_.threshold, worst->value)) {
      return {Verdict::kFail, Describe(*worst)};
    }
    if (!no_baseline_.empty()) {
      return Hold("nothing to compare with " + FormatDuration(gate_.baseline) +
                  " before: " + Some(no_baseline_));
    }
    if (!missing_.empty() || worst == nullptr) {
      const std::string why = missing_.empty() ? "the query gives no series" : Some(missing_);
      return {gate_.missing == MissingData::kFail ? Verdict::kFail : Verdict::kHold,
              "no data from " + fetch::ShowUrl(gate_.address) + ": " + why};
    }
    return {Verdict::kPass, Describe(*worst)};
  }

  // "0.02 is not < 0.01 (worst of 3 series: {cluster="c1"})"
  std::string Describe(const Point& worst) const {
    std::string out = Show(gate_.threshold, worst.value);
    if (gate_.baseline.count() > 0) {
      out += ": " + ShowNumber(worst.now) + " against " + ShowNumber(worst.before) + " " +
             FormatDuration(gate_.baseline) + " before";
    }
    const std::string labels = answer_.series[worst.series].Show();
    const std::string series = answer_.series.size() == 1
                                   ? ""
                                   : " of " + std::to_string(answer_.series.size()) + " series";
    std::string where = series.empty() ? "" : "worst" + series;
    if (InRange()) {
      where = "worst of " + std::to_string(points_.size()) + " values" + series + " in " +
              FormatDuration(gate_.range) + ", at " +
              FormatTimestamp(Timestamp{Duration(worst.time_ms)});
    }
    if (where.empty() && labels.empty()) return out;
    return out + " (" + where + (where.empty() || labels.empty() ? "" : ": ") + labels + ")";
  }

  const PrometheusGate& gate_;
  const Asking& asking_;
  std::string query_;
  QueryAnswer answer_;
  QueryAnswer baseline_;
  // By labels, then by the time that a value is compared with.
  std::map<std::string, std::map<std::int64_t, double>> before_;
  std::vector<Point> points_;
  std::vector<std::string> missing_;
  std::vector<std::string> no_baseline_;
};

}  // namespace

Answer EvaluatePrometheus(const PrometheusGate& gate, const Asking& asking) {
  auto answer = Evaluation(gate, asking).Run();
  return answer ? *std::move(answer) : Hold(answer.error().ToString());
}

}  // namespace swell::gates
