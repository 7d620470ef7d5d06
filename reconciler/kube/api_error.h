#pragma once
// ApiError: why a call to a cluster failed, with what the API server said about it.

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/error.h"

namespace swell::kube {

// One of the details of a Kubernetes Status: {reason: FieldManagerConflict, field: ".data.k",
// message: "conflict with \"helm\""}.
struct StatusCause {
  std::string reason;
  std::string field;
  std::string message;
  friend bool operator==(const StatusCause&, const StatusCause&) = default;
};

// The code of `error` says what to do (facts/engine, C "Retries" and "Server-side apply"):
//   kUnauthenticated     401, after the credentials were refreshed once
//   kPermissionDenied    403 (also a terminating namespace: IsNamespaceTerminating)
//   kNotFound            404: the object, its namespace, or a kind that is not served
//   kAlreadyExists       409 AlreadyExists
//   kAborted             409 else: changed meanwhile, or a precondition (uid) does not hold
//   kFailedPrecondition  409 with FieldManagerConflict: another manager owns a field
//   kOutOfRange          410: the resourceVersion or continue token has expired; list again
//   kInvalidArgument     400, 405, 406, 413, 415, 422, and the 500s of a typed patch
//   kResourceExhausted   429 until the retries ran out; or an answer over Swell's own limit
//   kUnavailable         5xx, unreachable, broken off
//   kDeadlineExceeded    no answer in time: the server may or may not have acted
//   kDataLoss            an answer that is no Kubernetes object (HTML, half a body, garbage)
//   kCancelled           cancelled, or the client is gone
// Messages name the cluster and the request, and never hold values of a Secret.
struct ApiError {
  Error error;
  int http_status = 0;         // 0: no answer
  std::string reason;          // Status.reason: "Invalid", "Conflict"; may be empty
  std::string server_message;  // Status.message, redacted for Secrets; may be empty
  std::vector<StatusCause> causes;
  std::optional<Duration> retry_after;
  // The answer was a Kubernetes Status (a kind that is not served gets a bare 404).
  bool from_status = false;

  ErrorCode code() const { return error.code(); }
  std::string ToString() const { return error.ToString(); }
  // So that TRY and Result<T> work with it.
  operator Error() const& { return error; }
  operator Error() && { return std::move(error); }

  // The kind (group, version, resource) is not served: 404 that is no Status.
  bool IsNotServed() const;
  // 404 because the namespace of the object does not exist.
  bool IsNamespaceMissing() const;
  // 403 because the namespace is being deleted: wait and retry.
  bool IsNamespaceTerminating() const;
  // 409 because other managers own fields; the causes name them.
  bool IsFieldConflict() const;
  // 422 or 409 because a field cannot be changed: only deletion and re-creation helps. Has
  // false positives: dry-run a create before deleting anything.
  bool IsImmutableField() const;
};

// Result<T> with the server's details; converts to Result through TRY.
template <class T>
using ApiResult = std::expected<T, ApiError>;

inline std::unexpected<ApiError> ApiFail(Error error) {
  return std::unexpected<ApiError>(ApiError{.error = std::move(error)});
}

}  // namespace swell::kube
