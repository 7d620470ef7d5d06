#include "reconciler/apply/apply.h"

#include <algorithm>
#include <utility>

#include "base/telemetry/log.h"
#include "reconciler/apply/context.h"
#include "reconciler/apply/preflight.h"
#include "reconciler/apply/steps.h"

namespace swell::apply {
namespace {

using Done = std::move_only_function<void(ClusterResult)>;

// Operations of a step that are under way at a time; the client has its own, smaller limit.
constexpr std::size_t kMaxParallel = 64;
// SyncFail hooks have no longer than this.
constexpr Duration kFailureDeadline = std::chrono::minutes(5);

// Runs the stages in order. All on the loop.
class Executor : public std::enable_shared_from_this<Executor> {
 public:
  Executor(ContextPtr context, Done done)
      : context_(std::move(context)),
        done_(std::move(done)),
        stages_(SplitIntoSteps(context_->operations())),
        failure_stages_(TakeFailureStages(stages_)) {}

  void Start() { RunStage(0); }

 private:
  void RunStage(std::size_t stage) {
    if (stage == stages_.size()) return Finish();
    if (context_->request().preflight == Preflight::kOff) return RunStep(stage, 0);
    RunPreflight(context_, stages_, stage, stage + 1,
                 [self = shared_from_this(), stage](PreflightAnswers answers) {
                   if (answers.refusals.empty()) return self->RunStep(stage, 0);
                   self->Refuse(stage, std::move(answers.refusals));
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
      tasks.push_back([self = shared_from_this(), index,
                       gone = GoneOf(stage, step)](live::TaskPool::Finished finished) {
        self->RunOperation(index, gone, std::move(finished));
      });
    }
    live::TaskPool::Run(std::move(tasks), kMaxParallel,
                        [self = shared_from_this(), stage, step] { self->EndStep(stage, step); });
  }

  // Whether a step's deletions are waited for: what comes after may depend on it. A controller
  // goes after the objects whose finalizers it takes away.
  Gone GoneOf(std::size_t stage, std::size_t step) const {
    if (context_->request().await_deletions == AwaitDeletions::kAlways) return Gone::kRequired;
    const bool last = step + 1 == stages_[stage].steps.size() &&
                      std::all_of(stages_.begin() + static_cast<std::ptrdiff_t>(stage) + 1,
                                  stages_.end(), [](const auto& s) { return s.steps.empty(); });
    return last ? Gone::kNotAwaited : Gone::kAwaited;
  }

  void RunOperation(std::size_t index, Gone gone, live::TaskPool::Finished finished) {
    const Operation& operation = context_->operations()[index];
    ResultDone done = [self = shared_from_this(), index,
                       finished = std::move(finished)](ObjectResult result) mutable {
      if (result.error) self->KeepError(*result.error);
      self->results_.emplace_back(index, std::move(result));
      finished();
    };
    if (operation.type == OperationType::kDelete) {
      DeleteObject(context_, operation, gone, std::move(done));
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
    if (stages_[stage].stage.phase == Phase::kPreDelete && context_->request().checkpoint) {
      const bool last =
          stage + 1 == stages_.size() || stages_[stage + 1].stage.phase != Phase::kPreDelete;
      if (last) return Record(stage);
    }
    if (stages_[stage].objects.empty() || !IsAwaited(stage)) return RunStage(stage + 1);
    auto objects = std::make_shared<std::vector<Object>>();
    for (std::size_t index : stages_[stage].objects) {
      const Object* object = context_->Find(context_->operations()[index].id);
      if (object != nullptr) objects->push_back(*object);
    }
    degraded_since_.reset();
    AwaitHealth(stage, std::move(objects), kFirstPoll);
  }

  void Record(std::size_t stage) {
    std::vector<ObjectResult> results;
    for (const auto& [index, result] : results_) results.push_back(result);
    context_->request().checkpoint(
        std::move(results), [self = shared_from_this(), stage](Status recorded) {
          self->context_->loop().Post([self, stage, recorded = std::move(recorded)]() mutable {
            if (recorded) return self->RunStage(stage + 1);
            self->KeepError(std::move(recorded).error().Wrap("record that the hooks have run"));
            self->Finish();
          });
        });
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
      Status may = self->context_->MayWrite();
      if (may) may = self->NotDegradedForLong(report);
      if (!may) {
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

  // Waiting on is of no use then; not at once, since some controllers are Degraded at first.
  Status NotDegradedForLong(const Result<HealthReport>& report) {
    const auto now = std::chrono::steady_clock::now();
    if (!report || report->health.status != HealthStatus::kDegraded) {
      degraded_since_.reset();
      return {};
    }
    if (!degraded_since_) degraded_since_ = now;
    const Duration grace = context_->request().degraded_grace;
    if (now - *degraded_since_ < grace) return {};
    return Fail(FailedPrecondition("degraded for " + FormatDuration(grace)));
  }

  void KeepError(Error error) { errors_.push_back(std::move(error)); }

  // All that failed, in one line.
  std::optional<Error> Failure() {
    if (errors_.empty()) return {};
    if (errors_.size() == 1 && refused_.empty()) return std::move(errors_.front());
    return JoinErrors(
        errors_, refused_.empty() ? std::to_string(errors_.size()) + " objects failed" : refused_);
  }

  void Finish() {
    if (!errors_.empty() && HandlesFailure()) return HandleFailure();
    if (failure_) {
      if (const auto error = Failure()) LogFailure("a SyncFail hook failed", *error);
    } else {
      failure_ = Failure();
    }
    ClusterResult result;
    std::ranges::sort(results_, {}, &IndexedResult::first);
    for (auto& [index, object] : results_) result.objects.push_back(std::move(object));
    result.error = std::move(failure_);
    if (result.error) LogFailure("apply failed", *result.error);
    done_(std::move(result));
  }

  void LogFailure(std::string_view what, const Error& error) const {
    telemetry::LogWarning(what, {{"cluster", context_->client().cluster()},
                                 {"application", context_->request().application},
                                 {"error", error}});
  }

  bool HandlesFailure() const {
    if (failure_ || failure_stages_.empty()) return false;
    const Request& request = context_->request();
    const auto& may =
        request.may_write_after_failure ? request.may_write_after_failure : request.may_write;
    const bool stopped =
        !request.may_write_after_failure && errors_.front().code() == ErrorCode::kCancelled;
    return !stopped && (!may || may());
  }

  // The SyncFail hooks run as a plan of their own, with a deadline of their own.
  void HandleFailure() {
    failure_ = Failure();
    errors_.clear();
    refused_.clear();
    Request request = context_->request();
    request.deadline = std::min(request.deadline / 3, kFailureDeadline);
    request.preflight = Preflight::kOff;
    if (request.may_write_after_failure) request.may_write = request.may_write_after_failure;
    context_ = std::make_shared<Context>(std::move(request));
    stages_ = std::exchange(failure_stages_, {});
    RunStage(0);
  }

  ContextPtr context_;
  Done done_;
  std::vector<StageSteps> stages_;
  std::vector<StageSteps> failure_stages_;  // in place of what is left, once
  std::vector<IndexedResult> results_;
  std::vector<Error> errors_;
  std::string refused_;           // what a preflight ended
  std::optional<Error> failure_;  // what the failure stages run for
  std::optional<std::chrono::steady_clock::time_point> degraded_since_;
};

}  // namespace

void Apply(Request request, Done done) {
  net::Loop& loop = request.connection->client->loop();
  auto context = std::make_shared<Context>(std::move(request));
  auto executor = std::make_shared<Executor>(std::move(context), std::move(done));
  loop.Post([executor = std::move(executor)] { executor->Start(); });
}

}  // namespace swell::apply
