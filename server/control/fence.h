#pragma once
// Fence: whether this server may still write, anywhere. A server that was stopped or cut off while
// another one took over its database must not go on with the rollouts that are the other's now.

#include <functional>
#include <mutex>
#include <optional>

#include "base/core/error.h"
#include "reconciler/domain/ledger.h"

namespace swell::control {

// Thread-safe. Shared with work on clusters that may end after the engine.
class Fence {
 public:
  // `ledger` must live until Close. `on_lost` is called once, on the thread that found out, and
  // must not call the fence.
  Fence(const Ledger& ledger, std::function<void(const Error&)> on_lost)
      : ledger_(ledger), on_lost_(std::move(on_lost)) {}

  // Asks the ledger, each time: what it said before a process was stopped says nothing about now.
  // False also where the ledger cannot be read; once it is lost, for ever. Asked before each write
  // to a cluster, so that all that can slip through is the one request that was handed to the
  // network when the process was stopped.
  bool Holds();
  // Why it was lost.
  Status status() const;
  // No call to the ledger or of `on_lost` afterwards; Holds is false.
  void Close();

 private:
  const Ledger& ledger_;
  const std::function<void(const Error&)> on_lost_;
  mutable std::mutex mutex_;
  std::optional<Error> lost_;  // guarded by mutex_
  bool closed_ = false;        // guarded by mutex_
};

}  // namespace swell::control
