#include "server/control/planning.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "base/value/json.h"
#include "reconciler/fleet/overrides.h"
#include "reconciler/fleet/partition.h"
#include "reconciler/live/lookup.h"
#include "server/control/comparisons.h"
#include "server/control/find_drift.h"
#include "server/control/in_sync.h"

#if defined(__GNUC__) && !defined(__clang__)
// A false alarm of g++ 12 on moving a Result (GCC bug 105562).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace swell::control {

RenderRequest ToRenderRequest(const Application& application, const Revision& revision,
                              const Cluster& cluster, const kube::ApiResources& resources) {
  RenderRequest request = fleet::RequestFor(application, cluster);
  request.cluster.kube_version = resources.version().Normalized();
  request.cluster.api_versions = resources.api_versions();
  request.revision = revision.commit;
  return request;
}

Digest SettingDigest(const Application& application, const std::vector<Cluster>& clusters) {
  Hasher hasher;
  hasher.Add(json::Write(ToValue(application, SecretFields::kRedact)["spec"]));
  for (const WaveProgress& wave : fleet::Partition(application.rollout, clusters)) {
    hasher.Add(wave.name).Add(static_cast<std::int64_t>(wave.clusters.size()));
    for (const std::string& name : wave.clusters) hasher.Add(name);
  }
  // An inline kubeconfig is not: its tokens are renewed, and that is no other cluster.
  for (const Cluster& cluster : clusters) {
    hasher.Add(cluster.name).Add(cluster.kubeconfig_path).Add(cluster.context);
  }
  return hasher.Finish();
}

namespace {

// A chart that looks up what it finds in lookups goes on so often at most.
constexpr int kMaxLookupRounds = 10;
// Clusters whose objects are read or wait to be compared at a time: so many are in memory whole.
constexpr std::size_t kMaxReading = 128;

// One plan in the making. Each cluster goes its own way (discovery, render, live state,
// comparison); the last one to arrive puts the plan together.
class PlanJob : public std::enable_shared_from_this<PlanJob> {
 public:
  PlanJob(const PlanServices& services, PlanRequest request,
          std::move_only_function<void(Result<Planned>)> done)
      : services_(services),
        request_(std::move(request)),
        spec_(SpecFingerprint(request_.application)),
        comparisons_(services_.ledger, request_),
        done_(std::move(done)),
        slots_(request_.targets.size()),
        left_(request_.targets.size()) {}

  void Start() {
    if (slots_.empty()) return Assemble();
    for (std::size_t i = 0; i < slots_.size(); ++i) Discover(i);
  }

 private:
  struct Slot {
    PlannedCluster planned;
    std::optional<Error> failure;  // of the render: fails the whole plan
    kube::ConnectionPtr connection;
    kube::ApiResourcesPtr resources;
    bool discovered_anew = false;
    std::shared_ptr<const LookupSnapshot> lookups;  // null: the application does not allow them
    int lookup_rounds = 0;
    std::shared_ptr<const Manifest> last_manifest;
    PreparedPtr desired;
    PreparedPtr last_applied;
    live::WantedSetPtr wanted;
    std::optional<InSync> in_sync;
  };

  const PlanTarget& Target(std::size_t i) const { return request_.targets[i]; }

  void Discover(std::size_t i) {
    auto connection = services_.clients.Find(Target(i).cluster.name);
    if (!connection) return Unreadable(i, connection.error());
    slots_[i].connection = *connection;
    (*connection)->discovery->Get([self = shared_from_this(), i](auto resources) {
      if (!resources) return self->Unreadable(i, resources.error());
      self->slots_[i].resources = *resources;
      self->RenderSoon(i);
    });
  }

  void Rediscover(std::size_t i) {
    slots_[i].connection->discovery->Refresh([self = shared_from_this(), i](auto resources) {
      if (!resources) return self->Unreadable(i, resources.error());
      self->slots_[i].resources = *resources;
      self->RenderSoon(i);
    });
  }

