// Controller: its beginning, its end, and what all its parts share.

#include <algorithm>

#include "base/telemetry/log.h"
#include "reconciler/charts/chart_source.h"
#include "reconciler/fleet/partition.h"
#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

// A thousand clusters tell of what they did one by one; a person does not notice.
constexpr auto kGather = std::chrono::milliseconds(1);

// Gates that are asked at a time; each waits for a server, half a minute at most.
constexpr std::size_t kGateThreads = 8;

}  // namespace

Controller::Controller(Options options, Ledger& ledger, const Clock& clock)
    : options_(std::move(options)),
      ledger_(ledger),
      clock_(clock),
      fence_(std::make_shared<Fence>(
          ledger, [this](const Error& why) { control_.Post([this, why] { OnFenced(why); }); })),
      shelf_(ledger),
      keeper_(ledger),
      fetcher_(options_.chart_cache_folder, options_.charts,
               [](const std::string& file, std::string_view why) {
                 telemetry::LogWarning("removing a file of the chart cache",
                                       {{"file", file}, {"why", why}});
               }),
      dependencies_(fetcher_),
      files_(options_.remote_cache_folder, options_.remotes),
      workers_({.name = "worker", .threads = options_.workers}),
      git_threads_({.name = "git", .threads = options_.git_threads}),
      gate_threads_({.name = "gate", .threads = kGateThreads}),
      fetch_threads_({.name = "fetch", .threads = options_.git_threads}),
      crds_(workers_),
      clients_({.executor = &workers_,
                .client = options_.client,
                .allowed_commands = options_.allowed_exec_commands,
                .proxies = net::ProxyEnvironment::OfProcess()}),
      control_("control", kGather),
      watching_([this, control = control_.ref()](const std::string& application,
                                                 const std::string& cluster, live::Change change) {
        control.Post(
            [this, application, cluster, change] { OnLiveChanged(application, cluster, change); });
      }),
      fleet_(clients_),
      poller_(
          control_, git_threads_, options_.poll_interval,
          [this](const SourceKey& key, std::shared_ptr<const Repository> credentials) {
            return OpenSource(key, std::move(credentials));
          },
          [this](const SourceKey& key, const std::string& ref, const Result<Revision>& revision) {
            OnRemoteResolved(key, ref, revision);
            OnResolved(key, ref, revision);
          }) {}

Controller::~Controller() { Stop(); }

Status Controller::Start() {
  return OnControl([this]() -> Status {
    TRY(Load());
    RefreshSources();
    poller_.StartTicking();
    TickSoon();
    return {};
  });
}

void Controller::Stop() {
  if (stopped_) return;
  stopped_ = true;
  fence_->Close();
  control_.Run([this] { AbandonAll(Unavailable("the server is going down")); });
  watching_.Stop();
  fetcher_.Stop();
  gate_evaluator_.Stop();
  files_.Stop();
  git_threads_.Stop();
  fetch_threads_.Stop();
  gate_threads_.Stop();
  for (const std::string& name : clients_.names()) clients_.Remove(name);
  workers_.Stop();
  control_.Stop();
}

void Controller::AbandonAll(const Error& why) {
  for (auto& [name, entry] : entries_) {
    if (entry->runner) entry->runner->Abandon();
    for (Intent& intent : entry->intents) {
      if (intent.answer) intent.answer(Fail(why));
    }
    entry->intents.clear();
  }
}

// Its rollouts are the other server's now.
void Controller::OnFenced(const Error& why) {
  telemetry::LogError("writing no more", {{"error", why}});
  AbandonAll(why);
  if (options_.on_fenced) options_.on_fenced(why);
}

Status Controller::Load() {
  for (Resource& r : TRY(ledger_.ListResources("Repository"))) {
    repositories_.push_back(std::move(std::get<Repository>(r)));
  }
  UseRepositories();
  TRY(LoadSafeguards());
  for (const Resource& r : TRY(ledger_.ListResources("Cluster"))) fleet_.Set(std::get<Cluster>(r));
  std::map<std::string, ApplicationState> states;
  for (ApplicationState& state : TRY(ledger_.ListApplicationStates())) {
    states.emplace(state.application, std::move(state));
  }
  for (const Resource& r : TRY(ledger_.ListResources("Application"))) {
    TRY(LoadApplication(std::get<Application>(r), states));
  }
  TRY(ForgetDeleted());
  for (const RolloutState& rollout : TRY(ledger_.ActiveRollouts())) {
    if (const Status resumed = Resume(rollout); !resumed) {
      telemetry::LogError("cannot resume a rollout",
                          {{"rollout", rollout.id}, {"error", resumed.error()}});
    }
  }
  return {};
}

Status Controller::LoadApplication(const Application& application,
                                   const std::map<std::string, ApplicationState>& states) {
  auto entry = std::make_unique<Entry>();
  entry->spec = application;
  const auto state = states.find(application.name);
  if (state != states.end()) entry->state = state->second;
  entry->state.application = application.name;
  for (ClusterRecord& record : TRY(ledger_.ListClusterRecords(application.name))) {
    entry->records.emplace(record.cluster, std::move(record));
  }
  entry->quarantine = TRY(ledger_.ListQuarantine(application.name));
  entry->book = heal::Book(application.name);
  TRY(entry->book.Load(ledger_));
  if (entry->state.last_rollout > 0) {
    entry->last = TRY(ledger_.GetRollout(application.name, entry->state.last_rollout));
  }
  entries_.insert_or_assign(application.name, std::move(entry));
  return {};
}

