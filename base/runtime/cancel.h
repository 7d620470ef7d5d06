#pragma once
// Cooperative cancellation: a source cancels, its tokens tell.

#include <functional>
#include <memory>

#include "base/core/error.h"

namespace swell {

namespace internal {
struct CancelState;
}

// Keeps a callback registered for as long as it lives. Move-only. Destroying it waits until
// a callback that is running on another thread has returned, so that what the callback
// refers to may be destroyed next.
class CancelRegistration {
 public:
  CancelRegistration() = default;
  CancelRegistration(CancelRegistration&& other) noexcept;
  CancelRegistration& operator=(CancelRegistration&& other) noexcept;
  ~CancelRegistration() { Reset(); }
  void Reset();

 private:
  friend class CancelToken;
  CancelRegistration(std::shared_ptr<internal::CancelState> state, unsigned long id)
      : state_(std::move(state)), id_(id) {}
  std::shared_ptr<internal::CancelState> state_;
  unsigned long id_ = 0;
};

// Copyable and thread-safe. The default token is never cancelled.
class CancelToken {
 public:
  CancelToken() = default;

  bool cancelled() const;
  // kCancelled, saying why; only meaningful once cancelled.
  Error error() const;
  // Calls `fn` once: on the thread that cancels, or in place if that has happened already.
  [[nodiscard]] CancelRegistration OnCancel(std::move_only_function<void()> fn) const;

 private:
  friend class CancelSource;
  explicit CancelToken(std::shared_ptr<internal::CancelState> state) : state_(std::move(state)) {}
  std::shared_ptr<internal::CancelState> state_;
};

// Thread-safe; copies share the state. Dropping it does not cancel.
class CancelSource {
 public:
  CancelSource();
  CancelToken token() const { return CancelToken(state_); }
  // Runs the callbacks in the order of their registration. Later calls do nothing.
  void Cancel(std::string why = "cancelled");

 private:
  std::shared_ptr<internal::CancelState> state_;
};

}  // namespace swell
