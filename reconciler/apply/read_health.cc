// The health of what is desired, read once.

#include <map>

#include "reconciler/apply/context.h"
#include "reconciler/health/health.h"
#include "reconciler/live/reader.h"
#include "reconciler/plan/stages.h"

namespace swell::apply {
namespace {

using Done = std::move_only_function<void(Result<HealthReport>)>;

// Pods are listed for so many workloads of one report: enough to say why, not a second rollout.
constexpr std::size_t kMaxExplained = 8;

class HealthReader : public std::enable_shared_from_this<HealthReader> {
 public:
  HealthReader(HealthRequest request, Done done)
      : request_(std::move(request)), done_(std::move(done)) {
    for (const ObjectResult& result : request_.applied) {
      if (result.generation > 0) generations_[result.id] = result.generation;
    }
  }

  void Start() {
    std::vector<live::Wanted> wanted;
    for (const Object& object : *request_.desired) {
      // Hooks end and are deleted: their outcome is the apply's.
      if (plan::PlaceObject(object).hook) continue;
      wanted.push_back({object.id(), object.gvk().version});
      order_.push_back(object.id());
    }
    live::Read(request_.connection, std::move(wanted),
               [self = shared_from_this()](Result<live::Objects> objects) {
                 if (!objects)
                   return self->done_(Fail(std::move(objects).error().Wrap("read health")));
                 self->objects_ = std::move(*objects);
                 self->JudgeWhereItMayTakeLong();
               },
               {.managed_fields = live::ManagedFields::kStrip});
  }

 private:
  // Users' scripts run on a worker, everything else on the loop.
  void JudgeWhereItMayTakeLong() {
    const UserChecks& checks = request_.checks;
    if (checks.checks.empty() || checks.workers == nullptr) {
      Judge();
      return Explain();
    }
    net::Loop& loop = request_.connection->client->loop();
    const Status posted = checks.workers->Post([self = shared_from_this(), &loop] {
      self->Judge();
      loop.Post([self] { self->Explain(); });
    });
    if (!posted) done_(Fail(Error(posted.error()).Wrap("run the health checks")));
  }

  void Judge() {
    health::CheckBudget budget;
    health::AssessOptions options;
    if (!request_.checks.checks.empty()) {
      options.checks = &request_.checks.checks;
      options.budget = &budget;
      options.now = request_.checks.clock->Now();
    }
    report_.objects.reserve(order_.size());
    for (const ObjectId& id : order_) {
      const auto generation = generations_.find(id);
      options.applied_generation = generation == generations_.end() ? 0 : generation->second;
      report_.objects.emplace_back(id, health::Assess(objects_[id].value_or(Value()), options));
    }
  }

  void Explain() {
    std::vector<live::TaskPool::Task> explanations;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Value live = objects_[order_[i]].value_or(Value());
      const HealthStatus status = report_.objects.back().second.status;
      const bool bad = status == HealthStatus::kProgressing || status == HealthStatus::kDegraded;
      // Until the controller has seen the new generation, the pods are those of the old one.
      const bool seen = live["status"]["observedGeneration"].as_int() >=
                            live["metadata"]["generation"].as_int() ||
                        !live["status"].Has("observedGeneration");
      if (bad && seen && health::HasPods(live) && explanations.size() < kMaxExplained) {
        explanations.push_back([self = shared_from_this(), i, live](auto finished) {
          self->ExplainOne(i, live, std::move(finished));
        });
      }
    }
    live::TaskPool::Run(std::move(explanations), 4, [self = shared_from_this()] { self->End(); });
  }

  void ExplainOne(std::size_t i, const Value& live, live::TaskPool::Finished finished) {
    ExplainWorkload(request_.connection, live,
                    [self = shared_from_this(), i,
                     finished = std::move(finished)](const std::string& why) mutable {
                      std::string& message = self->report_.objects[i].second.message;
                      if (!why.empty()) message += (message.empty() ? "" : "; ") + why;
                      finished();
                    });
  }

  void End() {
    for (const auto& [id, health] : report_.objects) {
      if (health.status <= report_.health.status) continue;
      report_.health.status = health.status;
      report_.health.message =
          id.ToString() + (health.message.empty() ? "" : ": " + health.message);
    }
    done_(std::move(report_));
  }

  HealthRequest request_;
  Done done_;
  std::map<ObjectId, std::int64_t> generations_;
  std::vector<ObjectId> order_;
  live::Objects objects_;
  HealthReport report_;
};

}  // namespace

void ReadHealth(HealthRequest request, Done done) {
  std::make_shared<HealthReader>(std::move(request), std::move(done))->Start();
}

}  // namespace swell::apply
