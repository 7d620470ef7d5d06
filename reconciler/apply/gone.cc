// Waiting for a deleted object to be gone.

#include "base/core/strings.h"
#include "reconciler/apply/context.h"

namespace swell::apply {
namespace {

// Why it is still there, and how to get out.
std::string WhyStuck(const kube::ResourceRef& ref, const Value& live) {
  const Value& metadata = live["metadata"];
  std::vector<std::string> finalizers;
  for (const Value& finalizer : metadata["finalizers"].items())
    finalizers.push_back(finalizer.str());
  std::string why = "it is being deleted";
  const std::string since = metadata["deletionTimestamp"].str();
  if (!since.empty()) why += " since " + since;
  if (finalizers.empty()) return why;
  why += " and held by " + std::string(finalizers.size() == 1 ? "finalizer " : "finalizers ") +
         Join(finalizers, ", ") +
         ": whoever set them must finish what they stand for; by force: kubectl patch " +
         ref.resource + (ref.group.empty() ? "" : "." + ref.group) + " " + ref.name +
         (ref.ns.empty() ? "" : " -n " + ref.ns) +
         R"( --type=merge -p '{"metadata":{"finalizers":null}}')";
  return why;
}

class GoneWaiter : public std::enable_shared_from_this<GoneWaiter> {
 public:
  GoneWaiter(ContextPtr context, kube::ResourceRef ref, std::string uid,
             std::move_only_function<void(Status)> done)
      : context_(std::move(context)),
        ref_(std::move(ref)),
        uid_(std::move(uid)),
        done_(std::move(done)) {}

  void Look(Duration pause) {
    kube::CallOptions options;
    options.timeout = context_->PollTimeout();
    context_->client().Get(
        ref_, context_->OnLoop<kube::Response>([self = shared_from_this(), pause](auto response) {
          self->Judge(std::move(response), pause);
        }),
        options);
  }

 private:
  void Judge(kube::ApiResult<kube::Response> response, Duration pause) {
    if (!response && response.error().code() == ErrorCode::kNotFound) return done_({});
    if (response && response->body["metadata"]["uid"].as_string() != uid_) {
      return done_(Fail(Error(ErrorCode::kAborted,
                              "somebody else created the object anew while it was deleted")));
    }
    if (Status may = context_->MayWrite(); !may) {
      // A failure to look is passing; the deadline ends it.
      const std::string why =
          response ? WhyStuck(ref_, response->body) : response.error().ToString();
      return done_(Fail(std::move(may).error().Wrap(why)));
    }
    context_->After(pause, [self = shared_from_this(), pause] { self->Look(NextPoll(pause)); });
  }

  ContextPtr context_;
  kube::ResourceRef ref_;
  std::string uid_;
  std::move_only_function<void(Status)> done_;
};

}  // namespace

void AwaitGone(const ContextPtr& context, const kube::ResourceRef& ref, std::string uid,
               std::move_only_function<void(Status)> done) {
  std::make_shared<GoneWaiter>(context, ref, std::move(uid), std::move(done))->Look(kFirstPoll);
}

}  // namespace swell::apply
