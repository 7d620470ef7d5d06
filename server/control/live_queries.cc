// Controller: what runs in the clusters, asked of the clusters themselves.

#include <algorithm>

#include "reconciler/live/log_follower.h"
#include "reconciler/live/tree_reader.h"
#include "server/control/controller.h"
#include "server/control/on_control.h"

namespace swell::control {
namespace {

// Clients wait for 30 s: the answer, with what is known by then, must come before.
constexpr Duration kLimit = std::chrono::seconds(20);
constexpr std::size_t kParallel = 16;      // clusters that are asked at a time
constexpr std::size_t kMaxNodes = 50'000;  // of an answer over all clusters
constexpr int kMaxSessions = 64;

class Session final : public LogSession {
 public:
  Session(std::shared_ptr<live::LogQueue> queue,
          std::vector<std::shared_ptr<live::LogFollower>> followers,
          std::shared_ptr<std::atomic<int>> sessions)
      : queue_(std::move(queue)),
        followers_(std::move(followers)),
        sessions_(std::move(sessions)) {}
  ~Session() override {
    for (const auto& follower : followers_) follower->Stop();
    // Nobody reads on: what still arrives is dropped.
    queue_->Fail(Error(ErrorCode::kCancelled, "the call has ended"));
    --*sessions_;
  }
  void Read(live::LogQueue::Done done) override { queue_->Read(std::move(done)); }

 private:
  const std::shared_ptr<live::LogQueue> queue_;
  const std::vector<std::shared_ptr<live::LogFollower>> followers_;
  const std::shared_ptr<std::atomic<int>> sessions_;
};

std::size_t CountNodes(const std::vector<live::TreeNode>& nodes) {
  std::size_t count = 0;
  live::ForEachNode(nodes, [&](const live::TreeNode&) { ++count; });
  return count;
}

live::Tree Judged(const live::TreeParts& parts, const health::Checks& checks, Timestamp now) {
  health::CheckBudget budget;
  live::TreeOptions options;
  options.assess = [&](const Value& object) {
    return health::Assess(object, {.checks = &checks, .budget = &budget, .now = now});
  };
  return live::BuildTree(parts.roots, parts.owned, options);
}

Result<std::optional<live::ObjectPattern>> PatternOf(const std::string& object) {
  if (object.empty()) return std::nullopt;
  return TRY(live::ObjectPattern::Parse(object));
}

void ReadEventsBelow(const LiveTarget& target, const std::optional<live::ObjectPattern>& pattern,
                     std::function<void(Result<live::ReadEvents>)> done) {
  live::ReadTreeOf(
      *target.connection, target.objects,
      [connection = *target.connection, pattern, done](Result<live::TreeParts> parts) {
        if (!parts) return done(Fail(parts.error()));
        // What an earlier revision was told last, that its pods were deleted, is told of it.
        const live::Tree tree =
            live::BuildTree(parts->roots, parts->owned,
                            {.earlier = live::EarlierRevisions::kShown, .assess = nullptr});
        std::map<std::string, std::set<std::string>> uids;
        live::ForEachNode(pattern ? live::Matching(tree.roots, *pattern) : tree.roots,
                          [&](const live::TreeNode& node) {
                            if (!node.uid.empty()) uids[node.id.ns].insert(node.uid);
                          });
        live::ReadEventsOf(connection, std::move(uids),
                           [warnings = std::move(parts->warnings), done](live::ReadEvents events) {
                             events.warnings.insert(events.warnings.begin(), warnings.begin(),
                                                    warnings.end());
                             done(std::move(events));
                           });
      },
      {.detail = live::Detail::kOwners});
}

}  // namespace

Result<std::vector<LiveTarget>> Controller::LiveTargets(const std::string& application,
                                                        const std::string& cluster) {
  auto targets = TRY(OnControl([&]() -> Result<std::vector<LiveTarget>> {
    const Entry& entry = *TRY(Find(application));
    std::vector<LiveTarget> out;
    for (const auto& [name, record] : entry.records) {
      if (!cluster.empty() && cluster != name) continue;
      LiveTarget target{.cluster = name, .connection = Fail(NotFound("")), .objects = {}};
      for (const InventoryEntry& object : record.inventory) {
        target.objects.push_back({object.id, object.version});
      }
      out.push_back(std::move(target));
    }
    if (out.empty() && !cluster.empty() && !fleet_.Find(cluster)) {
      return Fail(NotFound("there is no cluster " + cluster));
    }
    return out;
  }));
  if (targets.empty()) {
    return Fail(FailedPrecondition(application + " is not deployed" +
                                   (cluster.empty() ? " anywhere yet" : " in cluster " + cluster)));
  }
  for (LiveTarget& target : targets) target.connection = clients_.Find(target.cluster);
  return targets;
}

// The user's own health checks, as rollouts of the application use them.
Result<health::Checks> Controller::ChecksFor(const std::string& application) {
  const Application spec =
      TRY(OnControl([&]() -> Result<Application> { return TRY(Find(application))->spec; }));
  auto own = health::Checks::Compile(spec.health_checks, health::kHealthChecksField);
  if (!own) own = health::Checks::Broken(own.error());
  return own->Before(options_.health_checks);
}

Result<std::vector<ClusterTree>> Controller::Tree(const TreeRequest& request) {
  const auto targets = TRY(LiveTargets(request.application, request.cluster));
  const health::Checks checks = TRY(ChecksFor(request.application));
  auto answers =
      Gather<live::TreeParts>(targets, kParallel, kLimit, [](const LiveTarget& target, auto done) {
        live::ReadTreeOf(*target.connection, target.objects, std::move(done));
      });
  std::vector<ClusterTree> out;
  std::size_t nodes = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    ClusterTree tree{.cluster = targets[i].cluster};
    if (!answers[i]) {
      tree.error = answers[i].error().ToString();
    } else {
      live::Tree built = Judged(*answers[i], checks, clock_.Now());
      tree.objects = std::move(built.roots);
      tree.warnings = std::move(answers[i]->warnings);
      if (built.cut) tree.warnings.push_back("there are more objects than are shown");
      if (request.unhealthy) live::KeepUnwell(tree.objects);
      if (request.depth > 0) live::CutBelow(tree.objects, request.depth);
      nodes += CountNodes(tree.objects);
    }
    if (nodes > kMaxNodes) {
      return Fail(ResourceExhausted("the trees have more than " + std::to_string(kMaxNodes) +
                                    " objects in all: say less with --cluster, --depth or "
                                    "--unhealthy"));
    }
    out.push_back(std::move(tree));
  }
  return out;
}

