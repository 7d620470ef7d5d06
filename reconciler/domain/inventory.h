#pragma once
// Inventory: the objects that an application owns in a cluster.

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "renderer/object/object.h"

namespace swell {

// An object that an application owns in a cluster.
struct InventoryEntry {
  ObjectId id;
  std::string version;
  std::string uid;  // "" until the cluster told
  friend auto operator<=>(const InventoryEntry&, const InventoryEntry&) = default;
};

// Sorted by id; the union of old and new while a rollout is under way. Immutable and shared by
// its copies: records are copied and written all the time, what they own changes seldom, and a
// fleet's are the largest part of what is known of it.
class Inventory {
 public:
  Inventory() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a list of entries is what it is.
  Inventory(std::vector<InventoryEntry> entries)
      : entries_(entries.empty()
                     ? nullptr
                     : std::make_shared<const std::vector<InventoryEntry>>(std::move(entries))) {}
  Inventory(std::initializer_list<InventoryEntry> entries)
      : Inventory(std::vector<InventoryEntry>(entries)) {}

  const std::vector<InventoryEntry>& entries() const {
    static const std::vector<InventoryEntry> kNone;
    return entries_ ? *entries_ : kNone;
  }
  auto begin() const { return entries().begin(); }
  auto end() const { return entries().end(); }
  std::size_t size() const { return entries().size(); }
  bool empty() const { return entries().empty(); }

  friend bool operator==(const Inventory& a, const Inventory& b) {
    return a.entries_ == b.entries_ || a.entries() == b.entries();
  }

 private:
  std::shared_ptr<const std::vector<InventoryEntry>> entries_;  // null: none
};

}  // namespace swell
