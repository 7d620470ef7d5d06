#pragma once
// The types of custom resources as the CRDs in each cluster define them.
//
// Read from the CRDs and not from the server's OpenAPI v3: every supported version serves CRDs (the
// other only from 1.27 on), they hold what the API server itself merges by, and a manifest's own
// CRDs are read by the same code.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/runtime/executor.h"
#include "reconciler/kube/clients.h"
#include "renderer/object/object.h"
#include "renderer/schema/custom_types.h"

namespace swell::control {

using CustomTypesPtr = std::shared_ptr<const schema::CustomTypes>;

// Thread-safe. Remembers what it read for kKeep, also that there was nothing or that it may not be
// read: a comparison then goes by managedFields.
class CrdShelf {
 public:
  static constexpr std::size_t kMaxKinds = 64;  // of one plan; further ones go by managedFields
  static constexpr std::size_t kMaxKept = 4096;
  static constexpr auto kKeep = std::chrono::minutes(10);

  // CRDs are parsed on `workers`, which must outlive the shelf.
  explicit CrdShelf(Executor& workers) : workers_(workers) {}

  // The types of the custom resources among `objects`; `own` are those of the manifest's CRDs,
  // which will be in force, and may be null. Calls `done` once, in place where everything is known;
  // with null where nothing is.
  void Get(const kube::ConnectionPtr& connection, const std::string& cluster,
           const kube::ApiResources& resources, const std::vector<Object>& objects,
           CustomTypesPtr own, std::move_only_function<void(CustomTypesPtr)> done);

 private:
  using CrdPtr = std::shared_ptr<const schema::CrdTypes>;
  using Key = std::pair<std::string, std::string>;  // cluster, name of the CRD
  struct Kept {
    CrdPtr types;  // null: nothing is known
    std::chrono::steady_clock::time_point read_at;
  };
  struct Pending;

  // False where nobody has looked lately.
  bool Find(const Key& key, CrdPtr& types);
  void Keep(const Key& key, CrdPtr types);
  void Read(const kube::ConnectionPtr& connection, const std::shared_ptr<Pending>& pending,
            const Key& key);

  Executor& workers_;
  std::mutex mutex_;  // guards kept_
  std::map<Key, Kept> kept_;
};

}  // namespace swell::control
