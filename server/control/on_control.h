#pragma once
// For the controller's own sources: running on its loop from another thread.

#include <optional>

#include "server/control/controller.h"

namespace swell::control {

// What `fn` returns, computed on the control loop; kUnavailable where that has stopped. `fn`
// must return a Result.
template <class Fn>
auto Controller::OnControl(Fn fn) {
  std::optional<decltype(fn())> result;
  control_.Run([&] { result.emplace(fn()); });
  if (!result) result.emplace(Fail(Unavailable("the server is going down")));
  return std::move(*result);
}

}  // namespace swell::control
