#include "reconciler/apply/preflight.h"

#include <algorithm>
#include <array>
#include <set>

#include "reconciler/apply/object_task.h"
#include "reconciler/apply/refusal.h"
#include "reconciler/diff/conflicts.h"
#include "reconciler/live/task_pool.h"
#include "reconciler/plan/apply_options.h"

namespace swell::apply {
namespace {

constexpr std::size_t kMaxParallel = 64;
// Failures that are told in full.
constexpr std::size_t kMaxTold = 10;

bool IsInputOfAdmission(const ObjectId& id) {
  static constexpr auto kKinds = std::to_array<std::string_view>(
      {"ResourceQuota", "LimitRange", "ServiceAccount", "PriorityClass", "RuntimeClass", "Role",
       "ClusterRole", "RoleBinding", "ClusterRoleBinding", "MutatingWebhookConfiguration",
       "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy",
       "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy",
       "MutatingAdmissionPolicyBinding"});
  return std::ranges::find(kKinds, id.kind) != kKinds.end();
}

// What the plan itself still brings, from one stage on.
struct Pending {
  bool Covers(const ObjectId& id) const {
    return namespaces.contains(id.ns) || kinds.contains({id.group, id.kind});
  }

  std::set<std::string> namespaces;
  std::set<GroupKind> kinds;
  bool admission = false;  // what admission looks at changes
};

Pending PendingFrom(const ContextPtr& context, const std::vector<StageSteps>& stages,
                    std::size_t stage) {
  Pending pending;
  for (std::size_t s = stage; s < stages.size(); ++s) {
    for (const Step& step : stages[s].steps) {
      for (std::size_t index : step.operations) {
        const Operation& operation = context->operations()[index];
        if (IsInputOfAdmission(operation.id)) pending.admission = true;
        if (operation.type == OperationType::kDelete) continue;
        if (operation.id.group.empty() && operation.id.kind == "Namespace" &&
            operation.type == OperationType::kCreate) {
          pending.namespaces.insert(operation.id.name);
        }
        const Object* object = context->Find(operation.id);
        if (step.kind == Step::Kind::kDefinitions && object != nullptr) {
          const Value& spec = object->value["spec"];
          pending.kinds.insert({spec["group"].str(), spec["names"]["kind"].str()});
        }
      }
    }
  }
  return pending;
}

// Finishes with an error where the server refuses the object, without one where it does not.
class TryTask final : public ObjectTask {
 public:
  TryTask(ContextPtr context, const Operation& operation, bool admission_changes,
          std::move_only_function<void(const Error&)> unreachable, ResultDone done)
      : ObjectTask(std::move(context), operation, std::move(done)),
        admission_changes_(admission_changes),
        unreachable_(std::move(unreachable)) {}

 private:
  void Run() override {
    const Object* object = context_->Find(operation_.id);
    if (object == nullptr) return Finish();  // the apply itself says so
    if (auto error = CheckSize(*object)) return FinishWith(std::move(*error));
    options_ = plan::ApplyOptionsOf(*object, context_->sync());
    // What will be sent is known only with the live object at hand.
    if (options_.replace || !context_->Ignored(operation_.id).empty()) return Finish();
    kube::ApplyOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    options.force = diff::TakesAll(context_->sync(), operation_.id);
    options.dry_run = kube::DryRun::kAll;
    options.field_validation =
        options_.validate ? kube::FieldValidation::kStrict : kube::FieldValidation::kIgnore;
    context_->client().Apply(
        ref_, object->value,
        context_->OnLoop<kube::Response>([self = Self<TryTask>()](auto answer) {
          // Without a status it is the connection that failed.
          if (!answer && answer.error().http_status == 0) self->unreachable_(answer.error().error);
          if (answer || !self->Refuses(answer.error())) return self->Finish();
          kube::ApiError error = std::move(answer).error();
          const std::string advice = AdviceOn(error, self->operation_);
          if (!advice.empty()) error.error.Wrap(advice);
          self->FinishWith(std::move(error));
        }),
        options);
  }

  // The apply itself waits for the kind, or says that it is missing.
  void Unserved(Error) override { Finish(); }

  bool Refuses(const kube::ApiError& error) const {
    if (error.IsNamespaceTerminating() || IsLiveSchemaError(error)) return false;
    const std::string_view says = error.server_message;
    if (says.contains("does not support dry run") || says.contains("is already allocated")) {
      return false;
    }
    // The apply says which way out there is.
    if (error.IsImmutableField()) return !options_.recreate;
    if (error.http_status == 403 || error.IsNamespaceMissing()) return !admission_changes_;
    return error.code() == ErrorCode::kInvalidArgument;
  }

