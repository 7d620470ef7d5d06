// Waiting for a CustomResourceDefinition to be served.

#include "reconciler/apply/context.h"

namespace swell::apply {
namespace {

constexpr char kGroup[] = "apiextensions.k8s.io";

class Waiter : public std::enable_shared_from_this<Waiter> {
 public:
  Waiter(ContextPtr context, const ObjectId& id, std::move_only_function<void(Status)> done)
      : context_(std::move(context)), id_(id), done_(std::move(done)) {}

  void Look(Duration pause) {
    const kube::ResourceRef ref = {.group = kGroup,
                                   .version = "v1",
                                   .resource = "customresourcedefinitions",
                                   .ns = "",
                                   .name = id_.name};
    kube::CallOptions options;
    options.timeout = context_->PollTimeout();
    context_->client().Get(
        ref, context_->OnLoop<kube::Response>([self = shared_from_this(), pause](auto response) {
          self->Judge(std::move(response), pause);
        }),
        options);
  }

 private:
  void Judge(kube::ApiResult<kube::Response> response, Duration pause) {
    std::string waiting_for = "it is not Established";
    if (response) {
      for (const Value& condition : response->body["status"]["conditions"].items()) {
        const std::string_view type = condition["type"].as_string();
        const std::string_view status = condition["status"].as_string();
        if (type == "Established" && status == "True") return done_({});
        if (type == "NamesAccepted" && status == "False") {
          return End(
              FailedPrecondition("its names are not accepted: " + condition["message"].str()));
        }
      }
    } else if (response.error().code() == ErrorCode::kNotFound) {
      return End(FailedPrecondition("it was deleted while it was waited for"));
    } else {
      waiting_for = response.error().ToString();
    }
    if (Status may = context_->MayWrite(); !may) {
      return End(std::move(may).error().Wrap(waiting_for));
    }
    context_->After(pause, [self = shared_from_this(), pause] { self->Look(NextPoll(pause)); });
  }

  void End(Error error) { done_(Fail(std::move(error).Wrap("wait for " + id_.ToString()))); }

  ContextPtr context_;
  ObjectId id_;
  std::move_only_function<void(Status)> done_;
};

}  // namespace

void AwaitDefinition(const ContextPtr& context, const ObjectId& id,
                     std::move_only_function<void(Status)> done) {
  std::make_shared<Waiter>(context, id, std::move(done))->Look(kFirstPoll);
}

}  // namespace swell::apply
