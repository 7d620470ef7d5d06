// A gate's Jobs on all clusters of its wave.

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "base/core/strings.h"
#include "reconciler/gates/job.h"

namespace swell::gates {
namespace {

constexpr std::size_t kMaxTold = 5;  // clusters in a message

// Collects one result of every cluster; clusters answer on loops of their own.
template <class T>
class Gathering {
 public:
  using Done = std::move_only_function<void(std::vector<T>)>;

  Gathering(std::size_t count, Done done) : results_(count), left_(count), done_(std::move(done)) {}

  void Put(std::size_t index, T result) {
    {
      const std::lock_guard lock(mutex_);
      results_[index] = std::move(result);
      if (--left_ > 0) return;
    }
    done_(std::move(results_));
  }

 private:
  std::mutex mutex_;
  std::vector<T> results_;
  std::size_t left_;
  Done done_;
};

// "cluster c1: …; cluster c2: …", of those with the verdict.
std::string Tell(const std::vector<JobCluster>& clusters, const std::vector<Answer>& answers,
                 Verdict verdict) {
  std::vector<std::string> parts;
  std::size_t count = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].verdict != verdict) continue;
    if (++count > kMaxTold) continue;
    parts.push_back("cluster " + clusters[i].name + ": " + answers[i].message);
  }
  std::string out = Join(parts, "; ");
  if (count > kMaxTold) out += "; and " + std::to_string(count - kMaxTold) + " clusters more";
  return out;
}

Answer Merge(const std::vector<JobCluster>& clusters, const std::vector<Answer>& answers) {
  const auto any = [&](Verdict verdict) {
    return std::ranges::any_of(answers, [&](const Answer& a) { return a.verdict == verdict; });
  };
  if (any(Verdict::kFail)) return {Verdict::kFail, Tell(clusters, answers, Verdict::kFail)};
  if (any(Verdict::kHold)) return {Verdict::kHold, Tell(clusters, answers, Verdict::kHold)};
  return {Verdict::kPass, Tell(clusters, answers, Verdict::kPass)};
}

}  // namespace

void DeleteJobs(std::vector<JobCluster> clusters, JobRequest request,
                std::move_only_function<void(Status)> done) {
  if (clusters.empty()) return done({});
  auto shared = std::make_shared<const std::vector<JobCluster>>(std::move(clusters));
  auto gathering = std::make_shared<Gathering<Status>>(
      shared->size(), [shared, done = std::move(done)](std::vector<Status> results) mutable {
        for (std::size_t i = 0; i < results.size(); ++i) {
          if (results[i]) continue;
          return done(Fail(std::move(results[i]).error().Wrap("cluster " + (*shared)[i].name)));
        }
        done({});
      });
  for (std::size_t i = 0; i < shared->size(); ++i) {
    const JobCluster& cluster = (*shared)[i];
    if (!cluster.connection) {
      gathering->Put(i, Fail(cluster.connection.error()));
      continue;
    }
    DeleteJob(*cluster.connection, request,
              [gathering, i](Status deleted) { gathering->Put(i, std::move(deleted)); });
  }
}

void EvaluateJobs(std::vector<JobCluster> clusters, JobRequest request,
                  std::move_only_function<void(Answer)> done) {
  if (clusters.empty()) {
    return done({Verdict::kHold, request.gate + ": the wave has no clusters to run a job on"});
  }
  auto shared = std::make_shared<const std::vector<JobCluster>>(std::move(clusters));
  auto gathering = std::make_shared<Gathering<Answer>>(
      shared->size(),
      [shared, request, done = std::move(done)](std::vector<Answer> answers) mutable {
        Answer answer = Merge(*shared, answers);
        answer.message = request.gate + ": " + answer.message;
        if (answer.verdict == Verdict::kHold) return done(std::move(answer));
        DeleteJobs(*shared, std::move(request),
                   [answer = std::move(answer), done = std::move(done)](Status deleted) mutable {
                     if (!deleted) {
                       answer.message +=
                           "; its jobs are not all deleted: " + deleted.error().ToString();
                     }
                     done(std::move(answer));
                   });
      });
  for (std::size_t i = 0; i < shared->size(); ++i) {
    const JobCluster& cluster = (*shared)[i];
    if (!cluster.connection) {
      gathering->Put(i, {Verdict::kHold, cluster.connection.error().ToString()});
      continue;
    }
    EvaluateJob(*cluster.connection, request,
                [gathering, i](Answer answer) { gathering->Put(i, std::move(answer)); });
  }
}

}  // namespace swell::gates
