#include "server/sandbox/events.h"

namespace swell::sandbox {
namespace {

std::string Hex(std::uint64_t number) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(number >> shift) & 0xF];
  return out;
}

}  // namespace

void EventRecorder::Record(const Resource& kind, const Stored& object, EventType type,
                           std::string_view reason, const std::string& message,
                           std::string_view component, std::string_view field) {
  const Resource& events = *objects_.registry().FindKind("", "Event");
  const Value now(
      FormatTimestamp(std::chrono::floor<std::chrono::seconds>(objects_.clock().Now())));
  const std::string says =
      std::string(object.uid()) + "\n" + std::string(reason) + "\n" + std::string(field) + message;
  if (const auto known = known_.find(says);
      known != known_.end() && CountUp(events, known->second, now)) {
    return;
  }
  const std::string ns(object.ns().empty() ? "default" : object.ns());
  const auto stamp = static_cast<std::uint64_t>(objects_.clock().Now().time_since_epoch().count());
  const std::string name =
      std::string(object.name()) + "." + Hex(stamp * 1'000'000 + made_++ % 1'000'000);
  Value involved = Value::Object({{"apiVersion", Value(kind.api_version())},
                                  {"kind", Value(kind.kind)},
                                  {"name", Value(object.name())},
                                  {"uid", Value(object.uid())},
                                  {"resourceVersion", Value(std::to_string(object.version))}});
  if (!object.ns().empty()) involved = involved.With("namespace", Value(object.ns()));
  if (!field.empty()) involved = involved.With("fieldPath", Value(field));
  const Value body =
      Value::Object({{"apiVersion", Value("v1")},
                     {"kind", Value("Event")},
                     {"metadata", Value::Object({{"name", Value(name)}, {"namespace", Value(ns)}})},
                     {"involvedObject", std::move(involved)},
                     {"type", Value(type == EventType::kWarning ? "Warning" : "Normal")},
                     {"reason", Value(reason)},
                     {"message", Value(message)},
                     {"source", Value::Object({{"component", Value(component)}})},
                     {"reportingComponent", Value(component)},
                     {"reportingInstance", Value("")},
                     {"firstTimestamp", now},
                     {"lastTimestamp", now},
                     {"count", Value(1)}});
  if (!objects_.Create(events, ns, body, {.manager = std::string(component)})) return;
  known_[says] = {ns, name};
  order_.emplace_back(says, Key(ns, name));
  if (order_.size() > kMaxEvents) Forget(events);
}

bool EventRecorder::CountUp(const Resource& events, const Key& key, const Value& now) {
  const ObjectPtr event = objects_.store().Find(events, key.first, key.second);
  if (event == nullptr) return false;
  const std::int64_t count = event->value["count"].as_int() + 1;
  objects_.store().Put(events, event->value.With("count", Value(count)).With("lastTimestamp", now),
                       event->managed);
  return true;
}

void EventRecorder::Forget(const Resource& events) {
  const auto [says, key] = std::move(order_.front());
  order_.pop_front();
  if (const auto known = known_.find(says); known != known_.end() && known->second == key) {
    known_.erase(known);
  }
  objects_.store().Remove(events, key.first, key.second);
}

}  // namespace swell::sandbox
