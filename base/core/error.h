#pragma once
// Error: what went wrong, where, and what was being done; see result.h for how it travels.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// One to one with gRPC's status codes (same numbers), so that an error keeps its
// meaning from the depths of a renderer to a pipeline's exit code.
enum class ErrorCode : std::uint8_t {
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,    // the user's input is at fault, whatever the state
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,  // a budget or quota ran out
  kFailedPrecondition = 9, // the state is at fault: will fail until something else changes
  kAborted = 10,           // lost a race: re-read and try again
  kOutOfRange = 11,
  kUnimplemented = 12,     // a known feature that Swell refuses; the message names it
  kInternal = 13,          // a bug of Swell's
  kUnavailable = 14,       // the environment is at fault: retry with back-off
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// "INVALID_ARGUMENT", as gRPC spells it.
std::string_view ErrorCodeName(ErrorCode code);

// A place in the user's text. Lines and columns count from 1; 0 means unknown.
struct SourceSpan {
  std::string file;
  int line = 0;
  int column = 0;
  friend bool operator==(const SourceSpan&, const SourceSpan&) = default;
};

// Immutable but for its growing context. Never holds a secret: whoever builds the
// message redacts first.
class Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  // The innermost message, without context or place.
  const std::string& message() const { return message_; }
  const std::optional<SourceSpan>& span() const { return span_; }

  // Adds what was being done, seen from outside: the last added comes first in ToString.
  Error& Wrap(std::string doing) &;
  Error&& Wrap(std::string doing) &&;
  Error& At(SourceSpan span) &;
  Error&& At(SourceSpan span) &&;

  // "render cluster c1: read values.yaml:3:7: did not find expected key"
  std::string ToString() const;

 private:
  ErrorCode code_;
  std::string message_;
  std::vector<std::string> context_;  // innermost first
  std::optional<SourceSpan> span_;
};

Error InvalidArgument(std::string message);
Error NotFound(std::string message);
Error FailedPrecondition(std::string message);
Error Unimplemented(std::string message);
Error Unavailable(std::string message);
Error Internal(std::string message);
Error ResourceExhausted(std::string message);

}  // namespace swell
