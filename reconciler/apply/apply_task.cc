// One object by server-side apply: looked at where something else may own it, migrated, sent, and
// tried again where that helps.

#include <algorithm>
#include <set>

#include "base/core/strings.h"
#include "reconciler/apply/object_task.h"
#include "reconciler/apply/recreate.h"
#include "reconciler/apply/refusal.h"
#include "reconciler/diff/conflicts.h"
#include "reconciler/diff/payload.h"
#include "reconciler/plan/apply_options.h"

namespace swell::apply {
namespace {

constexpr Duration kNamespacePause = std::chrono::seconds(1);
// What fails for a moment is tried again so long, and no longer than half of the apply's time: the
// client's own attempts take some two seconds, an API server that restarts takes longer.
constexpr Duration kPatience = std::chrono::seconds(30);
// Looks at a live object that changes under our hands before the apply gives up.
constexpr int kMaxLooks = 5;

// Adoption and removals need the live object first; a mere change of what we applied does not.
bool MustLook(const Operation& operation) {
  if (operation.type != OperationType::kUpdate) return false;
  return operation.changes.empty() ||
         std::ranges::any_of(operation.changes, [](const FieldChange& change) {
           return change.cause == ChangeCause::kAdopted || change.after.empty();
         });
}

class ApplyTask final : public ObjectTask {
 public:
  using ObjectTask::ObjectTask;

 private:
  using Answer = kube::ApiResult<kube::Response>;

  void Run() override {
    object_ = context_->Find(operation_.id);
    if (object_ == nullptr) {
      return FinishWith(Internal("the plan names an object that is not desired"));
    }
    if (auto error = CheckSize(*object_)) return FinishWith(std::move(*error));
    options_ = plan::ApplyOptionsOf(*object_, context_->sync());
    takes_all_ = diff::TakesAll(context_->sync(), operation_.id);
    ignored_ = context_->Ignored(operation_.id);
    wanted_ = object_->value;
    payload_ = wanted_;
    version_.clear();
    // Nothing is there to take from, the plan says: if that is wrong, the server tells.
    force_ = takes_all_ && operation_.type != OperationType::kCreate;
    const bool ignores = operation_.type == OperationType::kUpdate && !ignored_.empty();
    if (MustLook(operation_) || options_.replace || ignores) return Look();
    Send();
  }

  kube::Callback<kube::Response> Then(void (ApplyTask::*next)(Answer)) {
    return context_->OnLoop<kube::Response>(
        [self = Self<ApplyTask>(), next](Answer answer) { ((*self).*next)(std::move(answer)); });
  }

  // --- what is there ---

  void Look() {
    verb_ = "apply";
    if (++looks_ > kMaxLooks) {
      Error error = last_error_.value_or(Error(ErrorCode::kAborted, "somebody else writes to it"));
      return FinishWith(std::move(error).Wrap(
          "the object changes again and again while it is applied (its metadata.managedFields tell "
          "who else does it)"));
    }
    looking_ = true;
    kube::CallOptions options;
    options.timeout = context_->CallTimeout();
    context_->client().Get(ref_, Then(&ApplyTask::OnLooked), options);
  }

  void OnLooked(Answer answer) {
    if (!answer) {
      if (answer.error().code() != ErrorCode::kNotFound) return OnFailed(std::move(answer).error());
      there_ = false;
      force_ = false;
      version_.clear();
      return Send();
    }
    Examine(std::move(answer->body));
  }

  void Examine(Value live) {
    const std::string_view owner = live["metadata"]["annotations"][kOwnerAnnotation].as_string();
    if (!owner.empty() && owner != context_->request().application) {
      return FinishWith(FailedPrecondition("the object belongs to application " + Quote(owner) +
                                           " (annotation " + kOwnerAnnotation +
                                           "): two applications must not declare one object"));
    }
    if (!live["metadata"]["deletionTimestamp"].is_null()) return AwaitDeletion(live);
    there_ = true;
    if (!options_.replace) {
      const auto migrated = diff::MigrateOwnership(live, MigrationOf());
      if (migrated && migrations_++ < kMaxLooks) return Migrate(live, *migrated);
      wanted_ = diff::WithoutIgnored(object_->value, live, ignored_, kFieldManager);
      payload_ = wanted_;
      if (auto error = Settle(live)) return FinishWith(std::move(*error));
    } else {
      version_ = live["metadata"]["resourceVersion"].str();
    }
    Send();
  }

  // What is applied to an object that goes away goes with it.
  void AwaitDeletion(const Value& live) {
    AwaitGone(context_, ref_, live["metadata"]["uid"].str(),
              [self = Self<ApplyTask>()](Status gone) {
                if (gone || gone.error().code() == ErrorCode::kAborted) return self->Look();
                self->FinishWith(
                    std::move(gone).error().Wrap("the object must be gone before it is created"));
              });
  }

