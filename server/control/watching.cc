#include "server/control/watching.h"

#include <utility>
#include <vector>

#include "reconciler/kube/informer.h"

namespace swell::control {
namespace {

kube::InformerHandler Adapt(live::CollectionHandler handler) {
  auto shared = std::make_shared<live::CollectionHandler>(std::move(handler));
  kube::InformerHandler out;
  out.on_replace = [shared](std::vector<Value> items, const std::string&) {
    shared->on_replace(items);
  };
  out.on_event = [shared](kube::WatchEvent event) { shared->on_event(event); };
  out.on_stale = [shared](const kube::ApiError&) { shared->on_stale(); };
  out.on_current = [shared] { shared->on_current(); };
  out.on_end = [shared](kube::ApiError error) { shared->on_end(error.error); };
  return out;
}

// The connection is kept as long as something is watched over it.
struct OpenWatch {
  kube::ConnectionPtr connection;
  kube::Informer informer;
};

live::StartWatch Starter(const kube::ConnectionPtr& connection) {
  return [weak = std::weak_ptr(connection)](const kube::ResourceRef& ref,
                                            live::CollectionHandler handler) -> live::WatchHandle {
    auto connection = weak.lock();
    if (!connection) return nullptr;
    auto informer = kube::Informer::Start(*connection->client, ref, {}, Adapt(std::move(handler)));
    return std::make_shared<OpenWatch>(std::move(connection), std::move(informer));
  };
}

}  // namespace

std::shared_ptr<live::Watched> Watching::For(const kube::ConnectionPtr& connection) {
  std::shared_ptr<live::Watched> old, now;
  kube::ConnectionPtr before;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[connection->cluster];
    before = entry.connection.lock();
    if (entry.watched && before == connection) return entry.watched;
    now = MakeFor(connection);
    old = std::exchange(entry.watched, now);
    entry.connection = connection;
    if (stopped_) now->Stop();
  }
  if (old) old->Stop();
  return now;
}

std::shared_ptr<live::Watched> Watching::MakeFor(const kube::ConnectionPtr& connection) const {
  return live::Watched::Make(Starter(connection),
                             [changed = changed_, cluster = connection->cluster](
                                 const std::string& application, live::Change change) {
                               changed(application, cluster, change);
                             });
}

void Watching::DropApplication(const std::string& application) {
  for (const auto& watched : All()) watched->Drop(application);
}

void Watching::DropCluster(const std::string& cluster) {
  std::shared_ptr<live::Watched> dropped;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(cluster);
    if (found == entries_.end()) return;
    dropped = std::move(found->second.watched);
    entries_.erase(found);
  }
  dropped->Stop();
}

void Watching::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  for (const auto& watched : All()) watched->Stop();
}

std::vector<std::shared_ptr<live::Watched>> Watching::All() const {
  std::vector<std::shared_ptr<live::Watched>> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [cluster, entry] : entries_) all.push_back(entry.watched);
  return all;
}

live::Watched::Stats Watching::stats() const {
  live::Watched::Stats all;
  const std::lock_guard lock(mutex_);
  for (const auto& [cluster, entry] : entries_) {
    const live::Watched::Stats stats = entry.watched->stats();
    all.watches += stats.watches;
    all.current += stats.current;
    all.objects += stats.objects;
  }
  return all;
}

}  // namespace swell::control
