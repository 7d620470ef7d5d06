// The health of what is desired, read once.

#include <algorithm>
#include <map>

#include "reconciler/apply/context.h"
#include "reconciler/health/health.h"
#include "reconciler/live/reader.h"
#include "reconciler/plan/stages.h"

namespace swell::apply {
namespace {

using Done = std::move_only_function<void(Result<HealthReport>)>;

// So many objects of one report are asked about: enough to say why, not a second rollout.
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

  // Whether asking the object's pods and events may tell more.
  bool IsWorthAsking(std::size_t i) const {
    const HealthStatus status = report_.objects[i].second.status;
    if (status != HealthStatus::kProgressing && status != HealthStatus::kDegraded) return false;
    const Value& live = objects_.at(order_[i]).value();
    // Until the controller has seen the new generation, the pods are those of the old one.
    const Value& observed = live["status"]["observedGeneration"];
    return observed.is_null() || observed.as_int() >= live["metadata"]["generation"].as_int();
  }

  void Explain() {
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (objects_[order_[i]] && IsWorthAsking(i)) asked.push_back(i);
    }
    // The worst are what the report is about.
    std::ranges::stable_sort(asked, [&](std::size_t a, std::size_t b) {
      return report_.objects[a].second.status > report_.objects[b].second.status;
    });
    if (asked.size() > kMaxExplained) asked.resize(kMaxExplained);
    std::vector<live::TaskPool::Task> tasks;
    for (const std::size_t i : asked) {
      tasks.push_back([self = shared_from_this(), i](live::TaskPool::Finished finished) {
        self->ExplainOne(i, std::move(finished));
      });
    }
    live::TaskPool::Run(std::move(tasks), 4, [self = shared_from_this()] { self->End(); });
  }

  void ExplainOne(std::size_t i, live::TaskPool::Finished finished) {
    Explanations* known = request_.explanations.get();
    const std::string& message = report_.objects[i].second.message;
    const std::string* text =
        known ? known->Find(order_[i], message, std::chrono::steady_clock::now()) : nullptr;
    if (text != nullptr) {
      AddExplanation(i, *text);
      return finished();
    }
    ExplainObject(request_.connection, *objects_[order_[i]],
                  [self = shared_from_this(), i,
                   finished = std::move(finished)](const std::string& why) mutable {
                    if (Explanations* known = self->request_.explanations.get()) {
                      known->Keep(self->order_[i], self->report_.objects[i].second.message, why,
                                  std::chrono::steady_clock::now());
                    }
                    self->AddExplanation(i, why);
                    finished();
                  });
  }

  void AddExplanation(std::size_t i, const std::string& why) {
    std::string& message = report_.objects[i].second.message;
    // A Pod's own message is often what its containers say.
    if (why.empty() || message.find(why) != std::string::npos) return;
    message += (message.empty() ? "" : "; ") + why;
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
