#pragma once
// Callback: what a call's result is handed to.

#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "reconciler/kube/api_error.h"

namespace swell::kube {

// A function of ApiResult<T>, called once.
template <class T>
class Callback {
 public:
  Callback() = default;
  Callback(std::nullptr_t) {}
  // May take its time: it is called on the executor.
  template <class Fn>
    requires(!std::same_as<std::remove_cvref_t<Fn>, Callback> &&
             std::invocable<std::remove_cvref_t<Fn>&, ApiResult<T>>)
  Callback(Fn&& fn) : fn_(std::forward<Fn>(fn)) {}

  // One that neither blocks nor takes long: small answers are parsed on the client's loop and it is
  // called there, which is less work than waking another thread. Others call it on the executor.
  template <class Fn>
  static Callback Brief(Fn&& fn) {
    Callback out(std::forward<Fn>(fn));
    out.brief_ = true;
    return out;
  }
  bool brief() const { return brief_; }

  void operator()(ApiResult<T> result) { fn_(std::move(result)); }
  explicit operator bool() const { return static_cast<bool>(fn_); }

 private:
  std::move_only_function<void(ApiResult<T>)> fn_;
  bool brief_ = false;
};

}  // namespace swell::kube