  // On a worker: discovery that is known already answers in place, on the control loop, and the
  // network's loop has others to serve.
  void RenderSoon(std::size_t i) {
    const Status posted =
        services_.workers.Post([self = shared_from_this(), i] { self->Render(i); });
    if (!posted) Unreadable(i, posted.error());
  }

  void Render(std::size_t i) {
    Slot& slot = slots_[i];
    const PlanTarget& target = Target(i);
    slot.planned.version = slot.resources->version().Normalized();
    if (request_.kind == PlanKind::kDelete) return TakeAway(i);
    auto manifest = target.recorded ? services_.shelf.Get(*target.recorded) : RenderFor(i);
    if (!manifest) return Broken(i, manifest.error());
    if (slot.lookups) {
      auto unanswered = Unanswered((*manifest)->lookups, *slot.lookups);
      if (!unanswered.empty()) return LookUp(i, std::move(unanswered));
    }
    slot.planned.manifest = *manifest;
    auto desired = services_.shelf.Prepare(**manifest, request_.application, *slot.resources);
    if (!desired) {
      // A kind that was not served when the cluster was read may be served now.
      const bool unserved = desired.error().code() == ErrorCode::kFailedPrecondition;
      if (unserved && !std::exchange(slot.discovered_anew, true)) return Rediscover(i);
      return Broken(i, desired.error());
    }
    slot.desired = *desired;
    slot.planned.desired = ObjectsOf(*desired);
    if (!target.record.manifest.empty()) {
      // Without it the comparison knows less (two-way, by ownership), but is not wrong.
      if (auto last = services_.shelf.Get(target.record.manifest)) {
        slot.last_manifest = *last;
        auto prepared = services_.shelf.Prepare(**last, request_.application, *slot.resources);
        if (prepared) slot.last_applied = *prepared;
      }
    }
    if (slot.last_applied) slot.planned.last_applied = ObjectsOf(slot.last_applied);
    ReadTypes(i);
  }

  void ReadTypes(std::size_t i) {
    Slot& slot = slots_[i];
    services_.crds.Get(slot.connection, Target(i).cluster.name, *slot.resources,
                       *slot.planned.desired, services_.shelf.TypesOf(*slot.planned.manifest),
                       [self = shared_from_this(), i](CustomTypesPtr types) {
                         self->slots_[i].planned.custom_types = std::move(types);
                         self->ReadWhenItsTurn(i);
                       });
  }

  void TakeAway(std::size_t i) {
    auto hooks = services_.shelf.PrepareDeletionHooks(Target(i).record.manifest,
                                                      request_.application, *slots_[i].resources);
    if (!hooks) return Broken(i, hooks.error());
    slots_[i].planned.desired = std::move(*hooks);
    ReadWhenItsTurn(i);
  }

  Result<std::shared_ptr<const Manifest>> RenderFor(std::size_t i) {
    Slot& slot = slots_[i];
    const Cluster& cluster = Target(i).cluster;
    const HelmParameters& helm = request_.application.source.helm;
    if (helm.lookup && !slot.lookups) slot.lookups = std::make_shared<LookupSnapshot>();
    RenderRequest request =
        ToRenderRequest(request_.application, request_.revision, cluster, *slot.resources);
    request.now = request_.now;
    request.lookups = slot.lookups;
    request.remotes = request_.remotes;
    if (helm.random_values == RandomValues::kStable) {
      // That it cannot be read is no reason to rotate passwords: then there is no plan.
      slot.planned.stable =
          TRY(services_.ledger.GetStableRecord(request_.application.name, cluster.name));
      request.stable = KnownValues(slot.planned.stable);
    }
    return services_.renders.Render(request_.tree, request, request_.limits);
  }

