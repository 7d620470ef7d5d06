#pragma once
// The Kubernetes events of an application's objects and of what these own.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "reconciler/kube/clients.h"
#include "renderer/object/object.h"

namespace swell::live {

struct LiveEvent {
  std::string type;  // Normal, Warning
  std::string reason;
  std::string message;
  ObjectId object;
  std::string uid;  // of the object
  std::int64_t count = 1;
  Timestamp first{};
  Timestamp last{};
  std::string component;  // who says so: "kubelet"
  // The end of its name, where client-go puts the time in nanoseconds (hexadecimal): times
  // themselves are whole seconds.
  std::string moment;
  // Oldest first.
  static bool Before(const LiveEvent& a, const LiveEvent& b) {
    return std::tie(a.last, a.moment) < std::tie(b.last, b.moment);
  }
};

// A core/v1 Event. Events that were written through events.k8s.io are the same objects (one
// storage, two APIs); they say when and how often in eventTime and series. Nothing for what is
// no event. Pure.
std::optional<LiveEvent> ParseEvent(const Value& event);

struct EventReadOptions {
  std::size_t max_listed = 20'000;  // events of a namespace
  std::size_t max_listed_bytes = 64UL * 1024 * 1024;
  std::size_t max_parallel = 4;
};

struct ReadEvents {
  std::vector<LiveEvent> events;      // the oldest first, by `last`
  std::vector<std::string> warnings;  // namespaces whose events could not be read, and why
};

// `uids`: namespace -> the uids of the objects in it; "" are cluster-scoped ones, whose events
// are in the namespace default. Asynchronous; `done` is called once, on the client's loop.
void ReadEventsOf(kube::ConnectionPtr connection, std::map<std::string, std::set<std::string>> uids,
                  std::move_only_function<void(ReadEvents)> done, EventReadOptions options = {});

}  // namespace swell::live
