#include "server/control/poller.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/telemetry/log.h"

namespace swell::control {

struct Poller::Polled {
  SourceKey key;
  std::set<std::string> refs;  // of applications
  // Asked for once: ref -> who waits.
  std::multimap<std::string, std::move_only_function<void(Result<Revision>)>> asked;
  std::shared_ptr<const Repository> credentials;
  std::int64_t epoch = 0;  // another one when the source has to be opened anew
  bool busy = false;
  bool again = false;
  bool waiting = false;  // in its lane
};

namespace {

// What charts and files share: scheme and host. Git repositories have a lane each.
std::string LaneOf(const SourceKey& key) {
  const std::string& url = key.repository;
  if (!IsChart(key) && key.kind == SourceKey::Kind::kRepository) return url;
  const std::size_t scheme = url.find("://");
  return url.substr(0, url.find('/', scheme == std::string::npos ? 0 : scheme + 3));
}

}  // namespace

// What jobs on the executor and readers of trees share.
struct Poller::Shared {
  struct Opened {
    std::shared_ptr<Source> source;
    std::int64_t epoch = -1;
  };
  explicit Shared(Open open) : open(std::move(open)) {}

  const Open open;
  std::mutex mutex;
  std::map<SourceKey, Opened> sources;  // guarded by mutex
  std::atomic<std::int64_t> resolutions = 0;
  std::atomic<Poller*> poller;  // null once it is gone; read on the control loop only