  diff::Migration MigrationOf() const {
    diff::Migration migration = plan::MigrationFor(*object_, context_->sync());
    const kube::ApiResourcesPtr served = context_->discovery().Current();
    const std::string& group = operation_.id.group;
    if (only_ours_) {
      migration.is_served = [ours = migration.api_version](std::string_view v) {
        return v == ours;
      };
    } else if (served && !served->Failed(group)) {
      migration.is_served =
          [served, kind = GroupKind{group, operation_.id.kind}](std::string_view api_version) {
            const auto gvk = ParseGroupVersionKind(api_version, kind.kind);
            return gvk.group != kind.group || served->Find(gvk) != nullptr;
          };
    }
    return migration;
  }

  void Migrate(const Value& live, const Value& migrated) {
    if (Status may = context_->MayWrite(); !may) return FinishWith(std::move(may).error());
    verb_ = "take over the fields of";
    kube::WriteOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    context_->client().Patch(ref_, kube::PatchType::kJson, diff::MigrationPatch(live, migrated),
                             Then(&ApplyTask::OnMigrated), options);
  }

  void OnMigrated(Answer answer) {
    if (!answer && answer.error().http_status == 422 && looks_ < kMaxLooks) {
      // The patch does not fit any more: the object has changed, and a step found nothing.
      last_error_ = std::move(answer).error();
      return context_->After(NextPause(), [self = Self<ApplyTask>()] { self->Look(); });
    }
    if (!answer) return OnFailed(std::move(answer).error());
    verb_ = "apply";
    Examine(std::move(answer->body));
  }

  // --- fields of others ---

  // Leaves out what is kept, and says what is not ours to change.
  std::optional<Error> Settle(const Value& live) {
    if (takes_all_) {
      force_ = true;
      return {};
    }
    std::vector<std::string> refused;
    std::set<PointerTokens> judged;
    bool takes = false;
    const auto judge = [&](const PointerTokens& field, const std::string& path,
                           const std::string& owners) {
      if (!judged.insert(field).second) return;
      switch (diff::PolicyOf(context_->sync(), operation_.id, field)) {
        case ConflictPolicy::kTake:
          takes = true;
          break;
        case ConflictPolicy::kKeep:
          kept_.insert(field);
          break;
        case ConflictPolicy::kFail:
          refused.push_back(path + " (" + owners + ")");
      }
    };
    for (const auto& conflict : diff::FindConflicts(wanted_, live, kFieldManager)) {
      std::vector<std::string> owners;
      for (const std::string& manager : conflict.managers) owners.push_back(Quote(manager));
      judge(conflict.desired, conflict.path, "owned by " + Join(owners, ", "));
    }
    // What the server sees otherwise than we do: two spellings of one value.
    for (const kube::StatusCause& cause : causes_) {
      const auto fields = diff::FindFieldPath(wanted_, cause.field);
      if (!fields.empty()) judge(fields.front(), FormatPointer(fields.front()), cause.message);
    }
    if (!refused.empty()) return ConflictRefused(refused);
    payload_ = diff::WithoutFields(wanted_, {kept_.begin(), kept_.end()});
    force_ = takes;
    // Forced only on what was looked at: a field that somebody takes meanwhile may be one to keep.
    version_ = takes ? live["metadata"]["resourceVersion"].str() : "";
    return {};
  }

  static Error ConflictRefused(const std::vector<std::string>& refused) {
    return FailedPrecondition(
        "other field managers own what the application states otherwise, and its policy is to "
        "fail: " +
        Join(refused, ", ") +
        "; remove the fields from Git, or let sync.conflicts or a sync.conflictRules entry take or "
        "keep them");
  }

  // --- the write ---

  void Send() {
    if (Status may = context_->MayWrite(); !may) {
      if (last_error_) return FinishWith(std::move(may).error().Wrap(last_error_->ToString()));
      return FinishWith(std::move(may).error());
    }
    looking_ = false;
    const auto validation =
        options_.validate ? kube::FieldValidation::kStrict : kube::FieldValidation::kIgnore;
    Value payload = payload_;
    if (!version_.empty()) {
      payload = payload.WithAt({"metadata", "resourceVersion"}, Value(version_));
    }
    if (options_.replace && there_) {
      kube::WriteOptions options;
      options.timeout = context_->CallTimeout();
      options.field_manager = kFieldManager;
      options.field_validation = validation;
      return void(context_->client().Replace(ref_, payload, Then(&ApplyTask::OnApplied), options));
    }
    kube::ApplyOptions options;
    options.timeout = context_->CallTimeout();
    options.field_manager = kFieldManager;
    options.force = force_;
    options.field_validation = validation;
    context_->client().Apply(ref_, payload, Then(&ApplyTask::OnApplied), options);
  }

