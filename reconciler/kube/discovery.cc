#include "reconciler/kube/discovery.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/core/strings.h"
#include "reconciler/kube/discovery_read.h"

namespace swell::kube {

struct Discovery::Impl : std::enable_shared_from_this<Discovery::Impl> {
  Impl(Client& c, std::shared_ptr<ApiResourcesShelf> s)
      : shelf(std::move(s)), client(&c), cluster(c.cluster()) {}

  const std::shared_ptr<ApiResourcesShelf> shelf;  // may be null
  std::mutex mutex;
  Client* client;  // guarded by mutex; nullptr once the Discovery is gone
  const std::string cluster;
  ApiResourcesPtr current;                         // guarded by mutex
  bool reading = false;                            // guarded by mutex
  std::vector<Callback<ApiResourcesPtr>> running;  // wait for this reading; guarded by mutex
  std::vector<Callback<ApiResourcesPtr>> next;     // wait for the one after; guarded by mutex

  void Refresh(Callback<ApiResourcesPtr> done) {
    {
      std::lock_guard lock(mutex);
      // A reading that began before may have missed what this caller knows about.
      (reading ? next : running).push_back(std::move(done));
      if (std::exchange(reading, true)) return;
    }
    Read();
  }

  void Read() {
    const auto self = shared_from_this();
    ReadApiResources(
        [self](Request request, Callback<Response> done) {
          self->Send(std::move(request), std::move(done));
        },
        [self](ApiResult<ApiResourcesPtr> result) { self->OnRead(std::move(result)); });
  }

  void Send(Request request, Callback<Response> done) {
    {
      std::lock_guard lock(mutex);
      if (client) {
        client->Do(std::move(request), std::move(done));
        return;
      }
    }
    done(ApiFail(Error(ErrorCode::kCancelled, "cluster " + cluster + ": discovery was given up")));
  }

  void OnRead(ApiResult<ApiResourcesPtr> result) {
    if (result && shelf) *result = shelf->Share(*std::move(result));
    std::vector<Callback<ApiResourcesPtr>> callbacks;
    bool again = false;
    {
      std::lock_guard lock(mutex);
      if (result) current = *result;
      callbacks = std::exchange(running, std::exchange(next, {}));
      again = reading = !running.empty();
    }
    for (auto& callback : callbacks) callback(result);
    if (again) Read();
  }
};

ApiResourcesPtr ApiResourcesShelf::Share(ApiResourcesPtr snapshot) {
  // What failed is not in the digest, and may differ.
  if (!snapshot->failures().empty()) return snapshot;
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const ApiResources>& held = held_[snapshot->digest()];
  if (ApiResourcesPtr same = held.lock();
      same && std::ranges::equal(same->all(), snapshot->all())) {
    return same;
  }
  held = snapshot;
  std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
  return snapshot;
}

Discovery::Discovery(Client& client, std::shared_ptr<ApiResourcesShelf> shelf)
    : impl_(std::make_shared<Impl>(client, std::move(shelf))) {}

Discovery::~Discovery() {
  std::lock_guard lock(impl_->mutex);
  impl_->client = nullptr;
}

ApiResourcesPtr Discovery::Current() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->current;
}

void Discovery::Get(Callback<ApiResourcesPtr> done) {
  if (const ApiResourcesPtr current = Current()) return done(current);
  std::unique_lock lock(impl_->mutex);
  // A first reading in progress serves as well as another.
  if (impl_->reading) {
    impl_->running.push_back(std::move(done));
    return;
  }
  lock.unlock();
  impl_->Refresh(std::move(done));
}

void Discovery::Refresh(Callback<ApiResourcesPtr> done) { impl_->Refresh(std::move(done)); }

void Discovery::Resolve(const GroupKind& kind, const std::string& version,
                        Callback<ApiResource> done) {
  const auto find = [kind, version](const ApiResources& resources) {
    return version.empty() ? resources.Find(kind)
                           : resources.Find(GroupVersionKind{kind.group, version, kind.kind});
  };
  if (const ApiResourcesPtr current = Current()) {
    if (const ApiResource* found = find(*current)) return done(*found);
  }
  const std::string name = (kind.group.empty() ? "" : kind.group + "/") +
                           (version.empty() ? "" : version + " ") + kind.kind;
  Refresh([find, kind, name, cluster = impl_->cluster,
           done = std::move(done)](ApiResult<ApiResourcesPtr> resources) mutable {
    if (!resources) return done(std::unexpected(std::move(resources.error())));
    if (const ApiResource* found = find(**resources)) return done(*found);
    if ((*resources)->Failed(kind.group)) {
      return done(
          ApiFail(Unavailable("cluster " + cluster + ": " + name +
                              " is not known, and its API group could not be read in full")));
    }
    done(ApiFail(NotFound("cluster " + cluster + ": kind " + name +
                          " is not served; is its CustomResourceDefinition installed?")));
  });
}

}  // namespace swell::kube
