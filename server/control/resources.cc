// Controller: what users declare and change.

#include <algorithm>

#include "base/core/check.h"
#include "reconciler/diff/rules.h"
#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

std::int64_t GenerationOf(const Resource& resource) {
  return std::visit([](const auto& r) { return r.generation; }, resource);
}

}  // namespace

Status Controller::CheckResource(const Resource& resource) const {
  if (const auto* application = std::get_if<Application>(&resource)) {
    const auto entry = entries_.find(application->name);
    if (entry != entries_.end() && entry->second->runner &&
        entry->second->runner->state().kind == PlanKind::kDelete) {
      return Fail(FailedPrecondition("Application " + application->name +
                                     " is being deleted: wait for rollout " +
                                     entry->second->runner->state().id + " or cancel it first"));
    }
    if (const std::string cycle = DependencyCycle(*application); !cycle.empty()) {
      return Fail(InvalidArgument("Application " + application->name +
                                  ": spec.dependsOn: goes in a circle: " + cycle));
    }
    const auto rules = diff::RuleBook::Compile(application->ignore_differences);
    if (!rules) return Fail(Error(rules.error()).Wrap("Application " + application->name));
    const auto checks =
        health::Checks::Compile(application->health_checks, health::kHealthChecksField);
    if (checks) return {};
    return Fail(Error(checks.error()).Wrap("Application " + application->name));
  }
  if (const auto* window = std::get_if<ChangeWindow>(&resource)) {
    TRY(gate::Window::Compile(*window));
    return {};
  }
  const auto* cluster = std::get_if<Cluster>(&resource);
  if (!cluster) return {};
  const Status usable = fleet_.Check(*cluster);
  if (!usable) return Fail(Error(usable.error()).Wrap("Cluster " + cluster->name));
  return {};
}

Result<std::vector<AppliedResource>> Controller::ApplyResources(std::vector<Resource> resources,
                                                                const std::string& actor,
                                                                DryRun dry_run) {
  return OnControl([&]() -> Result<std::vector<AppliedResource>> {
    std::vector<AppliedResource> out;
    std::vector<Mutation> mutations;
    std::vector<Resource> changed;
    for (Resource& resource : resources) {
      const std::string kind(KindOf(resource));
      const std::string name = NameOf(resource);
      const bool twice = std::ranges::any_of(
          out, [&](const AppliedResource& a) { return a.kind == kind && a.name == name; });
      if (twice) return Fail(InvalidArgument(kind + " " + name + " is given twice"));
      const auto before = TRY(ledger_.GetResource(kind, name));
      AppliedResource applied{kind, name, ApplyOutcome::kCreated};
      if (before) {
        const bool same =
            ToValue(*before, SecretFields::kReveal) == ToValue(resource, SecretFields::kReveal);
        applied.outcome = same ? ApplyOutcome::kUnchanged : ApplyOutcome::kChanged;
      }
      out.push_back(applied);
      if (applied.outcome == ApplyOutcome::kUnchanged) continue;
      TRY(CheckResource(resource));
      const std::int64_t generation = (before ? GenerationOf(*before) : 0) + 1;
      std::visit([&](auto& r) { r.generation = generation; }, resource);
      mutations.push_back(PutResource{resource});
      const bool created = applied.outcome == ApplyOutcome::kCreated;
      mutations.push_back(AppendEvent{{.at = clock_.Now(),
                                       .application = kind == "Application" ? name : "",
                                       .cluster = kind == "Cluster" ? name : "",
                                       .type = kind + (created ? "Created" : "Changed"),
                                       .message = "generation " + std::to_string(generation),
                                       .actor = actor}});
      changed.push_back(resource);
    }
    if (dry_run == DryRun::kYes || mutations.empty()) return out;
    TRY(Commit(std::move(mutations)));
    for (const Resource& resource : changed) Adopt(resource);
    RefreshSources();
    for (auto& [name, entry] : entries_) Evaluate(*entry);
    return out;
  });
}

void Controller::Adopt(const Resource& resource) {
  if (const auto* cluster = std::get_if<Cluster>(&resource)) {
    ++fleet_version_;
    return fleet_.Set(*cluster);
  }
  if (const auto* repository = std::get_if<Repository>(&resource)) {
    std::erase_if(repositories_, [&](const Repository& r) { return r.name == repository->name; });
    repositories_.push_back(*repository);
    return UseRepositories();
  }
  if (const auto* team = std::get_if<Team>(&resource)) {
    std::erase_if(safeguards_.teams, [&](const Team& t) { return t.name == team->name; });
    safeguards_.teams.push_back(*team);
    return;
  }
  if (const auto* declared = std::get_if<ChangeWindow>(&resource)) {
    auto window = gate::Window::Compile(*declared);
    SWELL_CHECK(window.has_value());  // CheckResource has tried it
    std::erase_if(safeguards_.windows,
                  [&](const gate::Window& w) { return w.declared().name == declared->name; });
    safeguards_.windows.push_back(std::move(*window));
    return ReconsiderHeld();
  }
  const Application& application = std::get<Application>(resource);
  auto& entry = entries_[application.name];
  if (!entry) {
    entry = std::make_unique<Entry>();
    entry->state.application = application.name;
    entry->book = heal::Book(application.name);
    // A name that comes back goes on counting where it stopped.
    if (const auto last = ledger_.ListRollouts(application.name, 0, 1); last && !last->empty()) {
      entry->state.last_rollout = last->front().number;
      entry->last = last->front();
    }
  }
  const SourceSpec& before = entry->spec.source;
  if (KeyOf(before) != KeyOf(application.source) ||
      before.revision != application.source.revision) {
    entry->state.revision = {};  // of another ref: nothing is known of the new one yet
  }
  entry->spec = application;
  entry->fleet_version = -1;
}

}  // namespace swell::control
