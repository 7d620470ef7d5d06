#include "server/sandbox/watches.h"

#include "base/value/json.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {

struct Watches::Active {
  WatchSpec spec;
  std::shared_ptr<WatchSink> sink;  // null until started

  bool Wants(const Stored& object) const {
    if (!spec.ns.empty() && object.ns() != spec.ns) return false;
    if (!spec.name.empty() && object.name() != spec.name) return false;
    return spec.labels.Matches(object.metadata()["labels"]) && spec.fields.Matches(object.value);
  }
};

Watches::Watches(Store& store, Scheduler& scheduler, const Clock& clock, Options options)
    : store_(store),
      scheduler_(scheduler),
      clock_(clock),
      options_(options),
      self_(std::make_shared<Watches*>(this)) {
  store_.AddObserver([this](const Change& change) { OnChange(change); });
}

Watches::~Watches() { *self_ = nullptr; }

std::uint64_t Watches::Prepare(WatchSpec spec) {
  if (active_.size() >= options_.max_watches) return 0;
  auto active = std::make_unique<Active>();
  active->spec = std::move(spec);
  active_.emplace(next_id_, std::move(active));
  return next_id_++;
}

bool Watches::Send(Active& active, const char* type, const Value& object) {
  if (muted_) return true;
  return active.sink->Write(
      json::Write(Value::Object({{"type", Value(type)}, {"object", object}})) + "\n");
}

bool Watches::Deliver(Active& active, const Change& change) {
  const WatchSpec& spec = active.spec;
  if (change.resource != spec.resource) return true;
  const bool now = change.type != ChangeType::kDeleted && active.Wants(*change.object);
  const bool before = change.previous != nullptr && active.Wants(*change.previous);
  if (!now && !before) return true;
  const char* type = now ? (before ? "MODIFIED" : "ADDED") : "DELETED";
  const Encoder encoder{*spec.resource, spec.version, spec.format, spec.include_object,
                        clock_.Now()};
  if (now || change.type == ChangeType::kDeleted) {
    return Send(active, type, encoder.Event(*change.object));
  }
  // It left the selection: its last matching state, at the version of the change.
  Stored left = *change.previous;
  left.version = change.version;
  return Send(active, type, encoder.Event(left));
}

void Watches::Start(std::uint64_t id, std::shared_ptr<WatchSink> sink) {
  const auto found = active_.find(id);
  if (found == active_.end()) {
    sink->End();
    return;
  }
  Active& active = *found->second;
  const WatchSpec spec = active.spec;
  if (!spec.initial_events && !store_.Remembers(spec.from)) {
    const ApiError error =
        errors::Expired("too old resource version: " + std::to_string(spec.from) + " (" +
                        std::to_string(store_.version()) + ")");
    sink->Write(
        json::Write(Value::Object({{"type", Value("ERROR")}, {"object", error.ToStatus()}})) +
        "\n");
    sink->End();
    active_.erase(id);
    return;
  }
  active.sink = std::move(sink);
  const Encoder encoder{*spec.resource, spec.version, spec.format, spec.include_object,
                        clock_.Now()};
  if (spec.initial_events) {
    for (const auto& [key, object] : store_.All(*spec.resource)) {
      if (active.Wants(*object)) Send(active, "ADDED", encoder.Event(*object));
    }
    if (spec.initial_end) Send(active, "BOOKMARK", encoder.Bookmark(store_.version(), true));
  } else {
    store_.Replay(spec.from, [&](const Change& change) { Deliver(active, change); });
  }
  if (spec.bookmarks) ScheduleBookmark(id);
  ScheduleEnd(id, spec.timeout);
}

void Watches::OnChange(const Change& change) {
  for (auto it = active_.begin(); it != active_.end();) {
    Active& active = *it->second;
    const bool alive = active.sink == nullptr || Deliver(active, change);
    it = alive ? std::next(it) : active_.erase(it);
  }
}

void Watches::ScheduleBookmark(std::uint64_t id) {
  scheduler_.After(options_.bookmark_every, [self = self_, id] {
    if (*self == nullptr) return;
    Watches& watches = **self;
    const auto found = watches.active_.find(id);
    if (found == watches.active_.end()) return;
    Active& active = *found->second;
    const Encoder encoder{*active.spec.resource, active.spec.version, active.spec.format, false,
                          watches.clock_.Now()};
    if (!watches.Send(active, "BOOKMARK", encoder.Bookmark(watches.store_.version(), false))) {
      watches.active_.erase(found);
      return;
    }
    watches.ScheduleBookmark(id);
  });
}

void Watches::ScheduleEnd(std::uint64_t id, Duration timeout) {
  scheduler_.After(timeout, [self = self_, id] {
    if (*self == nullptr) return;
    Watches& watches = **self;
    const auto found = watches.active_.find(id);
    if (found == watches.active_.end()) return;
    Active& active = *found->second;
    if (active.spec.bookmarks) {
      const Encoder encoder{*active.spec.resource, active.spec.version, active.spec.format, false,
                            watches.clock_.Now()};
      watches.Send(active, "BOOKMARK", encoder.Bookmark(watches.store_.version(), false));
    }
    active.sink->End();
    watches.active_.erase(id);
  });
}

void Watches::Stop(std::uint64_t id) { active_.erase(id); }

void Watches::AbortAll() {
  auto cut = std::move(active_);
  active_.clear();
  for (auto& [id, active] : cut) {
    if (active->sink != nullptr) active->sink->Abort();
  }
}

void Watches::SetMuted(bool muted) {
  if (muted_ && !muted) AbortAll();
  muted_ = muted;
}

}  // namespace swell::sandbox
