#include "server/control/poller.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/telemetry/log.h"

namespace swell::control {

struct Poller::Source {
  std::string url;
  std::set<std::string> refs;  // of applications
  // Asked for once: ref -> who waits.
  std::multimap<std::string, std::move_only_function<void(Result<Revision>)>> asked;
  std::shared_ptr<const Repository> credentials;
  std::int64_t epoch = 0;  // grows when the mirror has to be opened anew
  bool busy = false;
  bool again = false;
};

// What jobs on the Git threads and readers of trees share.
struct Poller::Shared {
  struct Opened {
    std::shared_ptr<git::Mirror> mirror;
    std::int64_t epoch = -1;
  };
  std::mutex mutex;
  std::map<std::string, Opened> mirrors;  // guarded by mutex
  std::atomic<std::int64_t> resolutions = 0;
  std::atomic<Poller*> poller;  // null once it is gone; read on the control loop only

  Result<std::shared_ptr<git::Mirror>> Open(const std::string& url, std::int64_t epoch,
                                            const std::shared_ptr<const Repository>& credentials,
                                            const Options& options) {
    {
      const std::lock_guard lock(mutex);
      const auto it = mirrors.find(url);
      if (it != mirrors.end() && it->second.epoch == epoch) return it->second.mirror;
    }
    std::shared_ptr<git::Mirror> mirror =
        TRY(git::OpenMirror(options.cache_folder, url, credentials, options.git));
    const std::lock_guard lock(mutex);
    mirrors[url] = {mirror, epoch};
    return mirror;
  }
};

Poller::Poller(net::Loop& control, Executor& git_threads, const Options& options,
               OnResolved on_resolved)
    : control_(control),
      git_threads_(git_threads),
      options_(options),
      on_resolved_(std::move(on_resolved)),
      shared_(std::make_shared<Shared>()) {
  shared_->poller = this;
}

Poller::~Poller() { shared_->poller = nullptr; }

void Poller::SetSources(const std::map<std::string, std::set<std::string>>& sources) {
  std::erase_if(sources_, [&](const auto& entry) {
    return !sources.contains(entry.first) && !entry.second->busy && entry.second->asked.empty();
  });
  for (const auto& [url, refs] : sources) {
    auto& source = sources_[url];
    if (!source) {
      source = std::make_unique<Source>();
      source->url = url;
      const Repository* found = git::CredentialsFor(repositories_, url);
      if (found) source->credentials = std::make_shared<Repository>(*found);
    }
    const bool more =
        !std::ranges::all_of(refs, [&](const auto& ref) { return source->refs.contains(ref); });
    source->refs = refs;
    if (more) Poll(*source);
  }
}

void Poller::SetRepositories(std::vector<Repository> repositories) {
  repositories_ = std::move(repositories);
  for (auto& [url, source] : sources_) {
    const Repository* found = git::CredentialsFor(repositories_, url);
    const bool same = !found == !source->credentials &&
                      (!found || (found->name == source->credentials->name &&
                                  found->generation == source->credentials->generation));
    if (same) continue;
    source->credentials = found ? std::make_shared<Repository>(*found) : nullptr;
    ++source->epoch;
    Poll(*source);
  }
}

void Poller::StartTicking() { Tick(); }

void Poller::Tick() {
  ++ticks_;
  for (auto& [url, source] : sources_) Poll(*source);
  control_.PostAfter(options_.poll_interval, [shared = shared_] {
    if (Poller* poller = shared->poller) poller->Tick();
  });
}

void Poller::Resolve(const std::string& url, const std::string& ref,
                     std::move_only_function<void(Result<Revision>)> done) {
  if (!sources_.contains(url)) {
    auto sources = std::map<std::string, std::set<std::string>>();
    for (const auto& [known, source] : sources_) sources[known] = source->refs;
    sources[url] = {};
    SetSources(sources);
  }
  Source& source = *sources_.at(url);
  source.asked.emplace(ref, std::move(done));
  Poll(source);
}

void Poller::Poll(Source& source) {
  if (source.busy) {
    source.again = true;
    return;
  }
  std::set<std::string> all = source.refs;
  for (const auto& [ref, done] : source.asked) all.insert(ref);
  if (all.empty()) return;
  source.busy = true;
  std::vector<std::string> refs(all.begin(), all.end());
  auto job = [shared = shared_, &control = control_, &options = options_, url = source.url, refs,
              epoch = source.epoch, credentials = source.credentials] {
    std::vector<Result<Revision>> results;
    auto mirror = shared->Open(url, epoch, credentials, options);
    if (mirror) {
      ++shared->resolutions;
      results = (*mirror)->Resolve(refs);
    } else {
      results.assign(refs.size(), Fail(mirror.error()));
    }
    control.Post([shared, url, refs, results = std::move(results)] {
      if (Poller* poller = shared->poller) poller->Finish(url, refs, results);
    });
  };
  if (const Status posted = git_threads_.Post(std::move(job)); !posted) {
    source.busy = false;
    telemetry::LogWarning("cannot poll now",
                          {{"repository", source.url}, {"error", posted.error()}});
  }
}

void Poller::Finish(const std::string& url, const std::vector<std::string>& refs,
                    const std::vector<Result<Revision>>& results) {
  const auto it = sources_.find(url);
  if (it == sources_.end()) return;
  Source& source = *it->second;
  source.busy = false;
  std::vector<std::move_only_function<void()>> answers;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    auto [from, to] = source.asked.equal_range(refs[i]);
    for (auto waiter = from; waiter != to; ++waiter) {
      answers.push_back([done = std::move(waiter->second), result = results[i]]() mutable {
        done(std::move(result));
      });
    }
    source.asked.erase(from, to);
  }
  const std::set<std::string> wanted = source.refs;
  if (source.again || !source.asked.empty()) {
    source.again = false;
    Poll(source);
  }
  // Last: callbacks may change the sources.
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (wanted.contains(refs[i])) on_resolved_(url, refs[i], results[i]);
  }
  for (auto& answer : answers) answer();
}

Result<FileTreePtr> Poller::Tree(const std::string& url, const std::string& commit) const {
  std::shared_ptr<git::Mirror> mirror;
  {
    const std::lock_guard lock(shared_->mutex);
    const auto it = shared_->mirrors.find(url);
    if (it != shared_->mirrors.end()) mirror = it->second.mirror;
  }
  if (!mirror) return Fail(NotFound("the repository " + url + " has not been fetched yet"));
  return mirror->Tree(commit);
}

Poller::Stats Poller::stats() const { return {ticks_, shared_->resolutions}; }

}  // namespace swell::control
