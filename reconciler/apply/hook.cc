// One hook: deleted where it is left over, applied, waited for, and deleted as its policy says.

#include <algorithm>

#include "base/core/clock.h"
#include "base/telemetry/log.h"
#include "reconciler/apply/object_task.h"
#include "reconciler/domain/application.h"
#include "reconciler/health/health.h"
#include "reconciler/plan/keep.h"
#include "reconciler/plan/stages.h"

namespace swell::apply {
namespace {

class HookTask final : public ObjectTask {
 public:
  HookTask(ContextPtr context, const Operation& operation, ResultDone done)
      : ObjectTask(std::move(context), operation, std::move(done)) {
    verb_ = "run hook";
  }

 private:
  void Run() override {
    object_ = context_->Find(operation_.id);
    if (object_ == nullptr) {
      return FinishWith(Internal("the plan names an object that is not desired"));
    }
    policy_ = plan::DeletePolicyOf(*object_);
    if (policy_.before_creation) {
      LookForLeftOver();
    } else {
      Apply();
    }
  }

  void LookForLeftOver() {
    Get([self = Self<HookTask>()](auto response) {
      if (IsGone(response)) return self->Apply();
      // A namespace that does not exist yet holds nothing either.
      if (!response) return self->FinishWith(std::move(response).error());
      self->DeleteLeftOver(response->body);
    });
  }

  void DeleteLeftOver(const Value& live) {
    const std::string owner = live["metadata"]["annotations"][kOwnerAnnotation].str();
    if (!owner.empty() && owner != context_->request().application) {
      return FinishWith(FailedPrecondition("the object belongs to application " + owner));
    }
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    const std::string uid = live["metadata"]["uid"].str();
    Delete(uid, [uid](HookTask& self, kube::ApiResult<kube::Response> response) {
      if (!response && response.error().code() != ErrorCode::kNotFound) {
        return self.FinishWith(std::move(response).error());
      }
      self.AwaitGone(uid, kFirstPoll);
    });
  }

  template <class Then>
  void Delete(const std::string& uid, Then then) {
    kube::DeleteOptions options;
    options.timeout = context_->CallTimeout();
    options.uid = uid;
    context_->client().Delete(
        ref_,
        context_->OnLoop<kube::Response>([self = Self<HookTask>(), then](auto response) mutable {
          then(*self, std::move(response));
        }),
        options);
  }

  void AwaitGone(const std::string& uid, Duration pause) {
    Get([self = Self<HookTask>(), uid, pause](auto response) {
      if (IsGone(response)) return self->WhenGone();
      if (response && response->body["metadata"]["uid"].as_string() != uid) {
        return self->FinishWith(Error(
            ErrorCode::kAborted, "somebody else created the hook's object while it was deleted"));
      }
      if (response) self->ReleaseHookFinalizer(response->body);
      if (Status may = self->context_->MayWrite(); !may) {
        return self->FinishWith(std::move(may).error().Wrap(self->WhyNotGone(response)));
      }
      self->context_->After(pause, [self, uid, pause] { self->AwaitGone(uid, NextPoll(pause)); });
    });
  }

  std::string WhyNotGone(const kube::ApiResult<kube::Response>& response) const {
    const std::string what = ended_ ? "its object" : "the object of an earlier run";
    return what + " does not go away (" +
           (response ? plan::DescribeTerminating(operation_.id, response->body, SystemClock().Now())
                     : response.error().ToString()) +
           ")";
  }

  void WhenGone() {
    if (!ended_) return Apply();
    result_.done = OperationType::kDelete;
    Finish();
  }

  // Argo CD's, with which it keeps a hook until its outcome is recorded. Where Argo CD is gone
  // nobody else takes it away from the hooks that it left.
  void ReleaseHookFinalizer(const Value& live) {
    const auto finalizers = live["metadata"]["finalizers"].items();
    const auto held = std::ranges::find(finalizers, Value(plan::kHookFinalizer));
    if (live["metadata"]["deletionTimestamp"].is_null() || held == finalizers.end()) return;
    if (released_ || !context_->MayWrite()) return;
    released_ = true;
    const Value path("/metadata/finalizers/" + std::to_string(held - finalizers.begin()));
    const Value patch =
        Value::Array({Value::Object({{"op", Value("test")}, {"path", path}, {"value", *held}}),
                      Value::Object({{"op", Value("remove")}, {"path", path}})});
    kube::WriteOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    context_->client().Patch(
        ref_, kube::PatchType::kJson, patch,
        context_->OnLoop<kube::Response>([self = Self<HookTask>()](auto response) {
          if (!response) self->released_ = false;  // the next look tries again
        }),
        options);
  }