  // Fetches what the render asked for, and renders again.
  void LookUp(std::size_t i, std::vector<LookupKey> unanswered) {
    Slot& slot = slots_[i];
    if (++slot.lookup_rounds > kMaxLookupRounds) {
      return Broken(i, ResourceExhausted("the chart goes on looking up objects after " +
                                         std::to_string(kMaxLookupRounds) +
                                         " renders, each with the answers of those before (budget "
                                         "lookup rounds); the next would be " +
                                         unanswered.front().ToString()));
    }
    live::LookUp(slot.connection, std::move(unanswered),
                 [self = shared_from_this(), i](Result<LookupSnapshot> answers) {
                   // A budget that ran out says something of the chart, not of the cluster.
                   if (!answers && answers.error().code() == ErrorCode::kResourceExhausted) {
                     return self->Broken(i, answers.error());
                   }
                   if (!answers) return self->Unreadable(i, answers.error());
                   Slot& slot = self->slots_[i];
                   auto all = std::make_shared<LookupSnapshot>(*slot.lookups);
                   all->merge(std::move(*answers));
                   slot.lookups = std::move(all);
                   self->RenderSoon(i);
                 });
  }

  void ReadWhenItsTurn(std::size_t i) {
    {
      const std::lock_guard lock(turns_);
      if (reading_ >= kMaxReading) return waiting_.push_back(i);
      ++reading_;
    }
    ReadLive(i);
  }

  void EndTurn() {
    std::size_t next = 0;
    {
      const std::lock_guard lock(turns_);
      if (waiting_.empty()) {
        --reading_;
        return;
      }
      next = waiting_.front();
      waiting_.pop_front();
    }
    ReadLive(next);
  }

  // Not on the network's loop: the next one's turn looks through all that its watch knows.
  void EndTurnSoon() {
    const Status posted = services_.workers.Post([self = shared_from_this()] { self->EndTurn(); });
    if (!posted) EndTurn();
  }

  void ReadLive(std::size_t i) {
    Slot& slot = slots_[i];
    slot.wanted = WantedBy(slot.desired, *slot.planned.desired, Target(i).record.inventory);
    slot.in_sync.emplace(services_.watching.For(slot.connection), spec_, slot.wanted, slot.desired,
                         slot.last_applied);
    slot.in_sync->Watch(request_.application.name, *slot.resources);
    live::Read(slot.connection, slot.in_sync->ToRead(request_.live_state == LiveState::kWatched),
               [self = shared_from_this(), i](Result<live::Objects> objects) {
                 if (!objects) {
                   self->Unreadable(i, objects.error());
                   return self->EndTurnSoon();
                 }
                 self->slots_[i].planned.live = std::move(*objects);
                 self->CompareSoon(i);
               });
  }

  // Not on the network's loop.
  void CompareSoon(std::size_t i) {
    const Status posted = services_.workers.Post([self = shared_from_this(), i] {
      self->Compare(i);
      self->EndTurn();
    });
    if (posted) return;
    Unreadable(i, posted.error());
    EndTurn();
  }

  void Compare(std::size_t i) {
    Slot& slot = slots_[i];
    slot.in_sync->Look(slot.planned.live);
    const bool deletes = request_.kind == PlanKind::kDelete;
    plan::Planned planned = comparisons_.Make({.target = Target(i),
                                               .cluster = slot.planned,
                                               .desired = slot.desired,
                                               .last_applied = slot.last_applied,
                                               .wanted = slot.wanted,
                                               .in_sync = *slot.in_sync});
    planned.plan.cluster = Target(i).cluster.name;
    slot.in_sync->Learn(planned);
    slot.planned.warnings = std::move(planned.warnings);
    slot.planned.unconfirmed = planned.unconfirmed;
    if (!slot.lookups && !deletes) WarnOfLookups(slot.planned);
    if (!planned.conflicts.empty()) {
      const std::size_t more = planned.conflicts.size() - 1;
      return Broken(i, FailedPrecondition(
                           planned.conflicts.front() +
                           (more > 0 ? " (and " + std::to_string(more) + " objects more)" : "")));
    }
    slot.planned.plan = std::move(planned.plan);
    slot.planned.gave_way = std::move(planned.gave_way);
    if (!deletes) slot.planned.drift = FindDrift(slot.planned, request_.application);
    if (!request_.keep_live) LetGo(slot.planned);
    Arrive();
  }

