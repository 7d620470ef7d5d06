#include "reconciler/apply/object_task.h"

namespace swell::apply {

ObjectTask::ObjectTask(ContextPtr context, const Operation& operation, ResultDone done)
    : context_(std::move(context)), operation_(operation), done_(std::move(done)) {
  result_.id = operation.id;
}

void ObjectTask::Start() {
  context_->discovery().Resolve(
      {operation_.id.group, operation_.id.kind}, operation_.version,
      context_->OnLoop<kube::ApiResource>([self = shared_from_this()](auto resource) {
        if (resource) {
          self->ref_ = resource->Ref(self->operation_.id.ns, self->operation_.id.name);
          self->Run();
        } else if (resource.error().code() == ErrorCode::kNotFound) {
          self->Unserved(std::move(resource).error());
        } else {
          self->FinishWith(std::move(resource).error());
        }
      }));
}

void ObjectTask::Get(kube::Callback<kube::Response> then) {
  kube::CallOptions options;
  options.timeout = context_->CallTimeout();
  context_->client().Get(ref_, context_->OnLoop<kube::Response>(std::move(then)), options);
}

bool ObjectTask::IsGone(const kube::ApiResult<kube::Response>& response) {
  return !response && response.error().code() == ErrorCode::kNotFound &&
         response.error().from_status;
}

void ObjectTask::Finish() { done_(std::move(result_)); }

void ObjectTask::FinishWith(Error error) {
  result_.error = std::move(error).Wrap(verb_ + " " + operation_.id.ToString());
  Finish();
}

}  // namespace swell::apply