  void Apply() {
    ApplyObject(context_, operation_, [self = Self<HookTask>()](ObjectResult result) {
      self->result_ = std::move(result);
      if (self->result_.error) return self->Finish();
      self->AwaitCompletion(kFirstPoll);
    });
  }

  void AwaitCompletion(Duration pause) {
    Get([self = Self<HookTask>(), pause](auto response) {
      if (IsGone(response)) {
        return self->FinishWith(FailedPrecondition("the hook was deleted while it ran"));
      }
      std::string waiting_for;
      if (response) {
        const Health health = self->Judge(response->body);
        if (health.status == HealthStatus::kHealthy) return self->Succeed();
        if (health.status == HealthStatus::kDegraded) {
          return self->Explain(response->body, health.message);
        }
        waiting_for = health.message;
      } else {
        // The client has retried already; only the deadline ends the wait.
        waiting_for = response.error().ToString();
      }
      if (Status may = self->context_->MayWrite(); !may) {
        return self->FinishWith(
            std::move(may).error().Wrap("the hook did not complete in time: " + waiting_for));
      }
      self->context_->After(pause, [self, pause] { self->AwaitCompletion(NextPoll(pause)); });
    });
  }

  Health Judge(const Value& live) const {
    const UserChecks& checks = context_->request().checks;
    health::CheckBudget budget;
    health::AssessOptions options;
    options.applied_generation = result_.generation;
    if (!checks.checks.empty()) {
      options.checks = &checks.checks;
      options.budget = &budget;
      options.now = checks.clock->Now();
    }
    return health::Assess(live, options);
  }

  void Explain(const Value& live, const std::string& message) {
    auto fail = [self = Self<HookTask>(), message](const std::string& explanation) {
      std::string why = message;
      if (!explanation.empty()) why += (why.empty() ? "" : "; ") + explanation;
      self->CleanUp(self->policy_.on_failure);
      self->FinishWith(FailedPrecondition("the hook failed" + (why.empty() ? "" : ": " + why)));
    };
    ExplainObject(context_->connection(), live, std::move(fail));
  }

  void Succeed() {
    if (plan::IsOfDeletion(operation_.phase)) return Remove();
    CleanUp(policy_.on_success);
    Finish();
  }

  // Whatever its policy says: the application goes, and nobody is left to own what it leaves.
  void Remove() {
    ended_ = true;
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    Delete(result_.uid, [](HookTask& self, kube::ApiResult<kube::Response> response) {
      if (!response && response.error().code() != ErrorCode::kNotFound) {
        return self.FinishWith(std::move(response).error());
      }
      self.AwaitGone(self.result_.uid, kFirstPoll);
    });
  }

  // What is left over is found by the next run; the outcome stands either way.
  void CleanUp(bool wanted) {
    if (!wanted || result_.uid.empty() || !context_->MayWrite()) return;
    Delete(result_.uid, [](HookTask& self, kube::ApiResult<kube::Response> response) {
      if (response || response.error().code() == ErrorCode::kNotFound) return;
      telemetry::LogWarning("cannot delete a hook that has ended",
                            {{"cluster", self.context_->client().cluster()},
                             {"hook", self.operation_.id.ToString()},
                             {"error", response.error().error}});
    });
  }

  const Object* object_ = nullptr;
  plan::DeletePolicy policy_;
  bool ended_ = false;     // it has run; its object goes
  bool released_ = false;  // of Argo CD's finalizer
};

}  // namespace

void RunHook(const ContextPtr& context, const Operation& operation, ResultDone done) {
  std::make_shared<HookTask>(context, operation, std::move(done))->Start();
}

}  // namespace swell::apply