  Result<std::shared_ptr<Source>> Get(const SourceKey& key, std::int64_t epoch,
                                      const std::shared_ptr<const Repository>& credentials) {
    {
      const std::lock_guard lock(mutex);
      const auto it = sources.find(key);
      if (it != sources.end() && it->second.epoch == epoch) return it->second.source;
    }
    std::shared_ptr<Source> source = TRY(open(key, credentials));
    const std::lock_guard lock(mutex);
    sources[key] = {source, epoch};
    return source;
  }
};

Poller::Poller(net::Loop& control, Executor& executor, Duration interval, Open open,
               OnResolved on_resolved)
    : control_(control),
      executor_(executor),
      interval_(interval),
      on_resolved_(std::move(on_resolved)),
      shared_(std::make_shared<Shared>(std::move(open))) {
  shared_->poller = this;
}

Poller::~Poller() { shared_->poller = nullptr; }

void Poller::SetSources(const std::map<SourceKey, std::set<std::string>>& sources) {
  for (auto& [key, polled] : sources_) {
    if (!sources.contains(key)) polled->refs.clear();  // also while it is busy
  }
  std::erase_if(sources_, [&](const auto& entry) {
    return !sources.contains(entry.first) && !entry.second->busy && entry.second->asked.empty();
  });
  for (const auto& [key, refs] : sources) {
    auto& polled = sources_[key];
    if (!polled) {
      polled = std::make_unique<Polled>();
      polled->key = key;
      // What was opened for it before may have had other credentials.
      polled->epoch = ++last_epoch_;
      const Repository* found = CredentialsFor(repositories_, key.repository);
      if (found) polled->credentials = std::make_shared<Repository>(*found);
    }
    const bool more =
        !std::ranges::all_of(refs, [&](const auto& ref) { return polled->refs.contains(ref); });
    polled->refs = refs;
    if (more) Poll(*polled);
  }
}

void Poller::SetRepositories(std::vector<Repository> repositories) {
  repositories_ = std::move(repositories);
  for (auto& [key, polled] : sources_) {
    const Repository* found = CredentialsFor(repositories_, key.repository);
    const bool same = !found == !polled->credentials &&
                      (!found || (found->name == polled->credentials->name &&
                                  found->generation == polled->credentials->generation));
    if (same) continue;
    polled->credentials = found ? std::make_shared<Repository>(*found) : nullptr;
    polled->epoch = ++last_epoch_;
    Poll(*polled);
  }
}

void Poller::StartTicking() { Tick(); }

void Poller::Tick() {
  ++ticks_;
  for (auto& [key, polled] : sources_) Poll(*polled);
  control_.PostAfter(interval_, [shared = shared_] {
    if (Poller* poller = shared->poller) poller->Tick();
  });
}

void Poller::Resolve(const SourceKey& source, const std::string& ref,
                     std::move_only_function<void(Result<Revision>)> done) {
  if (!sources_.contains(source)) {
    auto sources = std::map<SourceKey, std::set<std::string>>();
    for (const auto& [known, polled] : sources_) sources[known] = polled->refs;
    sources[source] = {};
    SetSources(sources);
  }
  Polled& polled = *sources_.at(source);
  polled.asked.emplace(ref, std::move(done));
  Poll(polled);
}

void Poller::Poll(Polled& polled) {
  if (polled.waiting) return;
  if (polled.busy) {
    polled.again = true;
    return;
  }
  Lane& lane = lanes_[LaneOf(polled.key)];
  if (!lane.busy) return Start(polled);
  polled.waiting = true;
  lane.waiting.push_back(polled.key);
}

// Lets the next one in. Sources that are not polled any more are passed over.
void Poller::LeaveLane(const SourceKey& key) {
  const std::string name = LaneOf(key);
  Lane& lane = lanes_[name];
  lane.busy = false;
  while (!lane.busy && !lane.waiting.empty()) {
    const auto next = sources_.find(lane.waiting.front());
    lane.waiting.pop_front();
    if (next == sources_.end() || !std::exchange(next->second->waiting, false)) continue;
    Start(*next->second);
  }
  if (!lane.busy) lanes_.erase(name);
}

void Poller::Start(Polled& polled) {
  std::set<std::string> all = polled.refs;
  for (const auto& [ref, done] : polled.asked) all.insert(ref);
  if (all.empty()) return;
  polled.busy = true;
  lanes_[LaneOf(polled.key)].busy = true;
  std::vector<std::string> refs(all.begin(), all.end());
  auto job = [shared = shared_, &control = control_, key = polled.key, refs, epoch = polled.epoch,
              credentials = polled.credentials] {
    std::vector<Result<Revision>> results;
    auto source = shared->Get(key, epoch, credentials);
    if (source) {
      ++shared->resolutions;
      results = (*source)->Resolve(refs);
    } else {
      results.assign(refs.size(), Fail(source.error()));
    }
    control.Post([shared, key, refs, results = std::move(results)] {
      if (Poller* poller = shared->poller) poller->Finish(key, refs, results);
    });
  };
  if (const Status posted = executor_.Post(std::move(job)); !posted) {
    polled.busy = false;
    lanes_[LaneOf(polled.key)].busy = false;
    telemetry::LogWarning("cannot poll now", {{"repository", polled.key.repository},
                                              {"chart", polled.key.chart},
                                              {"error", posted.error()}});
  }
}

void Poller::Finish(const SourceKey& key, const std::vector<std::string>& refs,
                    const std::vector<Result<Revision>>& results) {
  const auto it = sources_.find(key);
  if (it == sources_.end()) return LeaveLane(key);
  Polled& polled = *it->second;
  polled.busy = false;
  std::vector<std::move_only_function<void()>> answers;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    auto [from, to] = polled.asked.equal_range(refs[i]);
    for (auto waiter = from; waiter != to; ++waiter) {
      answers.push_back([done = std::move(waiter->second), result = results[i]]() mutable {
        done(std::move(result));
      });
    }
    polled.asked.erase(from, to);
  }
  const std::set<std::string> wanted = polled.refs;
  if (std::exchange(polled.again, false) || !polled.asked.empty()) Poll(polled);  // after others
  LeaveLane(key);
  // Last: callbacks may change the sources.
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (wanted.contains(refs[i])) on_resolved_(key, refs[i], results[i]);
  }
  for (auto& answer : answers) answer();
}

Result<FileTreePtr> Poller::Tree(const SourceKey& source, const std::string& commit) const {
  std::shared_ptr<Source> opened;
  {
    const std::lock_guard lock(shared_->mutex);
    const auto it = shared_->sources.find(source);
    if (it != shared_->sources.end()) opened = it->second.source;
  }
  if (!opened) {
    return Fail(NotFound("the repository " + source.repository +
                         (source.chart.empty() ? "" : " (chart " + source.chart + ")") +
                         " has not been fetched yet"));
  }
  return opened->Tree(commit);
}

Poller::Stats Poller::stats() const { return {ticks_, shared_->resolutions}; }

}  // namespace swell::control
