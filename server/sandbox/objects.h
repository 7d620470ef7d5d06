#pragma once
// The write path of a simulated API server: create, update, patch, apply and delete, with
// admission, ownership and the lifecycle of deletion. Answers are the real server's.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/value/value.h"
#include "server/sandbox/allocate.h"
#include "server/sandbox/interner.h"
#include "server/sandbox/message.h"
#include "server/sandbox/ownership.h"
#include "server/sandbox/store.h"

namespace swell::sandbox {

inline constexpr char kDefinitionFinalizer[] = "customresourcecleanup.apiextensions.k8s.io";

enum class PatchType { kJson, kMerge, kStrategic };

struct WriteOptions {
  std::string manager;      // see Writer
  std::string subresource;  // "" or "status"
  bool dry_run = false;
  bool force = false;
};

enum class Propagation { kBackground, kForeground, kOrphan };

struct DeleteOptions {
  Propagation propagation = Propagation::kBackground;
  std::string uid;               // precondition, "" for none
  std::string resource_version;  // precondition, "" for none
  std::optional<int> grace_seconds;
  bool dry_run = false;
};

struct Written {
  ObjectPtr object;
  bool created = false;
  bool changed = false;  // false: nothing to do, or a dry run
};

struct Deleted {
  ObjectPtr object;   // its last state
  bool gone = false;  // false: it waits for finalizers
};

// Not thread-safe. Everything given must outlive it.
class Objects {
 public:
  Objects(Registry& registry, Store& store, const Clock& clock, Interner& interner,
          std::uint64_t seed)
      : registry_(registry), store_(store), clock_(clock), interner_(interner), allocator_(seed) {}

  // `ns` is the one of the URL; "" for cluster-scoped kinds.
  ApiResult<Written> Create(const Resource& resource, std::string_view ns, const Value& body,
                            const WriteOptions& options);
  ApiResult<Written> Update(const Resource& resource, std::string_view ns, std::string_view name,
                            const Value& body, const WriteOptions& options);
  ApiResult<Written> Patch(const Resource& resource, std::string_view ns, std::string_view name,
                           PatchType type, const Value& patch, const WriteOptions& options);
  ApiResult<Written> Apply(const Resource& resource, std::string_view ns, std::string_view name,
                           const Value& config, const WriteOptions& options);
  ApiResult<Deleted> Delete(const Resource& resource, std::string_view ns, std::string_view name,
                            const DeleteOptions& options);

  // For controllers: replaces the status of an object that exists, without validation.
  // No-op where it is equal already.
  void SetStatus(const Resource& resource, const Stored& object, Value status,
                 const std::string& manager);
  // Removes one finalizer, and the object with its last one.
  void RemoveFinalizer(const Resource& resource, std::string_view ns, std::string_view name,
                       std::string_view finalizer);
  // Stores a change that a controller makes to anything but the status.
  ApiResult<Written> Edit(const Resource& resource, const Stored& object, Value edited,
                          const std::string& manager);

  Allocator& allocator() { return allocator_; }
  Registry& registry() { return registry_; }
  Store& store() { return store_; }
  const Clock& clock() const { return clock_; }

 private:
  struct Draft;
  ApiResult<Value> CheckIdentity(const Resource& resource, std::string_view ns,
                                 std::string_view name, const Value& body) const;
  ApiResult<Value> CheckApplied(const Resource& resource, std::string_view ns,
                                std::string_view name, const Value& config) const;
  ApiResult<Written> CreateChecked(const Resource& resource, Value object,
                                   std::vector<ManagedEntry> managed, const WriteOptions& options,
                                   bool applied);
  ApiResult<Written> Replace(const Resource& resource, const ObjectPtr& old, Value object,
                             std::optional<std::vector<ManagedEntry>> managed,
                             const WriteOptions& options);
  std::optional<ApiError> CheckNamespace(const Resource& resource, std::string_view ns,
                                         std::string_view name) const;
  Value Shared(Value object, const Value* old);
  void Share(std::vector<ManagedEntry>& managed);
  Writer WriterOf(const WriteOptions& options) const;
  ApiResult<Deleted> MarkDeleted(const Resource& resource, const ObjectPtr& object,
                                 std::vector<Value> finalizers, const DeleteOptions& options);

  Registry& registry_;
  Store& store_;
  const Clock& clock_;
  Interner& interner_;
  Allocator allocator_;
};

}  // namespace swell::sandbox