Result<LiveEvents> Controller::ListLiveEvents(const LiveEventsRequest& request) {
  const auto pattern = TRY(PatternOf(request.object));
  const auto targets = TRY(LiveTargets(request.application, request.cluster));
  auto answers = Gather<live::ReadEvents>(targets, kParallel, kLimit,
                                          [&](const LiveTarget& target, auto done) {
                                            ReadEventsBelow(target, pattern, std::move(done));
                                          });
  LiveEvents out;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string& cluster = targets[i].cluster;
    if (!answers[i]) {
      out.unread.emplace_back(cluster, answers[i].error().ToString());
      continue;
    }
    for (const std::string& warning : answers[i]->warnings) {
      out.warnings.push_back(cluster + ": " + warning);
    }
    for (live::LiveEvent& event : answers[i]->events) {
      if (request.warnings && event.type == "Normal") continue;
      out.events.push_back({cluster, std::move(event)});
    }
  }
  std::ranges::stable_sort(out.events, &live::LiveEvent::Before, &LiveEvents::One::event);
  const auto limit = static_cast<std::size_t>(std::max(1, request.limit));
  if (out.events.size() > limit) {
    out.events.erase(out.events.begin(), out.events.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return out;
}

Result<std::unique_ptr<LogSession>> Controller::Logs(const LogsRequest& request) {
  if (request.previous && request.follow) {
    return Fail(
        InvalidArgument("the log before a restart does not grow: give --previous or "
                        "--follow, not both"));
  }
  live::LogOptions options;
  options.object = TRY(PatternOf(request.object));
  options.pod = request.pod;
  options.container = request.container;
  options.mode = request.follow ? live::LogMode::kFollow : live::LogMode::kOnce;
  options.instance = request.previous ? live::LogInstance::kPrevious : live::LogInstance::kCurrent;
  options.tail = request.tail;
  options.since = request.since;
  options.since_time = request.since_time;
  options.streams = log_streams_;
  const auto targets = TRY(LiveTargets(request.application, request.cluster));
  if (++*log_sessions_ > kMaxSessions) {
    --*log_sessions_;
    return Fail(ResourceExhausted("more than " + std::to_string(kMaxSessions) +
                                  " calls read logs at a time"));
  }
  const auto queue = live::LogQueue::Make(
      {.order = request.follow ? live::LogQueue::Order::kArrival : live::LogQueue::Order::kTime});
  // Until every cluster's follower is there: one that is done at once must not end the call.
  queue->Hold();
  std::vector<std::shared_ptr<live::LogFollower>> followers;
  for (const LiveTarget& target : targets) {
    if (!target.connection) {
      queue->Note({.cluster = target.cluster,
                   .note = "cannot be read: " + target.connection.error().ToString()});
      continue;
    }
    followers.push_back(
        live::LogFollower::Start(*target.connection, target.objects, options, queue));
  }
  queue->Release();
  return std::make_unique<Session>(queue, std::move(followers), log_sessions_);
}

}  // namespace swell::control
