#pragma once
// Watched: what is known of a cluster's objects from watching them: a fingerprint each, not the
// object (DESIGN, rule 6). Only what some application wants is remembered, however much else the
// watched collections hold.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/core/clock.h"
#include "reconciler/domain/health.h"
#include "reconciler/kube/client.h"
#include "reconciler/kube/discovery.h"
#include "reconciler/live/fingerprint.h"
#include "reconciler/live/reader.h"
#include "reconciler/live/wanted_set.h"

namespace swell::live {

// What a watch of one collection tells; on one thread.
struct CollectionHandler {
  std::move_only_function<void(const std::vector<Value>& items)> on_replace;
  std::move_only_function<void(const kube::WatchEvent&)> on_event;
  // What was told is the state from on_current until on_stale.
  std::move_only_function<void()> on_current;
  std::move_only_function<void()> on_stale;
  // The watch is over and does not come back by itself.
  std::move_only_function<void(const Error&)> on_end;
};
// Starts to watch; ends it when the handle is dropped.
using WatchHandle = std::shared_ptr<void>;
using StartWatch = std::function<WatchHandle(const kube::ResourceRef&, CollectionHandler)>;

struct WatchedOptions {
  // Wanted in more namespaces than that, a kind is watched in all of them by one watch.
  std::size_t max_namespaces = 8;
  // A watch that ended (forbidden, no such kind) is tried again after this.
  Duration retry_after = std::chrono::minutes(5);
};

// What changed of an object: what a comparison looks at, or how it is, or that it is well at
// another generation.
enum class Change { kContent, kHealth };

// Thread-safe.
class Watched : public std::enable_shared_from_this<Watched> {
 public:
  // On the watch's thread.
  using Changed = std::function<void(const std::string& application, Change)>;

  static std::shared_ptr<Watched> Make(StartWatch start, Changed changed,
                                       WatchedOptions options = {});

  // From now on these are the application's objects, in place of those before. Kinds that are
  // not served, or not to be watched, stay unknown. Cheap where nothing changed.
  void Want(const std::string& application, const WantedSet& wanted,
            const kube::ApiResources& resources);
  void Drop(const std::string& application);
  // Ends all watches. Nothing is known afterwards.
  void Stop();

  // The object as of now, give or take the way of an event; nothing where it is not known to be
  // there.
  std::optional<Fingerprint> Find(const ObjectId& id) const;
  struct Found {
    Fingerprint live;
    Fingerprint in_sync;  // as NoteInSync said last
  };
  // Each of them, at one moment.
  std::vector<std::optional<Found>> Find(std::span<const Fingerprint> ids) const;
  // How the object is, as of now, as the watch tells. Nothing where it has not told of the object,
  // which may be absent, or not at that metadata.generation (0: at any).
  std::optional<HealthStatus> HealthOf(const ObjectId& id, std::int64_t generation = 0) const;
  std::vector<bool> AreHealthy(std::span<const Fingerprint> ids) const;
  // An object that was read after it was wanted: fills in what the watch has not told yet.
  void Note(const ObjectId& id, const Fingerprint& live);
  // That a comparison of the object, of which this is the fingerprint, found no difference: kept
  // while the object is wanted, until the next.
  void NoteInSync(const Fingerprint& id, const Fingerprint& comparison);

  struct Stats {
    std::size_t watches = 0;
    std::size_t current = 0;  // of watches
    std::size_t objects = 0;  // wanted
  };
  Stats stats() const;

 private:
  // A kind, in one version.
  struct Kind {
    std::string group;
    std::string version;
    std::string resource;
    std::string name;  // "Deployment"
    friend auto operator<=>(const Kind&, const Kind&) = default;
  };
  struct Collection {
    Kind kind;
    std::string ns;  // "": all
    friend auto operator<=>(const Collection&, const Collection&) = default;
  };
  struct Watch {
    std::uint64_t number = 0;  // of this watch: late callbacks of others are dropped
    WatchHandle handle;
    bool current = false;
    bool ended = false;
    std::chrono::steady_clock::time_point ended_at;
  };
  using Watches = std::map<Collection, Watch>;
  struct Entry {
    std::optional<Fingerprint> live;
    Fingerprint in_sync;
    std::int64_t generation = 0;
    HealthStatus health = HealthStatus::kHealthy;
    bool told = false;  // by the watch, which knows better than any read
    const Watches::value_type* watched_by = nullptr;  // of watches_; null: nobody
    const std::string* application = nullptr;         // a key of applications_
  };
  struct Application {
    Fingerprint wants;                                       // of all of them
    std::map<Collection, std::vector<Fingerprint>> objects;  // by kind and own namespace
  };
  using Handles = std::vector<WatchHandle>;

  Watched(StartWatch start, Changed changed, WatchedOptions options);
  // Both return what is to be dropped once the lock is free.
  [[nodiscard]] Handles Rebuild();
  [[nodiscard]] Handles OpenAndClose(const std::set<Collection>& wanted);
  void Assign(const std::set<Collection>& wanted);
  std::set<Collection> WantedCollections() const;
  WatchHandle Open(const Collection& collection, Watch& watch);
  CollectionHandler HandlerFor(const Collection& collection, std::uint64_t number);
  // Requires the lock. The entry, where its watch tells the state as of now; else null.
  const Entry* Known(const Fingerprint& id) const;
  static std::optional<HealthStatus> HealthOf(const Entry* entry);
  // The watch, if it is still this one.
  Watch* Current(const Collection& collection, std::uint64_t number);
  void Replace(const Collection& collection, std::uint64_t number, const std::vector<Value>& items);
  void OnEvent(const Collection& collection, std::uint64_t number, const kube::WatchEvent& event);
  struct Seen {
    std::optional<Fingerprint> live;
    std::int64_t generation = 0;
    HealthStatus health = HealthStatus::kMissing;
  };
  static Seen Look(const Value& object);
  using Told = std::set<std::pair<std::string, Change>>;
  // Requires the lock. Adds to `told` where what was known is not so any more, and where an
  // object that is seen for the first time is not well.
  void Update(const Fingerprint& id, const Seen& seen, Told& told);

  const StartWatch start_;
  const Changed changed_;
  const WatchedOptions options_;

  mutable std::mutex mutex_;  // guards all below; not held while anybody is called
  bool stopped_ = false;
  std::uint64_t next_number_ = 1;
  std::map<std::string, Application> applications_;
  Watches watches_;
  std::unordered_map<Fingerprint, Entry> entries_;
};

}  // namespace swell::live
