// One object by server-side apply.

#include "reconciler/apply/object_task.h"
#include "reconciler/domain/application.h"

namespace swell::apply {
namespace {

constexpr Duration kNamespacePause = std::chrono::seconds(1);

class ApplyTask final : public ObjectTask {
 public:
  using ObjectTask::ObjectTask;

 private:
  void Run() override {
    const Object* object = context_->Find(operation_.id);
    if (object == nullptr) {
      return FinishWith(Internal("the plan names an object that is not desired"));
    }
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    kube::ApplyOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    options.force = true;
    context_->client().Apply(
        ref_, object->value,
        context_->OnLoop<kube::Response>(
            [self = Self<ApplyTask>()](auto response) { self->OnApplied(std::move(response)); }),
        options);
  }

  void OnApplied(kube::ApiResult<kube::Response> response) {
    if (!response) return OnFailed(std::move(response).error());
    const Value& metadata = response->body["metadata"];
    result_.done = response->created() ? OperationType::kCreate : OperationType::kUpdate;
    result_.uid = metadata["uid"].str();
    result_.generation = metadata["generation"].as_int();
    Finish();
  }

  void OnFailed(kube::ApiError error) {
    // The namespace goes away and may come back; the object can be created only then.
    if (error.IsNamespaceTerminating() && context_->Left() > kNamespacePause) {
      return context_->After(kNamespacePause, [self = Self<ApplyTask>()] { self->Run(); });
    }
    // What discovery knew may be out of date: a CRD was replaced, a version retired.
    if (error.IsNotServed() && !refreshed_) {
      refreshed_ = true;
      context_->discovery().Refresh(context_->OnLoop<kube::ApiResourcesPtr>(
          [self = Self<ApplyTask>()](auto) { self->Start(); }));
      return;
    }
    if (error.IsImmutableField()) {
      error.error.Wrap(
          "the change touches a field that Kubernetes never changes: rename the object, or "
          "delete it in the cluster to have it created anew");
    }
    FinishWith(std::move(error));
  }

  bool refreshed_ = false;
};

}  // namespace

void ApplyObject(const ContextPtr& context, const Operation& operation, ResultDone done) {
  std::make_shared<ApplyTask>(context, operation, std::move(done))->Start();
}

}  // namespace swell::apply