  const bool admission_changes_;
  std::move_only_function<void(const Error&)> unreachable_;
  plan::ApplyOptions options_;
};

class Preflighter : public std::enable_shared_from_this<Preflighter> {
 public:
  Preflighter(ContextPtr context, std::move_only_function<void(PreflightAnswers)> done)
      : context_(std::move(context)), done_(std::move(done)) {}

  void Start(const std::vector<StageSteps>& stages, std::size_t from, std::size_t to) {
    const bool asked = context_->request().preflight == Preflight::kAsked;
    const Pending pending = PendingFrom(context_, stages, from);
    const Pending left_out = asked ? PendingFrom(context_, stages, 0) : Pending{};
    std::vector<live::TaskPool::Task> tasks;
    std::size_t applies = 0;
    for (std::size_t s = from; s < to; ++s) {
      for (const Step& step : stages[s].steps) {
        if (step.kind == Step::Kind::kDeletions) continue;
        applies += step.operations.size();
        for (std::size_t index : step.operations) {
          const Operation& operation = context_->operations()[index];
          if (operation.hook || pending.Covers(operation.id)) continue;
          if (asked && !left_out.Covers(operation.id)) continue;
          tasks.push_back([self = shared_from_this(), index,
                           admission = pending.admission](live::TaskPool::Finished finished) {
            self->Try(index, admission, std::move(finished));
          });
        }
      }
    }
    // One object alone is refused as well by its apply.
    if (applies < 2 && context_->request().preflight != Preflight::kAlways) tasks.clear();
    live::TaskPool::Run(std::move(tasks), kMaxParallel, [self = shared_from_this()] {
      std::ranges::sort(self->answers_.refusals, {}, &IndexedResult::first);
      self->done_(std::move(self->answers_));
    });
  }

 private:
  void Try(std::size_t index, bool admission, live::TaskPool::Finished finished) {
    if (!context_->MayWrite()) return finished();  // the apply says why
    auto done = [self = shared_from_this(), index,
                 finished = std::move(finished)](ObjectResult result) mutable {
      if (result.error) self->answers_.refusals.emplace_back(index, std::move(result));
      finished();
    };
    auto unreachable = [self = shared_from_this()](const Error& error) {
      if (!self->answers_.unreachable) self->answers_.unreachable = error;
    };
    std::make_shared<TryTask>(context_, context_->operations()[index], admission,
                              std::move(unreachable), std::move(done))
        ->Start();
  }

  ContextPtr context_;
  std::move_only_function<void(PreflightAnswers)> done_;
  PreflightAnswers answers_;
};

}  // namespace

void RunPreflight(const ContextPtr& context, const std::vector<StageSteps>& stages,
                  std::size_t from, std::size_t to,
                  std::move_only_function<void(PreflightAnswers)> done) {
  std::make_shared<Preflighter>(context, std::move(done))->Start(stages, from, to);
}

Error JoinErrors(const std::vector<Error>& errors, const std::string& doing) {
  std::string text;
  for (std::size_t i = 0; i < std::min(errors.size(), kMaxTold); ++i) {
    text += (text.empty() ? "" : "; ") + errors[i].ToString();
  }
  if (errors.size() > kMaxTold) {
    text += "; and " + std::to_string(errors.size() - kMaxTold) + " more";
  }
  return Error(errors.front().code(), std::move(text)).Wrap(doing);
}

void DryRun(Request request, std::move_only_function<void(DryRunResult)> done) {
  net::Loop& loop = request.connection->client->loop();
  auto context = std::make_shared<Context>(std::move(request));
  loop.Post([context = std::move(context), done = std::move(done)]() mutable {
    std::vector<StageSteps> stages = SplitIntoSteps(context->operations());
    (void)TakeFailureStages(stages);
    const std::size_t all = stages.size();
    RunPreflight(
        context, stages, 0, all, [done = std::move(done)](PreflightAnswers answers) mutable {
          if (answers.refusals.empty()) return done({std::move(answers.unreachable), {}});
          std::vector<Error> errors;
          for (IndexedResult& refusal : answers.refusals) {
            errors.push_back(*std::move(refusal.second.error));
          }
          const std::string how_many =
              errors.size() == 1 ? "1 object is" : std::to_string(errors.size()) + " objects are";
          done({std::nullopt, JoinErrors(errors, how_many + " refused")});
        });
  });
}

}  // namespace swell::apply