// A crash came between the end of a deletion and what follows from it.
Status Controller::ForgetDeleted() {
  std::vector<Entry*> deleted;
  for (auto& [name, entry] : entries_) {
    const auto& last = entry->last;
    const bool gone =
        last && last->kind == PlanKind::kDelete && last->phase == RolloutPhase::kSucceeded;
    // One that was declared anew since then has no records, or deployed ones.
    const bool cleared = std::ranges::all_of(entry->records, [](const auto& record) {
      return record.second.manifest.empty() && record.second.inventory.empty();
    });
    if (gone && cleared && !entry->records.empty()) deleted.push_back(entry.get());
  }
  for (Entry* entry : deleted) {
    const std::string how = "its objects were deleted by rollout " + entry->last->id;
    TRY(Forget(*entry, how, entry->last->actor));
  }
  return {};
}

Status Controller::Resume(const RolloutState& rollout) {
  const auto it = entries_.find(rollout.application);
  if (it == entries_.end()) {
    return Fail(NotFound("its application " + rollout.application + " is not declared any more"));
  }
  Entry& entry = *it->second;
  const std::string text = TRY(ledger_.GetBlob(BlobKind::kPlan, rollout.plan));
  telemetry::LogInfo("resuming a rollout", {{"rollout", rollout.id}});
  entry.runner = MakeRunner(entry, rollout, TRY(ParsePlan(text)));
  entry.runner->Start();
  return {};
}

void Controller::RefreshSources() {
  std::map<SourceKey, std::set<std::string>> sources;
  for (const auto& [name, entry] : entries_) {
    sources[KeyOf(entry->spec.source)].insert(entry->spec.source.revision);
    if (entry->state.remotes.empty()) continue;
    const remotes::Policy policy = PolicyOf(*entry);
    for (const auto& [remote, id] : entry->state.remotes) {
      if (remotes::IsAllowed(remote, policy)) sources[KeyOf(remote)].insert(remote.ref);
    }
  }
  poller_.SetSources(sources);
}

// On the executor: touches nothing that belongs to the control loop.
Result<std::unique_ptr<Source>> Controller::OpenSource(
    const SourceKey& key, std::shared_ptr<const Repository> credentials) {
  if (key.kind == SourceKey::Kind::kFile) return files_.Open(key.repository);
  if (IsChart(key)) return charts::OpenChart(fetcher_, key);
  return git::OpenMirror(options_.cache_folder, key.repository, std::move(credentials),
                         options_.git);
}

void Controller::UseRepositories() {
  fetcher_.SetRepositories(repositories_);  // first: the poller polls at once
  files_.SetRepositories(repositories_);
  poller_.SetRepositories(repositories_);
}

// Looks for resyncs and retries that are due, for changed kubeconfigs, and whether the ledger is
// still ours.
void Controller::TickSoon() {
  control_.PostAfter(std::chrono::seconds(1), [this] {
    if (!fence_->Holds() && !fence_->status()) return;
    const Timestamp now = clock_.Now();
    fleet_.RefreshChangedFiles();
    TickSafeguards();
    for (auto& [name, entry] : entries_) {
      ExpireTolerances(*entry, now);
      if (now >= entry->resync_at) Evaluate(*entry);
    }
    SweepKeptSometimes(now);
    TickSoon();
  });
}

Result<Controller::Entry*> Controller::Find(const std::string& application) {
  const auto it = entries_.find(application);
  if (it == entries_.end()) return Fail(NotFound("there is no application " + application));
  return it->second.get();
}

std::vector<Cluster> Controller::Selected(const Application& application) const {
  return fleet::Select(application.destination.clusters, fleet_.All());
}

Digest Controller::FleetDigest(const std::vector<Cluster>& clusters) {
  Hasher hasher;
  for (const Cluster& c : clusters) {
    hasher.Add(c.name).Add(c.generation);
  }
  return hasher.Finish();
}

Controller::PlannedFor Controller::Wanted(Entry& entry) const {
  if (entry.fleet_version != fleet_version_) {
    entry.fleet = FleetDigest(Selected(entry.spec));
    entry.fleet_version = fleet_version_;
  }
  return {.commit = entry.state.revision.commit,
          .generation = entry.spec.generation,
          .fleet = entry.fleet,
          .remotes = RemotesDigest(PolicyOf(entry), entry.state.remotes)};
}

LedgerEvent Controller::Event(const Entry& entry, std::string type, std::string message,
                              std::string actor) const {
  return {.at = clock_.Now(),
          .application = entry.spec.name,
          .type = std::move(type),
          .message = std::move(message),
          .actor = std::move(actor)};
}

Status Controller::Commit(std::vector<Mutation> mutations) {
  std::vector<LedgerEvent> events;
  for (const Mutation& m : mutations) {
    if (const auto* append = std::get_if<AppendEvent>(&m)) events.push_back(append->event);
  }
  const Status done = ledger_.Commit(std::move(mutations));
  if (!done) {
    telemetry::LogError("cannot write the ledger", {{"error", done.error()}});
    return done;
  }
  for (LedgerEvent& event : events) {
    const std::string application = event.application;
    Publish({.event = std::move(event)}, application);
  }
  return {};
}

void Controller::Publish(const Update& update, const std::string& application) {
  for (const auto& [id, subscription] : subscriptions_) {
    if (subscription.application.empty() || subscription.application == application) {
      subscription.listener(update);
    }
  }
}

}  // namespace swell::control