  void OnApplied(Answer answer) {
    if (!answer) return OnFailed(std::move(answer).error());
    result_.done = answer->created() ? OperationType::kCreate : OperationType::kUpdate;
    Tell(answer->body);
    Finish();
  }

  void Tell(const Value& object) {
    result_.uid = object["metadata"]["uid"].str();
    result_.generation = object["metadata"]["generation"].as_int();
  }

  // --- failures ---

  void OnFailed(kube::ApiError error) {
    // The namespace goes away and may come back; the object can be created only then.
    if (error.IsNamespaceTerminating() && context_->Left() > kNamespacePause) {
      return Again(std::move(error), kNamespacePause);
    }
    // What discovery knew may be out of date: a CRD was replaced, a version retired.
    if (error.IsNotServed() && !refreshed_) {
      refreshed_ = true;
      return Refresh();
    }
    if (error.IsFieldConflict() || error.code() == ErrorCode::kAborted) {
      causes_ = error.causes;
      last_error_ = std::move(error);
      const Duration pause = looks_ == 0 ? Duration(1) : NextPause();
      return context_->After(pause, [self = Self<ApplyTask>()] { self->Look(); });
    }
    if (IsPassing(error) && HasPatience()) return Again(std::move(error), NextPause());
    if (IsLiveSchemaError(error) && there_ && !only_ours_) {
      only_ours_ = true;
      return Look();
    }
    if (error.IsImmutableField() && options_.recreate) {
      return Recreate(context_, ref_, object_->value, [self = Self<ApplyTask>()](Recreated done) {
        self->OnRecreated(std::move(done));
      });
    }
    const std::string advice = AdviceOn(error, operation_);
    if (!advice.empty()) error.error.Wrap(advice);
    FinishWith(std::move(error));
  }

  void Again(kube::ApiError error, Duration pause) {
    const std::string advice = AdviceOn(error, operation_);
    last_error_ = std::move(error);
    if (!advice.empty()) last_error_->Wrap(advice);
    context_->After(pause, [self = Self<ApplyTask>()] {
      if (!self->looking_) return self->Send();
      --self->looks_;  // it has not been seen yet
      self->Look();
    });
  }

  Duration NextPause() {
    pause_ = pause_ == Duration(0) ? kFirstPoll : NextPoll(pause_);
    return pause_;
  }

  bool HasPatience() {
    const auto now = std::chrono::steady_clock::now();
    if (!failing_since_) failing_since_ = now;
    return now - *failing_since_ < std::min(kPatience, context_->request().deadline / 2);
  }

  void Refresh() {
    context_->discovery().Refresh(context_->OnLoop<kube::ApiResourcesPtr>(
        [self = Self<ApplyTask>()](auto) { self->Start(); }));
  }

  // Whoever wrote SkipDryRunOnMissingResource says that the kind will come.
  void Unserved(Error error) override {
    const Object* object = context_->Find(operation_.id);
    const bool wait =
        object != nullptr && plan::ApplyOptionsOf(*object, context_->sync()).skip_missing;
    if (!wait) return FinishWith(std::move(error));
    if (Status may = context_->MayWrite(); !may) {
      return FinishWith(std::move(may).error().Wrap(error.ToString()));
    }
    context_->After(kLastPoll, [self = Self<ApplyTask>()] { self->Refresh(); });
  }

  void OnRecreated(Recreated done) {
    if (!done.created.is_null()) Tell(done.created);
    if (done.error) return FinishWith(std::move(*done.error));
    result_.done = OperationType::kCreate;
    Finish();
  }

  const Object* object_ = nullptr;
  plan::ApplyOptions options_;
  bool takes_all_ = true;
  diff::IgnoreRules ignored_;
  Value wanted_;  // what is desired, without what is ignored
  Value payload_;
  bool there_ = true;  // as far as is known
  bool force_ = false;
  std::string version_;   // resourceVersion that the write is bound to, or ""
  bool looking_ = false;  // the last request was a look or its migration
  int looks_ = 0;
  int migrations_ = 0;
  bool refreshed_ = false;
  bool only_ours_ = false;  // entries of managedFields in other versions are rewritten
  std::vector<kube::StatusCause> causes_;
  std::set<PointerTokens> kept_;  // fields that are left to others, so far
  std::optional<Error> last_error_;
  Duration pause_{0};
  std::optional<std::chrono::steady_clock::time_point> failing_since_;
};

}  // namespace

void ApplyObject(const ContextPtr& context, const Operation& operation, ResultDone done) {
  std::make_shared<ApplyTask>(context, operation, std::move(done))->Start();
}

}  // namespace swell::apply
