// Controller: what stands in the way of changes (windows, freezes, overrides, permissions), and
// what the gatekeeper is told.

#include <algorithm>

#include "base/telemetry/log.h"
#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

std::string Named(const std::string& application) {
  return application.empty() ? "the fleet" : application;
}

// Replaces the one of the same application.
template <class T>
void Put(std::vector<T>& all, T one) {
  std::erase_if(all, [&](const T& other) { return other.application == one.application; });
  all.push_back(std::move(one));
  std::ranges::sort(all, {}, &T::application);
}

// In whole seconds: so people read when it ends.
Timestamp Second(Timestamp at) { return std::chrono::floor<std::chrono::seconds>(at); }

template <class T>
const T* FindOf(const std::vector<T>& all, const std::string& application, Timestamp now) {
  const auto it = std::ranges::find(all, application, &T::application);
  return it == all.end() || gate::IsOver(*it, now) ? nullptr : &*it;
}

DeleteRecord Without(RecordKind kind, const std::string& application) {
  return {kind, application, gate::kOnlyKey};
}

}  // namespace

Status Controller::LoadSafeguards() {
  for (const Resource& r : TRY(ledger_.ListResources("ChangeWindow"))) {
    safeguards_.windows.push_back(TRY(gate::Window::Compile(std::get<ChangeWindow>(r))));
  }
  for (Resource& r : TRY(ledger_.ListResources("Team"))) {
    safeguards_.teams.push_back(std::move(std::get<Team>(r)));
  }
  RecordQuery query{.kind = RecordKind::kFreeze, .application = {}, .prefix = {}, .after = {}};
  query.limit = 1'000'000;  // one for each application
  for (const LedgerRecord& record : TRY(ledger_.ListRecords(query))) {
    Put(safeguards_.freezes, TRY(gate::FreezeFromRecord(record)));
  }
  query.kind = RecordKind::kOverride;
  for (const LedgerRecord& record : TRY(ledger_.ListRecords(query))) {
    Put(safeguards_.overrides, TRY(gate::OverrideFromRecord(record)));
  }
  return {};
}

void Controller::TickSafeguards() {
  const Timestamp now = clock_.Now();
  const auto event = [&](const std::string& application, const char* type, std::string message) {
    return AppendEvent{{.at = now,
                        .application = application,
                        .type = type,
                        .message = std::move(message),
                        .actor = "auto"}};
  };
  std::vector<Mutation> mutations;
  for (const gate::Freeze& freeze : safeguards_.freezes) {
    if (!gate::IsOver(freeze, now)) continue;
    mutations.push_back(Without(RecordKind::kFreeze, freeze.application));
    mutations.push_back(event(freeze.application, "Unfrozen", "over: " + gate::Show(freeze)));
  }
  for (const gate::Override& given : safeguards_.overrides) {
    if (!gate::IsOver(given, now)) continue;
    mutations.push_back(Without(RecordKind::kOverride, given.application));
    mutations.push_back(event(given.application, "OverrideEnded", "over: " + gate::Show(given)));
  }
  // What is over counts for nothing, recorded or not.
  if (!mutations.empty() && Commit(std::move(mutations))) {
    std::erase_if(safeguards_.freezes, [&](const auto& f) { return gate::IsOver(f, now); });
    std::erase_if(safeguards_.overrides, [&](const auto& o) { return gate::IsOver(o, now); });
  }
  for (auto& [name, entry] : entries_) {
    if (!entry->held_until || now < *entry->held_until) continue;
    entry->held_until.reset();
    entry->planned_for = {};
    Evaluate(*entry);
  }
}

void Controller::ReconsiderHeld() {
  for (auto& [name, entry] : entries_) {
    if (!entry->held) continue;
    entry->held_until.reset();
    entry->planned_for = {};
    Evaluate(*entry);
  }
}

gate::Request Controller::GateRequest(const Entry& entry, const Intent& intent,
                                      const Plan* plan) const {
  std::int64_t held = 0;
  for (const auto& [name, record] : entry.records) {
    held += static_cast<std::int64_t>(record.inventory.size());
  }
  return {.cause = intent.cause,
          .actor = intent.actor,
          .application = &entry.spec,
          .plan = plan,
          .quarantine = &entry.quarantine,
          .safeguards = &safeguards_,
          .rollout_running = false,
          .first = FirstClusters(entry, plan),
          .held_objects = held,
          .confirmed = intent.confirmed == plan::Confirmed::kYes,
          .rollback_to = intent.rollback_to};
}

Status Controller::CheckActor(const Entry& entry, gate::Deed deed, const std::string& actor) const {
  return gate::CheckPermission(entry.spec, deed, actor, safeguards_.teams);
}

Status Controller::CheckScope(const std::string& application, gate::Deed deed,
                              const std::string& actor) {
  if (application.empty()) return {};
  return CheckActor(*TRY(Find(application)), deed, actor);
}

