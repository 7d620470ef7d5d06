#include "server/control/fence.h"

namespace swell::control {

bool Fence::Holds() {
  const std::lock_guard hold(mutex_);
  if (closed_ || lost_) return false;
  const Status owner = ledger_.CheckOwner();
  if (owner) return true;
  if (owner.error().code() == ErrorCode::kAborted) {
    lost_ = owner.error();
    on_lost_(*lost_);
  }
  return false;
}

Status Fence::status() const {
  const std::lock_guard hold(mutex_);
  if (lost_) return Fail(*lost_);
  return {};
}

void Fence::Close() {
  const std::lock_guard hold(mutex_);
  closed_ = true;
}

}  // namespace swell::control
