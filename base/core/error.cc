#include "base/core/error.h"

#include <iterator>
#include <utility>

namespace swell {

std::string_view ErrorCodeName(ErrorCode code) {
  static constexpr std::string_view kNames[] = {
      "OK",          "CANCELLED",           "UNKNOWN",           "INVALID_ARGUMENT",
      "DEADLINE_EXCEEDED", "NOT_FOUND",     "ALREADY_EXISTS",    "PERMISSION_DENIED",
      "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",    "OUT_OF_RANGE",
      "UNIMPLEMENTED", "INTERNAL",          "UNAVAILABLE",       "DATA_LOSS",
      "UNAUTHENTICATED"};
  const auto index = static_cast<std::size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "UNKNOWN";
}

Error& Error::Wrap(std::string doing) & {
  context_.push_back(std::move(doing));
  return *this;
}

Error&& Error::Wrap(std::string doing) && { return std::move(Wrap(std::move(doing))); }

Error& Error::At(SourceSpan span) & {
  span_ = std::move(span);
  return *this;
}

Error&& Error::At(SourceSpan span) && { return std::move(At(std::move(span))); }

std::string Error::ToString() const {
  std::string out;
  for (auto it = context_.rbegin(); it != context_.rend(); ++it) {
    out += *it;
    out += ": ";
  }
  if (span_) {
    out += span_->file;
    if (span_->line > 0) {
      out += (span_->file.empty() ? "line " : ":") + std::to_string(span_->line);
      if (span_->column > 0) out += ":" + std::to_string(span_->column);
    }
    if (!span_->file.empty() || span_->line > 0) out += ": ";
  }
  out += message_;
  return out;
}

Error InvalidArgument(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}
Error NotFound(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
Error FailedPrecondition(std::string message) {
  return {ErrorCode::kFailedPrecondition, std::move(message)};
}
Error Unimplemented(std::string message) {
  return {ErrorCode::kUnimplemented, std::move(message)};
}
Error Unavailable(std::string message) { return {ErrorCode::kUnavailable, std::move(message)}; }
Error Internal(std::string message) { return {ErrorCode::kInternal, std::move(message)}; }
Error ResourceExhausted(std::string message) {
  return {ErrorCode::kResourceExhausted, std::move(message)};
}

}  // namespace swell
