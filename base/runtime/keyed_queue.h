#pragma once
// KeyedQueue: what still has to be looked at, as keys. A key that is queued already is not
// queued twice, so the queue is never longer than the number of things that exist, and a
// burst of events loses nothing (DESIGN, rule 8).

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/runtime/deadline.h"

namespace swell {

// Thread-safe. Groups (for example applications) take turns, so that one with a thousand
// keys does not hold up one with a single key. Within a group the order is first in, first
// out. A key is handled by one taker at a time: if it is pushed while it is being handled,
// it comes again after Done.
class KeyedQueue {
 public:
  struct Item {
    std::string group;
    std::string key;
    friend bool operator==(const Item&, const Item&) = default;
  };

  KeyedQueue();
  ~KeyedQueue();
  KeyedQueue(const KeyedQueue&) = delete;
  KeyedQueue& operator=(const KeyedQueue&) = delete;

  // True if this added something to do; false if the key was waiting already, or closed.
  bool Push(const std::string& group, const std::string& key);

  // Waits for an item; nothing once closed and empty, or when the deadline passed. Whoever
  // takes an item must call Done for it.
  std::optional<Item> Take(Deadline deadline = Deadline::Never());
  // The same without waiting.
  std::optional<Item> TryTake();
  // Ends the handling of a taken item. Requires that it was taken.
  void Done(const Item& item);

  // Forgets a waiting key. One that is being handled does not come again. True if it was
  // waiting.
  bool Remove(const std::string& group, const std::string& key);

  // Takers get what is left, then nothing. Later pushes are refused.
  void Close();

  std::size_t size() const;     // waiting
  std::size_t in_work() const;  // taken and not done

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace swell
