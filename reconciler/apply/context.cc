#include "reconciler/apply/context.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace swell::apply {
namespace {

// Of a request without a deadline that makes sense.
constexpr Duration kShortestCall = std::chrono::milliseconds(100);
// How late a wait may notice that it was told to stop.
constexpr Duration kTick = std::chrono::milliseconds(200);

}  // namespace

DesiredIndex::DesiredIndex(Objects desired, Operations operations)
    : desired_(std::move(desired)), operations_(std::move(operations)) {
  if (!desired_ || !operations_) return;
  // Of a large application a change touches little: to name every object would cost more than it.
  std::unordered_set<std::string_view> names;
  for (const Operation& operation : operations_->operations) names.insert(operation.id.name);
  for (const Object& object : *desired_) {
    if (names.contains(object.name())) found_.emplace(object.id(), &object);
  }
}

const Object* DesiredIndex::Find(const ObjectId& id) const {
  const auto found = found_.find(id);
  return found == found_.end() ? nullptr : found->second;
}

Context::Context(Request request)
    : request_(std::move(request)),
      deadline_(std::chrono::steady_clock::now() + request_.deadline) {
  if (request_.index) return;
  request_.index = std::make_shared<const DesiredIndex>(request_.desired, request_.plan.operations);
}

const std::vector<Operation>& Context::operations() const {
  static const std::vector<Operation> kNone;
  return request_.plan.operations ? request_.plan.operations->operations : kNone;
}

Duration Context::Left() const {
  return std::chrono::duration_cast<Duration>(deadline_ - std::chrono::steady_clock::now());
}

Duration Context::CallTimeout() const { return std::clamp(Left(), kShortestCall, kCallTimeout); }

Duration Context::PollTimeout() const { return std::min(CallTimeout(), kPollTimeout); }

Status Context::MayWrite() const {
  if (ToldToStop()) {
    return Fail(Error(ErrorCode::kCancelled, "the apply was told to stop"));
  }
  if (Expired()) {
    return Fail(Error(ErrorCode::kDeadlineExceeded,
                      "the apply took longer than " + FormatDuration(request_.deadline)));
  }
  return {};
}

void Context::After(Duration delay, std::move_only_function<void()> fn) {
  Tick(std::chrono::steady_clock::now() + std::clamp(Left(), Duration(1), delay), std::move(fn));
}

void Context::Tick(std::chrono::steady_clock::time_point until,
                   std::move_only_function<void()> fn) {
  const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
  if (left <= Duration(0) || ToldToStop()) return loop().Post(std::move(fn));
  // What waits holds the context.
  loop().PostAfter(std::min(left, kTick),
                   [this, until, fn = std::move(fn)]() mutable { Tick(until, std::move(fn)); });
}

Duration NextPoll(Duration pause) { return std::min(pause * 2, kLastPoll); }

}  // namespace swell::apply
