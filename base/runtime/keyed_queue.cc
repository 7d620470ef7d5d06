#include "base/runtime/keyed_queue.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "base/core/check.h"

namespace swell {

struct KeyedQueue::Impl {
  struct Group {
    std::deque<std::string> order;  // may name keys that were removed meanwhile
    std::set<std::string> waiting;
    std::map<std::string, bool> in_work;  // whether it was pushed again meanwhile
    bool in_turn = false;
  };

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::unordered_map<std::string, Group> groups;
  std::deque<std::string> turns;  // groups with something waiting, each once
  std::size_t waiting = 0;
  std::size_t in_work = 0;
  bool closed = false;

  void Enqueue(const std::string& name, Group& group, const std::string& key) {
    group.order.push_back(key);
    group.waiting.insert(key);
    ++waiting;
    if (!std::exchange(group.in_turn, true)) turns.push_back(name);
    changed.notify_one();
  }

  // Groups with nothing in them are forgotten: names come from input.
  void ForgetIfEmpty(const std::string& name) {
    const auto found = groups.find(name);
    if (found == groups.end()) return;
    const Group& group = found->second;
    if (group.waiting.empty() && group.in_work.empty() && !group.in_turn) groups.erase(found);
  }

  std::optional<Item> TakeNext() {
    while (!turns.empty()) {
      const std::string name = std::move(turns.front());
      turns.pop_front();
      Group& group = groups.at(name);
      std::optional<std::string> key = NextKey(group);
      group.in_turn = !group.waiting.empty();
      if (group.in_turn) turns.push_back(name);
      if (!key) {
        ForgetIfEmpty(name);
        continue;
      }
      group.in_work.emplace(*key, false);
      ++in_work;
      return Item{name, std::move(*key)};
    }
    return std::nullopt;
  }

  std::optional<std::string> NextKey(Group& group) {
    while (!group.order.empty()) {
      std::string key = std::move(group.order.front());
      group.order.pop_front();
      if (group.waiting.erase(key) == 0) continue;
      --waiting;
      return key;
    }
    return std::nullopt;
  }
};

KeyedQueue::KeyedQueue() : impl_(std::make_unique<Impl>()) {}
KeyedQueue::~KeyedQueue() = default;

bool KeyedQueue::Push(const std::string& group, const std::string& key) {
  std::lock_guard lock(impl_->mutex);
  if (impl_->closed) return false;
  Impl::Group& g = impl_->groups[group];
  if (const auto busy = g.in_work.find(key); busy != g.in_work.end()) {
    return !std::exchange(busy->second, true);
  }
  if (g.waiting.contains(key)) return false;
  impl_->Enqueue(group, g, key);
  return true;
}

std::optional<KeyedQueue::Item> KeyedQueue::Take(Deadline deadline) {
  std::unique_lock lock(impl_->mutex);
  const auto ready = [&] { return impl_->waiting > 0 || impl_->closed; };
  if (deadline.never()) {
    impl_->changed.wait(lock, ready);
  } else {
    impl_->changed.wait_until(lock, deadline.at(), ready);
  }
  return impl_->TakeNext();
}

std::optional<KeyedQueue::Item> KeyedQueue::TryTake() {
  std::lock_guard lock(impl_->mutex);
  return impl_->TakeNext();
}

void KeyedQueue::Done(const Item& item) {
  std::lock_guard lock(impl_->mutex);
  const auto group = impl_->groups.find(item.group);
  SWELL_CHECK(group != impl_->groups.end());
  const auto busy = group->second.in_work.find(item.key);
  SWELL_CHECK(busy != group->second.in_work.end());
  const bool again = busy->second;
  group->second.in_work.erase(busy);
  --impl_->in_work;
  if (again) impl_->Enqueue(item.group, group->second, item.key);
  impl_->ForgetIfEmpty(item.group);
}

bool KeyedQueue::Remove(const std::string& group, const std::string& key) {
  std::lock_guard lock(impl_->mutex);
  const auto found = impl_->groups.find(group);
  if (found == impl_->groups.end()) return false;
  Impl::Group& g = found->second;
  if (const auto busy = g.in_work.find(key); busy != g.in_work.end()) {
    return std::exchange(busy->second, false);
  }
  if (g.waiting.erase(key) == 0) return false;
  --impl_->waiting;
  std::erase(g.order, key);
  return true;
}

void KeyedQueue::Close() {
  std::lock_guard lock(impl_->mutex);
  impl_->closed = true;
  impl_->changed.notify_all();
}

std::size_t KeyedQueue::size() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->waiting;
}

std::size_t KeyedQueue::in_work() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->in_work;
}

}  // namespace swell
