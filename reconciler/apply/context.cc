#include "reconciler/apply/context.h"

#include <algorithm>

namespace swell::apply {
namespace {

// Of a request without a deadline that makes sense.
constexpr Duration kShortestCall = std::chrono::milliseconds(100);

}  // namespace

Context::Context(Request request)
    : request_(std::move(request)),
      deadline_(std::chrono::steady_clock::now() + request_.deadline) {
  if (!request_.desired) return;
  for (const Object& object : *request_.desired) desired_.emplace(object.id(), &object);
}

const std::vector<Operation>& Context::operations() const {
  static const std::vector<Operation> kNone;
  return request_.plan.operations ? request_.plan.operations->operations : kNone;
}

const Object* Context::Find(const ObjectId& id) const {
  const auto found = desired_.find(id);
  return found == desired_.end() ? nullptr : found->second;
}

Duration Context::Left() const {
  return std::chrono::duration_cast<Duration>(deadline_ - std::chrono::steady_clock::now());
}

Duration Context::CallTimeout() const { return std::clamp(Left(), kShortestCall, kCallTimeout); }

Status Context::MayWrite() const {
  if (request_.may_write && !request_.may_write()) {
    return Fail(Error(ErrorCode::kCancelled, "the apply was told to stop"));
  }
  if (Expired()) {
    return Fail(Error(ErrorCode::kDeadlineExceeded,
                      "the apply took longer than " + FormatDuration(request_.deadline)));
  }
  return {};
}

void Context::After(Duration delay, std::move_only_function<void()> fn) {
  loop().PostAfter(std::clamp(Left(), Duration(1), delay), std::move(fn));
}

Duration NextPoll(Duration pause) { return std::min(pause * 2, kLastPoll); }

}  // namespace swell::apply
