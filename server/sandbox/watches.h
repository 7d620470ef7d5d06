#pragma once
// Watches: who wants to hear of which changes, from which point on (facts: engine.md C, Reading).

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "server/sandbox/encode.h"
#include "server/sandbox/scheduler.h"
#include "server/sandbox/selector.h"
#include "server/sandbox/store.h"

namespace swell::sandbox {

// The client's end of a stream. Calls return at once.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  // False: the client is gone.
  virtual bool Write(std::string chunk) = 0;
  virtual void End() = 0;    // in good order
  virtual void Abort() = 0;  // as a crash would
};

struct WatchSpec {
  const Resource* resource = nullptr;
  std::string version;  // API version of the URL
  std::string ns;       // "" for all
  std::string name;     // "" for all
  LabelSelector labels;
  FieldSelector fields;
  Format format = Format::kObject;
  bool include_object = false;
  bool bookmarks = false;
  bool initial_events = false;  // everything that exists first
  bool initial_end = false;     // and a bookmark after that (WatchList)
  std::uint64_t from = 0;       // resume after this version
  Duration timeout{};
};

// Not thread-safe. Store and scheduler must outlive it.
class Watches {
 public:
  struct Options {
    Duration bookmark_every = std::chrono::seconds(60);
    std::size_t max_watches = 10'000;
  };
  Watches(Store& store, Scheduler& scheduler, const Clock& clock, Options options);
  ~Watches();

  // Remembers a watch until its stream opens. 0: too many watches already.
  std::uint64_t Prepare(WatchSpec spec);
  // Sends what has happened since and stays on. An unknown id ends the stream.
  void Start(std::uint64_t id, std::shared_ptr<WatchSink> sink);
  // The client went away.
  void Stop(std::uint64_t id);
  void AbortAll();
  // While muted nothing is sent; unmuting cuts every stream, so that clients resume.
  void SetMuted(bool muted);

  void OnChange(const Change& change);
  std::size_t size() const { return active_.size(); }

 private:
  struct Active;
  bool Send(Active& active, const char* type, const Value& object);
  bool Deliver(Active& active, const Change& change);
  void ScheduleBookmark(std::uint64_t id);
  void ScheduleEnd(std::uint64_t id, Duration timeout);

  Store& store_;
  Scheduler& scheduler_;
  const Clock& clock_;
  Options options_;
  std::uint64_t next_id_ = 1;
  bool muted_ = false;
  std::map<std::uint64_t, std::unique_ptr<Active>> active_;  // also those not started yet
  std::shared_ptr<Watches*> self_;                           // empties when this object goes
};

}  // namespace swell::sandbox
