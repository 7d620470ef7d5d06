#include "reconciler/live/watched.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "base/telemetry/log.h"
#include "reconciler/health/health.h"

namespace swell::live {
namespace {

// As Reader: the version that is wanted, else the one that the server prefers.
const kube::ApiResource* FindServed(const Wanted& wanted, const kube::ApiResources& resources) {
  const GroupVersionKind exactly{wanted.id.group, wanted.version, wanted.id.kind};
  const kube::ApiResource* found = wanted.version.empty() ? nullptr : resources.Find(exactly);
  return found ? found : resources.Find(GroupKind{wanted.id.group, wanted.id.kind});
}

std::string_view NamespaceOf(const Value& object) {
  return object["metadata"]["namespace"].as_string();
}

}  // namespace

std::shared_ptr<Watched> Watched::Make(StartWatch start, Changed changed, WatchedOptions options) {
  return std::shared_ptr<Watched>(new Watched(std::move(start), std::move(changed), options));
}

Watched::Watched(StartWatch start, Changed changed, WatchedOptions options)
    : start_(std::move(start)), changed_(std::move(changed)), options_(options) {}

void Watched::Want(const std::string& application, const WantedSet& set,
                   const kube::ApiResources& resources) {
  const Fingerprint wants = Combine(std::array{set.all, Shorten(resources.digest())});
  Handles dropped;
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  Application& mine = applications_[application];
  if (mine.wants != wants) {
    mine.wants = wants;
    mine.objects.clear();
    for (std::size_t i = 0; i < set.objects.size(); ++i) {
      const Wanted& wanted = set.objects[i];
      const kube::ApiResource* served = FindServed(wanted, resources);
      if (served == nullptr || !served->Can("watch") || !served->Can("list")) continue;
      const Collection collection{{served->group, served->version, served->resource, served->kind},
                                  served->namespaced ? wanted.id.ns : std::string()};
      mine.objects[collection].push_back(set.ids[i]);
    }
    dropped = Rebuild();
  }
  // Those that ended are tried again when somebody still asks.
  const auto now = std::chrono::steady_clock::now();
  for (auto& [collection, watch] : watches_) {
    if (!watch.ended || now - watch.ended_at < options_.retry_after) continue;
    dropped.push_back(std::move(watch.handle));
    watch.handle = Open(collection, watch);
  }
}

void Watched::Drop(const std::string& application) {
  Handles dropped;
  const std::lock_guard lock(mutex_);
  if (applications_.erase(application) > 0) dropped = Rebuild();
}

void Watched::Stop() {
  Handles dropped;
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (auto& [collection, watch] : watches_) dropped.push_back(std::move(watch.handle));
  watches_.clear();
  entries_.clear();
  applications_.clear();
}

std::set<Watched::Collection> Watched::WantedCollections() const {
  std::map<Kind, std::set<std::string>> namespaces;
  for (const auto& [name, application] : applications_) {
    for (const auto& [collection, ids] : application.objects) {
      namespaces[collection.kind].insert(collection.ns);
    }
  }
  std::set<Collection> wanted;
  for (const auto& [kind, all] : namespaces) {
    if (all.size() > options_.max_namespaces) {
      wanted.insert({kind, ""});
    } else {
      for (const std::string& ns : all) wanted.insert({kind, ns});
    }
  }
  return wanted;
}

Watched::Handles Watched::Rebuild() {
  const std::set<Collection> wanted = WantedCollections();
  Handles dropped = OpenAndClose(wanted);
  Assign(wanted);
  return dropped;
}

Watched::Handles Watched::OpenAndClose(const std::set<Collection>& wanted) {
  Handles dropped;
  for (auto it = watches_.begin(); it != watches_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    dropped.push_back(std::move(it->second.handle));
    for (auto& [id, entry] : entries_) {
      if (entry.watched_by == &*it) entry = {};
    }
    it = watches_.erase(it);
  }
  for (const Collection& collection : wanted) {
    const auto [it, added] = watches_.try_emplace(collection);
    if (added) it->second.handle = Open(it->first, it->second);
  }
  return dropped;
}

void Watched::Assign(const std::set<Collection>& wanted) {
  std::unordered_map<Fingerprint, Entry> entries;
  entries.reserve(entries_.size());
  for (const auto& [name, application] : applications_) {
    for (const auto& [own, ids] : application.objects) {
      const Collection key = wanted.contains(own) ? own : Collection{own.kind, ""};
      const Watches::value_type* by = &*watches_.find(key);
      for (const Fingerprint& id : ids) {
        Entry entry{.live = {}, .watched_by = by, .application = &name};
        const auto before = entries_.find(id);
        if (before != entries_.end() && before->second.watched_by == by) {
          entry.live = before->second.live;
          entry.in_sync = before->second.in_sync;
          entry.generation = before->second.generation;
          entry.health = before->second.health;
          entry.told = before->second.told;
        }
        entries.insert_or_assign(id, entry);
      }
    }
  }
  entries_ = std::move(entries);
}

WatchHandle Watched::Open(const Collection& collection, Watch& watch) {
  watch.number = next_number_++;
  watch.current = false;
  watch.ended = false;
  kube::ResourceRef ref;
  ref.group = collection.kind.group;
  ref.version = collection.kind.version;
  ref.resource = collection.kind.resource;
  ref.ns = collection.ns;
  return start_(ref, HandlerFor(collection, watch.number));
}

CollectionHandler Watched::HandlerFor(const Collection& collection, std::uint64_t number) {
  CollectionHandler handler;
  const std::weak_ptr<Watched> weak = weak_from_this();
  handler.on_replace = [weak, collection, number](const std::vector<Value>& items) {
    if (const auto self = weak.lock()) self->Replace(collection, number, items);
  };
  handler.on_event = [weak, collection, number](const kube::WatchEvent& event) {
    if (const auto self = weak.lock()) self->OnEvent(collection, number, event);
  };
  const auto set_current = [weak, collection, number](bool current) {
    const auto self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex_);
    if (Watch* watch = self->Current(collection, number)) watch->current = current;
  };
  handler.on_stale = [set_current] { set_current(false); };
  handler.on_current = [set_current] { set_current(true); };
  handler.on_end = [weak, collection, number](const Error& error) {
    const auto self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex_);
    Watch* watch = self->Current(collection, number);
    if (watch == nullptr) return;  // it was closed
    telemetry::LogInfo(
        "objects are read instead of watched",
        {{"resource", collection.kind.resource}, {"namespace", collection.ns}, {"error", error}});
    watch->current = false;
    watch->ended = true;
    watch->ended_at = std::chrono::steady_clock::now();
  };
  return handler;
}

