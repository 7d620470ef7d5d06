// One deletion: a last look at whose object it is, the call, and, where something waits for it,
// until the object is gone.

#include "base/core/strings.h"
#include "base/telemetry/log.h"
#include "reconciler/apply/object_task.h"
#include "reconciler/domain/application.h"
#include "reconciler/plan/keep.h"

namespace swell::apply {
namespace {

class DeleteTask final : public ObjectTask {
 public:
  DeleteTask(ContextPtr context, const Operation& operation, Gone gone, ResultDone done)
      : ObjectTask(std::move(context), operation, std::move(done)), gone_(gone) {
    verb_ = "delete";
  }

 private:
  void Run() override {
    if (operation_.uid.empty()) {
      return FinishWith(Internal("the plan gives no uid, so whose object it is nobody knows"));
    }
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    Get([self = Self<DeleteTask>()](auto response) {
      if (IsGone(response)) return self->Succeed();
      if (!response) return self->FinishWith(std::move(response).error());
      self->Look(response->body);
    });
  }

  // Its CRD went before it and took it along.
  void Unserved(Error) override { Succeed(); }

  // The plan is older than this moment.
  void Look(const Value& live) {
    const Value& metadata = live["metadata"];
    if (metadata["uid"].as_string() != operation_.uid) {
      return FinishWith(Error(ErrorCode::kAborted,
                              "the object was deleted and created anew since the plan was made"));
    }
    const std::string owner = metadata["annotations"][kOwnerAnnotation].str();
    if (owner != context_->request().application) {
      return FinishWith(FailedPrecondition(
          owner.empty() ? std::string("its owner annotation was removed since the plan was made")
                        : "it belongs to application " + Quote(owner) + " now"));
    }
    const auto propagation = plan::PropagationOf(live);
    if (!propagation) return FinishWith(propagation.error());
    if (!metadata["deletionTimestamp"].is_null()) return Linger(live);
    Delete(propagation->value_or(context_->request().sync.propagation));
  }

  void Delete(Propagation propagation) {
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    kube::DeleteOptions options;
    options.timeout = context_->CallTimeout();
    options.uid = operation_.uid;
    options.propagation = propagation;
    context_->client().Delete(
        ref_, context_->OnLoop<kube::Response>([self = Self<DeleteTask>()](auto response) {
          self->OnDeleted(std::move(response));
        }),
        options);
  }

  void OnDeleted(kube::ApiResult<kube::Response> response) {
    if (!response && response.error().code() == ErrorCode::kNotFound) return Succeed();
    if (!response) {
      Error error = std::move(response).error();
      if (error.code() == ErrorCode::kAborted) {
        error.Wrap("the object was deleted and created anew since the plan was made");
      }
      return FinishWith(std::move(error));
    }
    // The server answers with a Status where the object is gone, and with the object, as a rule,
    // where it waits for its finalizers or its pods.
    if (response->body["kind"].as_string() == "Status") return Succeed();
    Linger(response->body);
  }

  void Linger(const Value& live) {
    live_ = live;
    if (gone_ == Gone::kNotAwaited) return Leave();
    until_ = std::chrono::steady_clock::now() + kGoneWait;
    AwaitGone(kFirstPoll);
  }

  void AwaitGone(Duration pause) {
    Get([self = Self<DeleteTask>(), pause](auto response) {
      if (IsGone(response)) return self->Succeed();
      if (response) {
        if (response->body["metadata"]["uid"].as_string() != self->operation_.uid) {
          return self->Succeed();
        }
        self->live_ = response->body;
      }
      const bool waited = std::chrono::steady_clock::now() >= self->until_;
      if (self->gone_ == Gone::kAwaited && (waited || self->context_->Expired())) {
        return self->Leave();
      }
      if (const Status may = self->context_->MayWrite(); !may) return self->GiveUp(may.error());
      self->context_->After(pause, [self, pause] { self->AwaitGone(NextPoll(pause)); });
    });
  }

  // It stays in the inventory: the next plan sees it and says what holds it.
  void Leave() {
    telemetry::LogInfo("an object lingers after its deletion",
                       {{"cluster", context_->client().cluster()},
                        {"application", context_->request().application},
                        {"object", operation_.id.ToString()}});
    Finish();
  }

  void GiveUp(const Error& why) {
    if (why.code() == ErrorCode::kCancelled) return FinishWith(why);
    ExplainTerminating(context_, operation_.id, live_,
                       [self = Self<DeleteTask>()](const std::string& explanation) {
                         self->FinishWith(Error(ErrorCode::kDeadlineExceeded,
                                                "it does not go away: " + explanation));
                       });
  }

  void Succeed() {
    result_.done = OperationType::kDelete;
    result_.uid = operation_.uid;
    Finish();
  }

  const Gone gone_;
  Value live_;
  std::chrono::steady_clock::time_point until_;
};

}  // namespace

void DeleteObject(const ContextPtr& context, const Operation& operation, Gone gone,
                  ResultDone done) {
  std::make_shared<DeleteTask>(context, operation, gone, std::move(done))->Start();
}

}  // namespace swell::apply
