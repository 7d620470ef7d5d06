#include "reconciler/apply/recreate.h"

#include "base/core/strings.h"
#include "base/telemetry/log.h"
#include "reconciler/diff/normalize.h"

namespace swell::apply {
namespace {

using Answer = kube::ApiResult<kube::Response>;

// The object as it can be created again.
Value ToCreateAgain(const Value& live) {
  return diff::WithoutServerMetadata(live)
      .WithoutAt({"metadata", "deletionTimestamp"})
      .WithoutAt({"metadata", "deletionGracePeriodSeconds"})
      .Without("status");
}

// The old object still holds its name, its port or its address: the new one may have them once it
// is gone.
bool IsHeldByTheOld(const kube::ApiError& error) {
  return error.code() == ErrorCode::kAlreadyExists ||
         (error.http_status == 422 && error.server_message.contains("is already allocated"));
}

class Recreation : public std::enable_shared_from_this<Recreation> {
 public:
  Recreation(ContextPtr context, kube::ResourceRef ref, Value object,
             std::move_only_function<void(Recreated)> done)
      : context_(std::move(context)),
        ref_(std::move(ref)),
        object_(std::move(object)),
        done_(std::move(done)) {}

  void Start() {
    kube::CallOptions options;
    options.timeout = context_->CallTimeout();
    context_->client().Get(ref_, Then(&Recreation::OnRead), options);
  }

 private:
  kube::Callback<kube::Response> Then(void (Recreation::*next)(Answer)) {
    return context_->OnLoop<kube::Response>(
        [self = shared_from_this(), next](Answer answer) { (*self.*next)(std::move(answer)); });
  }

  void OnRead(Answer answer) {
    if (!answer) {
      if (answer.error().code() == ErrorCode::kNotFound) return Create();
      return End(std::move(answer).error());
    }
    old_ = answer->body;
    const std::string owner = old_["metadata"]["annotations"][kOwnerAnnotation].str();
    if (!owner.empty() && owner != context_->request().application) {
      return End(FailedPrecondition("the object belongs to application " + Quote(owner)));
    }
    kube::WriteOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    options.dry_run = kube::DryRun::kAll;
    context_->client().Create(ref_, object_, Then(&Recreation::OnTried), options);
  }

  void OnTried(Answer answer) {
    if (!answer && !IsHeldByTheOld(answer.error())) {
      return End(std::move(answer).error().error.Wrap(
          "it is not deleted to be created anew, since the cluster would refuse the new object"));
    }
    if (Status may = context_->MayWrite(); !may) return End(std::move(may).error());
    telemetry::LogInfo("deleting an object to create it anew",
                       {{"cluster", context_->client().cluster()},
                        {"application", context_->request().application},
                        {"object", ref_.ToString()}});
    kube::DeleteOptions options;
    options.timeout = context_->CallTimeout();
    options.uid = Uid();
    options.propagation = context_->sync().propagation;
    context_->client().Delete(ref_, Then(&Recreation::OnDeleted), options);
  }

  void OnDeleted(Answer answer) {
    if (!answer && answer.error().code() != ErrorCode::kNotFound) {
      return End(std::move(answer).error().error.Wrap("delete it to create it anew"));
    }
    AwaitGone(context_, ref_, Uid(), [self = shared_from_this()](Status gone) {
      if (gone) return self->Create();
      self->End(std::move(gone).error().Wrap(
          "it was deleted to be created anew and is not gone yet (the next sync goes on)"));
    });
  }

  void Create() {
    if (Status may = context_->MayWrite(); !may) {
      return End(std::move(may).error().Wrap(
          "it was deleted to be created anew; the next sync creates it"));
    }
    kube::ApplyOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    options.force = true;
    context_->client().Apply(ref_, object_, Then(&Recreation::OnCreated), options);
  }

  void OnCreated(Answer answer) {
    if (answer) return done_({std::move(answer->body), {}});
    error_ = std::move(answer).error();
    if (old_.is_null() || !context_->MayWrite()) {
      return End(error_->Wrap("it was deleted, and creating it anew failed"));
    }
    kube::WriteOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    context_->client().Create(ref_, ToCreateAgain(old_), Then(&Recreation::OnPutBack), options);
  }

  void OnPutBack(Answer answer) {
    if (answer) {
      error_->Wrap("it was deleted, creating it anew failed, and it was put back as it was");
      return done_({std::move(answer->body), std::move(error_)});
    }
    End(error_->Wrap("it was deleted, creating it anew failed, and so did putting it back (" +
                     answer.error().ToString() + "): the next sync creates it"));
  }

  std::string Uid() const { return old_["metadata"]["uid"].str(); }
  void End(Error error) { done_({Value(), std::move(error)}); }

  ContextPtr context_;
  kube::ResourceRef ref_;
  Value object_;
  std::move_only_function<void(Recreated)> done_;
  Value old_;
  std::optional<Error> error_;
};

}  // namespace

void Recreate(const ContextPtr& context, const kube::ResourceRef& ref, const Value& object,
              std::move_only_function<void(Recreated)> done) {
  std::make_shared<Recreation>(context, ref, object, std::move(done))->Start();
}

}  // namespace swell::apply
