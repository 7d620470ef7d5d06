// One deletion.

#include "reconciler/apply/object_task.h"

namespace swell::apply {
namespace {

class DeleteTask final : public ObjectTask {
 public:
  DeleteTask(ContextPtr context, const Operation& operation, ResultDone done)
      : ObjectTask(std::move(context), operation, std::move(done)) {
    verb_ = "delete";
  }

 private:
  void Run() override {
    if (operation_.uid.empty()) {
      return FinishWith(Internal("the plan gives no uid, so whose object it is nobody knows"));
    }
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    kube::DeleteOptions options;
    options.timeout = context_->CallTimeout();
    options.uid = operation_.uid;
    options.propagation = kube::Propagation::kBackground;
    context_->client().Delete(
        ref_, context_->OnLoop<kube::Response>([self = Self<DeleteTask>()](auto response) {
          self->OnDeleted(std::move(response));
        }),
        options);
  }

  // Its CRD went before it and took it along.
  void Unserved(Error) override { Succeed(); }

  void OnDeleted(kube::ApiResult<kube::Response> response) {
    if (response || response.error().code() == ErrorCode::kNotFound) return Succeed();
    Error error = std::move(response).error();
    if (error.code() == ErrorCode::kAborted) {
      error.Wrap("the object was deleted and created anew since the plan was made");
    }
    FinishWith(std::move(error));
  }

  void Succeed() {
    result_.done = OperationType::kDelete;
    result_.uid = operation_.uid;
    Finish();
  }
};

}  // namespace

void DeleteObject(const ContextPtr& context, const Operation& operation, ResultDone done) {
  std::make_shared<DeleteTask>(context, operation, std::move(done))->Start();
}

}  // namespace swell::apply
