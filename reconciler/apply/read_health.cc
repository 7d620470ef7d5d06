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
                 self->Judge(std::move(*objects));
               },
               {.managed_fields = live::ManagedFields::kStrip});
  }

 private:
  void Judge(live::Objects objects) {
    std::vector<live::TaskPool::Task> explanations;
    report_.objects.reserve(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const ObjectId& id = order_[i];
      const Value live = objects[id].value_or(Value());
      const auto generation = generations_.find(id);
      const std::int64_t applied = generation == generations_.end() ? 0 : generation->second;
      report_.objects.emplace_back(id, health::Assess(live, {.applied_generation = applied}));
      const HealthStatus status = report_.objects.back().second.status;
      const bool bad = status == HealthStatus::kProgressing || status == HealthStatus::kDegraded;
      // Until the controller has seen the new generation, the pods are those of the old one.
      const bool seen = live["status"]["observedGeneration"].as_int() >=
                            live["metadata"]["generation"].as_int() ||
                        !live["status"].Has("observedGeneration");
      if (bad && seen && health::HasPods(live) && explanations.size() < kMaxExplained) {
        explanations.push_back([self = shared_from_this(), i, live](auto finished) {
          self->Explain(i, live, std::move(finished));
        });
      }
    }
    live::TaskPool::Run(std::move(explanations), 4, [self = shared_from_this()] { self->End(); });
  }

  void Explain(std::size_t i, const Value& live, live::TaskPool::Finished finished) {
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
  HealthReport report_;
};

}  // namespace

void ReadHealth(HealthRequest request, Done done) {
  std::make_shared<HealthReader>(std::move(request), std::move(done))->Start();
}

}  // namespace swell::apply
