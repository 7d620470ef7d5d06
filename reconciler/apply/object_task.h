#pragma once
// ObjectTask: what applying and deleting one object have in common: finding where its kind is
// served, and telling the result. Used on the loop alone.

#include <memory>
#include <string>

#include "reconciler/apply/context.h"

namespace swell::apply {

class ObjectTask : public std::enable_shared_from_this<ObjectTask> {
 public:
  ObjectTask(ContextPtr context, const Operation& operation, ResultDone done);
  virtual ~ObjectTask() = default;
  ObjectTask(const ObjectTask&) = delete;
  ObjectTask& operator=(const ObjectTask&) = delete;

  // Resolves the kind and goes on with Run, or with Unserved where the server has no such kind.
  void Start();

 protected:
  virtual void Run() = 0;
  virtual void Unserved(Error error) { FinishWith(std::move(error)); }

  // The object as it is now.
  void Get(kube::Callback<kube::Response> then);
  // The server states that there is none; a kind that is not served says nothing.
  static bool IsGone(const kube::ApiResult<kube::Response>& response);

  void Finish();
  // The error is told as "<verb> apps/Deployment web/frontend: …".
  void FinishWith(Error error);

  // The shared pointer that keeps the derived task alive in callbacks.
  template <class Derived>
  std::shared_ptr<Derived> Self() {
    return std::static_pointer_cast<Derived>(shared_from_this());
  }

  ContextPtr context_;
  const Operation& operation_;  // of the plan that the context holds
  kube::ResourceRef ref_;       // once Run is called
  ObjectResult result_;
  std::string verb_ = "apply";

 private:
  ResultDone done_;
};

}  // namespace swell::apply