Hold Controller::HoldOf(const std::string& application, const RolloutState& rollout) const {
  const auto entry = entries_.find(application);
  if (entry == entries_.end()) return {};
  return gate::HoldFor(entry->second->spec, rollout, safeguards_, fleet_.All(), clock_.Now());
}

void Controller::AddSafeguards(const Entry& entry, ApplicationStatus& status) const {
  const Timestamp now = clock_.Now();
  if (!status.state.hold.empty()) status.held_until = entry.held_until;
  status.barriers = gate::Barriers(entry.spec, safeguards_, Selected(entry.spec), now);
  for (const auto& given : gate::OverridesOf(safeguards_.overrides, entry.spec.name, now)) {
    status.override_ += (status.override_.empty() ? "" : "; ") + gate::Show(given);
  }
}

Result<gate::Freeze> Controller::Freeze(const FreezeRequest& request) {
  return OnControl([&]() -> Result<gate::Freeze> {
    TRY(CheckScope(request.application, gate::Deed::kSync, request.actor));
    gate::Freeze freeze{.application = request.application,
                        .actor = request.actor,
                        .reason = request.reason,
                        .at = Second(clock_.Now()),
                        .until = {}};
    if (request.length != Duration{0}) freeze.until = freeze.at + request.length;
    TRY(gate::Check(freeze));
    TRY(Commit({PutRecord{gate::ToRecord(freeze)}, AppendEvent{{.at = freeze.at,
                                                                .application = freeze.application,
                                                                .type = "Frozen",
                                                                .message = gate::Show(freeze),
                                                                .actor = freeze.actor}}}));
    telemetry::LogInfo("frozen", {{"what", gate::Show(freeze)}});
    Put(safeguards_.freezes, freeze);
    ReconsiderHeld();
    return freeze;
  });
}

Status Controller::Unfreeze(const ReleaseRequest& request) {
  return OnControl([&]() -> Status {
    TRY(CheckScope(request.application, gate::Deed::kSync, request.actor));
    const gate::Freeze* freeze = FindOf(safeguards_.freezes, request.application, clock_.Now());
    if (freeze == nullptr) {
      return Fail(NotFound(Named(request.application) + " is not frozen by itself"));
    }
    TRY(Commit({Without(RecordKind::kFreeze, request.application),
                AppendEvent{{.at = clock_.Now(),
                             .application = request.application,
                             .type = "Unfrozen",
                             .message = request.reason.empty() ? "was: " + gate::Show(*freeze)
                                                               : request.reason,
                             .actor = request.actor}}}));
    std::erase_if(safeguards_.freezes,
                  [&](const auto& f) { return f.application == request.application; });
    ReconsiderHeld();
    return {};
  });
}

Result<gate::Override> Controller::BreakGlass(const OverrideRequest& request) {
  return OnControl([&]() -> Result<gate::Override> {
    TRY(CheckScope(request.application, gate::Deed::kOverride, request.actor));
    const Timestamp now = Second(clock_.Now());
    const gate::Override given{.application = request.application,
                               .actor = request.actor,
                               .reason = request.reason,
                               .at = now,
                               .until = now + request.length};
    TRY(gate::Check(given));
    TRY(Commit({PutRecord{gate::ToRecord(given)}, AppendEvent{{.at = given.at,
                                                               .application = given.application,
                                                               .type = "GlassBroken",
                                                               .message = gate::Show(given),
                                                               .actor = given.actor}}}));
    telemetry::LogWarning("the glass is broken", {{"what", gate::Show(given)}});
    Put(safeguards_.overrides, given);
    return given;
  });
}

Status Controller::MendGlass(const ReleaseRequest& request) {
  return OnControl([&]() -> Status {
    TRY(CheckScope(request.application, gate::Deed::kOverride, request.actor));
    const gate::Override* given = FindOf(safeguards_.overrides, request.application, clock_.Now());
    if (given == nullptr) {
      return Fail(NotFound(Named(request.application) + " has no override of its own"));
    }
    TRY(Commit({Without(RecordKind::kOverride, request.application),
                AppendEvent{{.at = clock_.Now(),
                             .application = request.application,
                             .type = "OverrideEnded",
                             .message = request.reason.empty() ? "was: " + gate::Show(*given)
                                                               : request.reason,
                             .actor = request.actor}}}));
    std::erase_if(safeguards_.overrides,
                  [&](const auto& o) { return o.application == request.application; });
    return {};
  });
}

Result<FreezeList> Controller::ListFreezes() {
  return OnControl([&]() -> Result<FreezeList> {
    const Timestamp now = clock_.Now();
    FreezeList out;
    std::ranges::copy_if(safeguards_.freezes, std::back_inserter(out.freezes),
                         [&](const auto& f) { return !gate::IsOver(f, now); });
    std::ranges::copy_if(safeguards_.overrides, std::back_inserter(out.overrides),
                         [&](const auto& o) { return !gate::IsOver(o, now); });
    return out;
  });
}

}  // namespace swell::control