  // What needs nothing goes, but for what WithUids asks for.
  static void LetGo(PlannedCluster& planned) {
    for (const Operation& operation : planned.plan.operations->operations) {
      if (operation.type != OperationType::kNone) continue;
      const auto read = planned.live.find(operation.id);
      if (read == planned.live.end() || !read->second) continue;
      read->second =
          Value::EmptyObject().WithAt({"metadata", "uid"}, (*read->second)["metadata"]["uid"]);
    }
  }

  static void WarnOfLookups(PlannedCluster& planned) {
    std::set<std::string> templates;
    for (const auto& [key, asked_by] : planned.manifest->lookups) templates.insert(asked_by);
    for (const std::string& name : templates) {
      planned.warnings.push_back(name +
                                 " calls lookup, which finds nothing: set "
                                 "spec.source.helm.lookup: true to let it read the cluster");
    }
  }

  void Unreadable(std::size_t i, const Error& error) {
    slots_[i].planned.plan.cluster = Target(i).cluster.name;
    slots_[i].planned.plan.error = error.ToString();
    Arrive();
  }

  void Broken(std::size_t i, Error error) {
    slots_[i].failure = std::move(error.Wrap("cluster " + Target(i).cluster.name));
    Arrive();
  }

  void Arrive() {
    if (left_.fetch_sub(1) != 1) return;
    // Off the callback that happened to be last: putting together may take a while.
    const Status posted = services_.workers.Post([self = shared_from_this()] { self->Assemble(); });
    if (!posted) done_(Fail(posted.error()));
  }

  void Assemble() {
    Planned out;
    Plan& plan = out.plan;
    plan.clusters.reserve(slots_.size());
    plan.kind = request_.kind;
    plan.application = request_.application.name;
    plan.application_generation = request_.application.generation;
    plan.revision = request_.revision;
    std::map<Digest, std::shared_ptr<const OperationSet>> sets;
    for (Slot& slot : slots_) {
      if (slot.failure) return done_(Fail(std::move(*slot.failure)));
      PlannedCluster& cluster = slot.planned;
      if (cluster.plan.operations) {
        const Digest key = cluster.plan.operations->digest;
        cluster.plan.operations = sets.try_emplace(key, cluster.plan.operations).first->second;
      }
      plan.clusters.push_back(cluster.plan);
      const std::string name = cluster.plan.cluster;
      out.clusters.emplace(name, std::move(cluster));
    }
    std::vector<Cluster> clusters;
    clusters.reserve(slots_.size());
    for (const PlanTarget& target : request_.targets) clusters.push_back(target.cluster);
    plan.digest = PlanDigest(plan, SettingDigest(request_.application, clusters));
    if (request_.tree) NoteReads(out);
    done_(std::move(out));
  }

  void NoteReads(Planned& out) {
    ReadSet reads;
    const Manifest* last = nullptr;
    for (const auto& [name, cluster] : out.clusters) {
      if (!cluster.manifest) return;  // a cluster that could not be read may read other files
      if (cluster.manifest.get() == std::exchange(last, cluster.manifest.get())) continue;
      const ReadSet& mine = cluster.manifest->reads;
      reads.files.insert(mine.files.begin(), mine.files.end());
      reads.directories.insert(mine.directories.begin(), mine.directories.end());
    }
    if (const auto digest = DigestReads(*request_.tree, reads)) {
      out.reads = std::move(reads);
      out.reads_digest = *digest;
    }
  }

  const PlanServices services_;
  const PlanRequest request_;
  const live::Fingerprint spec_;
  Comparisons comparisons_;
  std::move_only_function<void(Result<Planned>)> done_;
  std::vector<Slot> slots_;  // each touched by one thread at a time
  std::atomic<std::size_t> left_;
  std::mutex turns_;  // guards what follows
  std::size_t reading_ = 0;
  std::deque<std::size_t> waiting_;
};

}  // namespace

void MakePlan(const PlanServices& services, PlanRequest request,
              std::move_only_function<void(Result<Planned>)> done) {
  std::make_shared<PlanJob>(services, std::move(request), std::move(done))->Start();
}

}  // namespace swell::control
