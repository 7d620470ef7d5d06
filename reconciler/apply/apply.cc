#include "reconciler/apply/apply.h"

#include <algorithm>

#include "base/telemetry/log.h"
#include "reconciler/apply/context.h"
#include "reconciler/apply/preflight.h"
#include "reconciler/apply/steps.h"

namespace swell::apply {
namespace {

using Done = std::move_only_function<void(ClusterResult)>;

// Operations of a step that are under way at a time; the client has its own, smaller limit.
constexpr std::size_t kMaxParallel = 64;
// Failures that are told in full.
constexpr std::size_t kMaxTold = 10;

// Runs the stages in order. All on the loop.
class Executor : public std::enable_shared_from_this<Executor> {
 public:
  Executor(ContextPtr context, Done done)
      : context_(std::move(context)),
        done_(std::move(done)),
        stages_(SplitIntoSteps(context_->operations())) {}

  void Start() { RunStage(0); }

 private:
  void RunStage(std::size_t stage) {
    if (stage == stages_.size()) return Finish();
    if (context_->request().preflight == Preflight::kOff) return RunStep(stage, 0);
    RunPreflight(context_, stages_, stage, [self = shared_from_this(), stage](auto refusals) {
      if (refusals.empty()) return self->RunStep(stage, 0);
      self->Refuse(stage, std::move(refusals));
    });
  }

  void Refuse(std::size_t stage, std::vector<IndexedResult> refusals) {
    refused_ = DescribeStage(stages_[stage].stage) +
               ": the cluster refuses what follows, so that nothing of it was written";
    for (IndexedResult& refusal : refusals) {
      KeepError(*refusal.second.error);
      results_.push_back(std::move(refusal));
    }
    Finish();
  }

  void RunStep(std::size_t stage, std::size_t step) {
    if (step == stages_[stage].steps.size()) return EndStage(stage);
    const Step& current = stages_[stage].steps[step];
    std::vector<live::TaskPool::Task> tasks;
    for (std::size_t index : current.operations) {
      tasks.push_back([self = shared_from_this(), index](live::TaskPool::Finished finished) {
        self->RunOperation(index, std::move(finished));
      });
    }
    live::TaskPool::Run(std::move(tasks), kMaxParallel,
                        [self = shared_from_this(), stage, step] { self->EndStep(stage, step); });
  }

  void RunOperation(std::size_t index, live::TaskPool::Finished finished) {
    const Operation& operation = context_->operations()[index];
    ResultDone done = [self = shared_from_this(), index,
                       finished = std::move(finished)](ObjectResult result) mutable {
      if (result.error) self->KeepError(*result.error);
      self->results_.emplace_back(index, std::move(result));
      finished();
    };
    if (operation.type == OperationType::kDelete) {
      DeleteObject(context_, operation, std::move(done));
    } else if (operation.hook) {
      RunHook(context_, operation, std::move(done));
    } else {
      ApplyObject(context_, operation, std::move(done));
    }
  }

  void EndStep(std::size_t stage, std::size_t step) {
    if (!errors_.empty()) return Finish();
    if (stages_[stage].steps[step].kind != Step::Kind::kDefinitions) {
      return RunStep(stage, step + 1);
    }
    std::vector<live::TaskPool::Task> waits;
    for (std::size_t index : stages_[stage].steps[step].operations) {
      waits.push_back([self = shared_from_this(), index](live::TaskPool::Finished finished) {
        const ObjectId& id = self->context_->operations()[index].id;
        AwaitDefinition(self->context_, id,
                        [self, finished = std::move(finished)](Status status) mutable {
                          if (!status) self->KeepError(std::move(status).error());
                          finished();
                        });
      });
    }
    live::TaskPool::Run(std::move(waits), kMaxParallel, [self = shared_from_this(), stage, step] {
      self->RefreshDiscovery(stage, step);
    });
  }

