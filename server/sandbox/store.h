#pragma once
// What a simulated cluster remembers: objects, a bounded history of changes, and who watches.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/clock.h"
#include "base/value/value.h"
#include "server/sandbox/resource.h"

namespace swell::sandbox {

// One field manager's share of an object.
struct ManagedEntry {
  std::string manager;
  std::string api_version;
  std::string subresource;  // "" or "status"
  bool apply = false;       // operation Apply, else Update
  Timestamp time{};
  Value fields;  // fieldsV1 (field_set.h)

  bool SameOwner(const ManagedEntry& other) const {
    return manager == other.manager && apply == other.apply && subresource == other.subresource &&
           (apply || api_version == other.api_version);
  }
};

// One version of an object; immutable once stored.
struct Stored {
  Value value;                // without metadata.resourceVersion and metadata.managedFields
  std::uint64_t version = 0;  // 0: not stored (dry run)
  std::vector<ManagedEntry> managed;

  const Value& metadata() const { return value["metadata"]; }
  std::string_view name() const { return metadata()["name"].as_string(); }
  std::string_view ns() const { return metadata()["namespace"].as_string(); }
  std::string_view uid() const { return metadata()["uid"].as_string(); }
  bool deleting() const { return metadata().Has("deletionTimestamp"); }
  // The object as clients see it.
  Value Render() const;
};

using ObjectPtr = std::shared_ptr<const Stored>;

Value RenderManaged(const std::vector<ManagedEntry>& entries);
// Reads metadata.managedFields as a client sent it.
std::vector<ManagedEntry> ParseManaged(const Value& list);

enum class ChangeType : std::uint8_t { kAdded, kModified, kDeleted };

struct Change {
  std::uint64_t version = 0;
  ChangeType type = ChangeType::kAdded;
  const Resource* resource = nullptr;
  ObjectPtr object;    // of a deletion: its last state, with the deletion's version
  ObjectPtr previous;  // null for an addition
};

// Not thread-safe: everything of a cluster runs on one thread.
class Store {
 public:
  using Key = std::pair<std::string, std::string>;  // namespace, name
  using Objects = std::map<Key, ObjectPtr>;
  using Observer = std::function<void(const Change&)>;

  // Remembers the last `history` changes for watches that resume. Events do not count, up to
  // four times as many: a real server keeps them apart.
  explicit Store(std::size_t history) : limit_(history) {}

  std::uint64_t version() const { return version_; }
  const Objects& All(const Resource& resource) const;
  ObjectPtr Find(const Resource& resource, std::string_view ns, std::string_view name) const;

  // Adds or replaces. Returns the stored object with its new version.
  ObjectPtr Put(const Resource& resource, Value value, std::vector<ManagedEntry> managed);
  // Returns the last state, or null where there was none.
  ObjectPtr Remove(const Resource& resource, std::string_view ns, std::string_view name);

  // Whether a watch can resume after `version`.
  bool Remembers(std::uint64_t version) const { return version >= forgotten_; }
  // Calls `visit` for every remembered change after `version`, oldest first.
  void Replay(std::uint64_t version, const Observer& visit) const;
  // Forgets the history, as a compaction does.
  void Compact();

  // Called after every change, in order. Must not be added to from within a call.
  void AddObserver(Observer observer) { observers_.push_back(std::move(observer)); }

  std::size_t object_count() const { return count_; }

 private:
  void Publish(Change change);

  std::size_t limit_;
  std::uint64_t version_ = 1;
  std::uint64_t forgotten_ = 0;
  std::size_t count_ = 0;
  std::vector<Objects> tables_;  // by Resource::index
  std::deque<Change> history_;
  std::size_t counted_ = 0;  // of history_, without Events
  std::vector<Observer> observers_;
};

}  // namespace swell::sandbox
