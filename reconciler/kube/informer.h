#pragma once
// Informer: the state of one collection of a cluster, and every change of it from then on
// (what client-go calls a reflector). It keeps no objects itself: the handler does.

#include <memory>
#include <string>
#include <vector>

#include "reconciler/kube/client.h"

namespace swell::kube {

struct InformerState;

// All on the loop's thread of the client: must not block.
//
// The order is (on_stale* on_replace (on_current | on_event | on_stale)*)* on_end. What the
// handler holds is the cluster's state from on_current until the next on_stale; in between it
// may miss changes. After an on_stale the informer goes on by itself: with on_current when it
// could resume without a gap, with on_replace and on_current when it had to read everything
// anew (410: its version has expired).
struct InformerHandler {
  // The whole state: what the handler holds and is not in it is gone. In no order. Of
  // ObjectForm::kMetadata the apiVersion and kind may be those of PartialObjectMetadata.
  std::move_only_function<void(std::vector<Value> items, std::string resource_version)> on_replace;
  // kAdded, kModified, kDeleted; kBookmark never. A server may repeat events.
  std::move_only_function<void(WatchEvent)> on_event;
  // The state may be out of date from here, and why. May be called again with a newer reason,
  // and before the first on_replace.
  std::move_only_function<void(const ApiError&)> on_stale;
  std::move_only_function<void()> on_current;
  // Once, last. kCancelled after Stop or when the client is gone; else what does not pass by
  // itself: kPermissionDenied (403), kNotFound (the kind is not served), kInvalidArgument,
  // kUnimplemented, kResourceExhausted (max_items, max_bytes). To try again, start a new one.
  std::move_only_function<void(ApiError)> on_end;
};

struct InformerOptions {
  std::string label_selector;
  std::string field_selector;
  int page_size = 500;                            // of a list
  std::size_t max_items = 200'000;                // of the state as it is read; more ends it
  std::size_t max_bytes = 1024UL * 1024 * 1024;   // the same, of JSON
  std::size_t max_event_bytes = 8 * 1024 * 1024;  // of one event; more reads everything anew
  // Longer silence during a WatchList means that the server does not know it.
  Duration watch_list_silence = std::chrono::seconds(15);
  ObjectForm form = ObjectForm::kWhole;
  // Before everything is read anew, and before a reading that failed is repeated.
  BackoffOptions backoff{.initial = std::chrono::milliseconds(800),
                         .max = std::chrono::seconds(30)};
};

// The state is read by WatchList (one streaming request, which costs the server no copy of the
// whole) where the server has it, else by a list in pages and a watch from its version. Which
// of them is found out by asking: the first refusal (facts/engine C "Reading": before 1.27, and
// on etcd before 3.4.25) makes this informer use lists.
//
// A handle: movable; stops the informer when it goes. Thread-safe.
class Informer {
 public:
  Informer() = default;
  ~Informer();
  Informer(Informer&&) noexcept = default;
  Informer& operator=(Informer&& other) noexcept;

  // `collection` has no name. The client may go first: on_end gets kCancelled.
  [[nodiscard]] static Informer Start(Client& client, ResourceRef collection,
                                      InformerOptions options, InformerHandler handler);
  // on_end with kCancelled follows, unless it was called already: what the handler uses must
  // live until then. On the loop's thread nothing
  // else is called afterwards; from another thread something may be running. Idempotent.
  void Stop();

 private:
  explicit Informer(std::shared_ptr<InformerState> state) : state_(std::move(state)) {}
  std::shared_ptr<InformerState> state_;
};

}  // namespace swell::kube