  void RefreshDiscovery(std::size_t stage, std::size_t step) {
    if (!errors_.empty()) return Finish();
    context_->discovery().Refresh(context_->OnLoop<kube::ApiResourcesPtr>(
        [self = shared_from_this(), stage, step](auto resources) {
          if (resources) return self->RunStep(stage, step + 1);
          self->KeepError(
              Error(std::move(resources).error()).Wrap("read the kinds that the new CRDs bring"));
          self->Finish();
        }));
  }

  // Whether a later stage has something to apply. Deletions do not wait for health: the old
  // may hold what the new needs.
  bool IsAwaited(std::size_t stage) const {
    return std::any_of(stages_.begin() + static_cast<std::ptrdiff_t>(stage) + 1, stages_.end(),
                       [](const StageSteps& later) {
                         return later.stage.phase != Phase::kPrune && !later.steps.empty();
                       });
  }

  void EndStage(std::size_t stage) {
    if (stages_[stage].objects.empty() || !IsAwaited(stage)) return RunStage(stage + 1);
    auto objects = std::make_shared<std::vector<Object>>();
    for (std::size_t index : stages_[stage].objects) {
      const Object* object = context_->Find(context_->operations()[index].id);
      if (object != nullptr) objects->push_back(*object);
    }
    AwaitHealth(stage, std::move(objects), kFirstPoll);
  }

  void AwaitHealth(std::size_t stage, std::shared_ptr<const std::vector<Object>> objects,
                   Duration pause) {
    HealthRequest request;
    request.connection = context_->connection();
    request.desired = objects;
    request.checks = context_->request().checks;
    for (const auto& [index, result] : results_) request.applied.push_back(result);
    ReadHealth(std::move(request), [self = shared_from_this(), stage, objects,
                                    pause](Result<HealthReport> report) {
      const bool well = report && report->health.status <= HealthStatus::kSuspended;
      if (well) return self->RunStage(stage + 1);
      if (const Status may = self->context_->MayWrite(); !may) {
        const std::string why = report ? report->health.message : report.error().ToString();
        self->KeepError(
            Error(may.error())
                .Wrap(DescribeStage(self->stages_[stage].stage) + " is not healthy (" + why + ")"));
        return self->Finish();
      }
      self->context_->After(pause, [self, stage, objects, pause] {
        self->AwaitHealth(stage, objects, NextPoll(pause));
      });
    });
  }

  void KeepError(Error error) { errors_.push_back(std::move(error)); }

  // All that failed, in one line.
  std::optional<Error> Failure() {
    if (errors_.empty()) return {};
    if (errors_.size() == 1 && refused_.empty()) return std::move(errors_.front());
    std::string text;
    for (std::size_t i = 0; i < std::min(errors_.size(), kMaxTold); ++i) {
      text += (text.empty() ? "" : "; ") + errors_[i].ToString();
    }
    if (errors_.size() > kMaxTold) {
      text += "; and " + std::to_string(errors_.size() - kMaxTold) + " more";
    }
    Error failure(errors_.front().code(), std::move(text));
    return std::move(failure).Wrap(
        refused_.empty() ? std::to_string(errors_.size()) + " objects failed" : refused_);
  }

  void Finish() {
    ClusterResult result;
    std::ranges::sort(results_, {}, &IndexedResult::first);
    for (auto& [index, object] : results_) result.objects.push_back(std::move(object));
    result.error = Failure();
    if (result.error) {
      telemetry::LogWarning("apply failed", {{"cluster", context_->client().cluster()},
                                             {"application", context_->request().application},
                                             {"error", *result.error}});
    }
    done_(std::move(result));
  }

  ContextPtr context_;
  Done done_;
  std::vector<StageSteps> stages_;
  std::vector<IndexedResult> results_;
  std::vector<Error> errors_;
  std::string refused_;  // what a preflight ended
};

}  // namespace

void Apply(Request request, Done done) {
  net::Loop& loop = request.connection->client->loop();
  auto context = std::make_shared<Context>(std::move(request));
  auto executor = std::make_shared<Executor>(std::move(context), std::move(done));
  loop.Post([executor = std::move(executor)] { executor->Start(); });
}

}  // namespace swell::apply