Watched::Watch* Watched::Current(const Collection& collection, std::uint64_t number) {
  const auto found = watches_.find(collection);
  return found != watches_.end() && found->second.number == number ? &found->second : nullptr;
}

Watched::Seen Watched::Look(const Value& object) {
  return {FingerprintOfLive(object), object["metadata"]["generation"].as_int(0),
          health::Assess(object).status};
}

void Watched::Update(const Fingerprint& id, const Seen& seen, Told& told) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.application == nullptr) return;
  Entry& entry = found->second;
  if (entry.live && entry.live != seen.live) told.emplace(*entry.application, Change::kContent);
  const bool well_anew =
      seen.health == HealthStatus::kHealthy && seen.generation != entry.generation;
  const bool news = entry.told ? seen.health != entry.health || well_anew
                               : seen.health > HealthStatus::kSuspended && seen.live;
  if (news) told.emplace(*entry.application, Change::kHealth);
  entry.live = seen.live;
  entry.generation = seen.generation;
  entry.health = seen.health;
  entry.told = true;
}

void Watched::Replace(const Collection& collection, std::uint64_t number,
                      const std::vector<Value>& items) {
  std::unordered_map<Fingerprint, Seen> listed;
  listed.reserve(items.size());
  for (const Value& item : items) {
    const ObjectId id{collection.kind.group, collection.kind.name, std::string(NamespaceOf(item)),
                      item["metadata"]["name"].str()};
    listed.emplace(FingerprintOf(id), Look(item));
  }
  Told told;
  {
    const std::lock_guard lock(mutex_);
    if (Current(collection, number) == nullptr) return;
    const Watches::value_type* by = &*watches_.find(collection);
    for (auto& [id, entry] : entries_) {
      if (entry.watched_by != by) continue;
      const auto found = listed.find(id);
      Update(id, found == listed.end() ? Seen() : found->second, told);
    }
  }
  for (const auto& [application, change] : told) changed_(application, change);
}

void Watched::OnEvent(const Collection& collection, std::uint64_t number,
                      const kube::WatchEvent& event) {
  if (event.type == kube::WatchEventType::kBookmark) return;
  const ObjectId id{collection.kind.group, collection.kind.name,
                    std::string(NamespaceOf(event.object)), event.object["metadata"]["name"].str()};
  const Fingerprint key = FingerprintOf(id);
  {
    // Most of a large collection is nobody's: it costs no more than this.
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(key)) return;
  }
  const Seen seen = event.type == kube::WatchEventType::kDeleted ? Seen() : Look(event.object);
  Told told;
  {
    const std::lock_guard lock(mutex_);
    if (Current(collection, number) == nullptr) return;
    Update(key, seen, told);
  }
  for (const auto& [application, change] : told) changed_(application, change);
}

const Watched::Entry* Watched::Known(const Fingerprint& id) const {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.watched_by == nullptr) return nullptr;
  return found->second.watched_by->second.current ? &found->second : nullptr;
}

std::optional<Fingerprint> Watched::Find(const ObjectId& id) const {
  const auto found = Find(std::array{FingerprintOf(id)}).front();
  if (!found) return {};
  return found->live;
}

std::vector<std::optional<Watched::Found>> Watched::Find(std::span<const Fingerprint> ids) const {
  std::vector<std::optional<Found>> out(ids.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Entry* entry = Known(ids[i]);
    if (entry != nullptr && entry->live) out[i] = Found{*entry->live, entry->in_sync};
  }
  return out;
}

std::optional<HealthStatus> Watched::HealthOf(const ObjectId& id, std::int64_t generation) const {
  const Fingerprint key = FingerprintOf(id);
  const std::lock_guard lock(mutex_);
  const Entry* entry = Known(key);
  if (entry != nullptr && entry->generation < generation) return {};
  return HealthOf(entry);
}

std::vector<bool> Watched::AreHealthy(std::span<const Fingerprint> ids) const {
  std::vector<bool> out(ids.size());
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    out[i] = HealthOf(Known(ids[i])) == HealthStatus::kHealthy;
  }
  return out;
}

std::optional<HealthStatus> Watched::HealthOf(const Entry* entry) {
  if (entry == nullptr || !entry->told || !entry->live) return {};
  return entry->health;
}

void Watched::Note(const ObjectId& id, const Fingerprint& live) {
  const Fingerprint key = FingerprintOf(id);
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end() && !found->second.told) found->second.live = live;
}

void Watched::NoteInSync(const Fingerprint& id, const Fingerprint& comparison) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) found->second.in_sync = comparison;
}

Watched::Stats Watched::stats() const {
  const std::lock_guard lock(mutex_);
  Stats stats{.watches = watches_.size(), .current = 0, .objects = entries_.size()};
  for (const auto& [collection, watch] : watches_) stats.current += watch.current ? 1 : 0;
  return stats;
}

}  // namespace swell::live
